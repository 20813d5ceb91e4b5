/** `zk-peer start zoo.cfg`: runs a peer until it is told to stop. */
import { ConfigurationError, formatPosition } from "../configuration/index.js";
import { configurePeer, type LoadedConfiguration, loadConfiguration } from "../node/server.js";
import { describeReport, reportLevel, reportToJson } from "../admin/report-text.js";
import type { CommandLine } from "./command-line.js";

export interface StartOptions {
  readonly format: "text" | "json";
  /** Whether details are shown too. */
  readonly verbose: boolean;
}

/** Runs the peer of a configuration. Returns the exit code when it has stopped. */
export async function start(
  path: string,
  { format, verbose }: StartOptions,
  line: CommandLine,
): Promise<number> {
  const loaded = load(path, line);
  if (loaded === undefined) return EXIT_CONFIGURATION;
  const { settings, notes } = loaded;
  for (const note of notes) line.error(`note: ${formatPosition(note)}`);
  const configured = await configurePeer(loaded);
  const { peer } = configured;
  const say = (level: string, text: string, fields: Record<string, unknown>): void => {
    const time = new Date().toISOString();
    line.write(
      format === "json"
        ? JSON.stringify({ time, level, server: String(settings.sid), text, ...fields })
        : `${time} server ${settings.sid} ${text}`,
    );
  };
  peer.on("report", (report) => {
    const level = reportLevel(report);
    if (level === "detail" && !verbose) return;
    say(level, describeReport(report), { report: reportToJson(report) });
  });
  if (configured.clientPort !== undefined) {
    say("info", `answers commands on port ${configured.clientPort}`, {});
  }
  const ended = new Promise<number>((resolve) => {
    peer.on("stopped", (reason) => {
      if (reason.kind === "asked") {
        resolve(0);
      } else {
        say("error", `stopped: ${reason.text}`, { reason: reason.kind });
        resolve(reason.kind === "refusedToStart" ? EXIT_REFUSED : EXIT_FAILED);
      }
    });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    line.onSignal(signal, () => void configured.stop());
  }
  try {
    await configured.start();
  } catch (error) {
    // A peer that has stopped has said why.
    if (peer.stopReason === undefined) {
      say("error", error instanceof Error ? error.message : String(error), {});
      await configured.stop();
      return EXIT_FAILED;
    }
  }
  const code = await ended;
  await configured.stop();
  return code;
}

function load(path: string, line: CommandLine): LoadedConfiguration | undefined {
  try {
    return loadConfiguration(path);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const problem of error.problems) line.error(formatPosition(problem));
    } else {
      line.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  }
}

const EXIT_FAILED = 1;
const EXIT_CONFIGURATION = 2;
const EXIT_REFUSED = 3;
