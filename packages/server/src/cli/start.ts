import type { StopReason } from "@jute-ts/quorum";
import {
  type ConfiguredPeer,
  configurePeer,
  loadConfiguration,
  type LoadedConfiguration,
} from "../node/server.js";
import { type CommandLine, type OutputFormat, remark, reportFailure } from "./command-line.js";
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from "./exit-code.js";
import { ServerLog } from "./server-log.js";

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
  const { peer } = configured;
  const audits = settings.audit !== undefined && settings.audit.file === undefined;
  const log = new ServerLog({ sid: settings.sid, format, verbose, audits }, line);
  let hasStarted = false;
  // A start that fails says so once, and not also that everything is taken down again.
  log.follow(
    peer,
    (report) => hasStarted || report.kind !== "roleChanged" || report.role !== "stopped",
  );
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
  sayPorts(configured, log);
  const reason = await ended;
  await configured.stop();
  if (reason.kind === "asked") return EXIT_DONE;
  const text = `server.${settings.sid} has stopped: ${reason.text}`;
  remark({ level: "error", text, position: positionOf("dataDir") }, format, line);
  return EXIT_FAILED;
}

/** Which ports are open: zoo.cfg may ask for any that is free. */
function sayPorts(
  { clientPort, secureClientPort, adminPort, metricsPort }: ConfiguredPeer,
  log: ServerLog,
): void {
  const ports = [
    ["serves clients and answers commands on port", { clientPort }],
    ["serves clients inside TLS on port", { secureClientPort }],
    ["answers the commands of the admin server on port", { adminPort }],
    ["shows metrics to Prometheus on port", { metricsPort }],
  ] as const;
  for (const [what, fields] of ports) {
    const [port] = Object.values(fields);
    if (port !== undefined) log.say("info", `${what} ${port}`, fields);
  }
}
