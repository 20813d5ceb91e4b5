import type { StopReason } from "@jute-ts/quorum";
import {
  type ConfiguredPeer,
  configurePeer,
  loadConfiguration,
  type LoadedConfiguration,
} from "../node/server.js";
import { describeReport, reportLevel, reportToJson } from "../admin/report-text.js";
import { type CommandLine, type OutputFormat, remark, reportFailure } from "./command-line.js";
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from "./exit-code.js";

export interface StartOptions {
  readonly format: OutputFormat;
  /** Whether details are shown too. */
  readonly verbose: boolean;
}

/** Runs the peer of a configuration. Returns the exit code when it has stopped. */
export async function start(
  path: string,
  options: StartOptions,
  line: CommandLine,
): Promise<ExitCode> {
  let configured: ConfiguredPeer | undefined;
  try {
    const loaded = loadConfiguration(path);
    for (const { message, ...position } of loaded.notes) {
      remark({ level: "warning", text: message, position }, options.format, line);
    }
    configured = await configurePeer(loaded);
    return await run(loaded, configured, options, line);
  } catch (error) {
    const exitCode = reportFailure(error, options.format, line);
    await configured?.stop();
    return exitCode;
  }
}

/** Rejects when the peer does not start. */
async function run(
  { settings, positionOf }: LoadedConfiguration,
  configured: ConfiguredPeer,
  { format, verbose }: StartOptions,
  line: CommandLine,
): Promise<ExitCode> {
  const { peer, clientPort } = configured;
  const say = (level: string, text: string, fields: Record<string, unknown>): void => {
    const time = new Date().toISOString();
    line.write(
      format === "json"
        ? JSON.stringify({ time, level, server: String(settings.sid), text, ...fields })
        : `${time} server ${settings.sid} ${text}`,
    );
  };
  let hasStarted = false;
  peer.on("report", (report) => {
    const level = reportLevel(report);
    if (level === "detail" && !verbose) return;
    // A start that fails says so once, and not also that everything is taken down again.
    if (!hasStarted && report.kind === "roleChanged" && report.role === "stopped") return;
    say(level, describeReport(report), { report: reportToJson(report) });
  });
  const ended = new Promise<StopReason>((resolve) => {
    peer.on("stopped", resolve);
  });
  const stops: Promise<void>[] = [];
  line.onEnd(() => {
    stops.push(configured.stop());
  });
  if (stops.length > 0) {
    // Told to end before it began.
    await Promise.all(stops);
    return EXIT_DONE;
  }
  try {
    await configured.start();
  } catch (error) {
    // Told to stop meanwhile, which is no failure.
    if (peer.stopReason?.kind === "asked") return EXIT_DONE;
    throw error;
  }
  hasStarted = true;
  line.tellStarted();
  if (clientPort !== undefined) say("info", `answers commands on port ${clientPort}`, {});
  const reason = await ended;
  await configured.stop();
  if (reason.kind === "asked") return EXIT_DONE;
  const text = `server.${settings.sid} has stopped: ${reason.text}`;
  remark({ level: "error", text, position: positionOf("dataDir") }, format, line);
  return EXIT_FAILED;
}
