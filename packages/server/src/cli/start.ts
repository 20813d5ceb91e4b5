import type { StopReason } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { formatZxid } from "@jute-ts/zookeeper";
import type { RestoreOffer } from "../admin/restore-command.js";
import { messageOf } from "../node/system-error.js";
import {
  type ConfiguredPeer,
  configurePeer,
  loadConfiguration,
  type LoadedConfiguration,
  type RestoreOutcome,
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
    if (!servesClients(loaded)) {
      const position = { fileName: path, line: 0 };
      remark({ level: "warning", text: NO_CLIENT_PORT, position }, options.format, line);
    }
    const restoreOffer: RestoreOffer = { lastMs: -Infinity };
    let isToEnd = false;
    const configure = async (): Promise<ConfiguredPeer> =>
      await configurePeer(loaded, {
        newState: (_sid, tree) => new DataTree(tree),
        restoreOffer,
      });
    configured = await configure();
    // Once, for whichever runs then: what is held here is held as long as the process lives.
    line.onEnd(() => {
      isToEnd = true;
      void configured?.stop();
    });
    for (;;) {
      const exitCode = await run(loaded, configured, () => isToEnd, options, line);
      if (exitCode !== "again") return exitCode;
      configured = await configure();
    }
  } catch (error) {
    const exitCode = reportFailure(error, options.format, line);
    await configured?.stop();
    return exitCode;
  }
}

function servesClients({ settings: { client, secureClient } }: LoadedConfiguration): boolean {
  return client !== undefined || secureClient?.address !== undefined;
}

/**
 * Rejects when the peer does not start. "again": it has stopped to begin anew with other data.
 * `isToEnd`: whether the command was told to end by now.
 */
async function run(
  { settings, positionOf }: LoadedConfiguration,
  configured: ConfiguredPeer,
  isToEnd: () => boolean,
  { format, verbose }: StartOptions,
  line: CommandLine,
): Promise<ExitCode | "again"> {
  const { peer } = configured;
  const audits = settings.audit !== undefined && settings.audit.file === undefined;
  const { sid, isStandalone } = settings;
  const log = new ServerLog({ sid, isStandalone, format, verbose, audits }, line);
  let hasStarted = false;
  // A start that fails says so once, and not also that everything is taken down again.
  log.follow(
    peer,
    (report) => hasStarted || report.kind !== "roleChanged" || report.role !== "stopped",
  );
  const ended = new Promise<StopReason>((resolve) => {
    peer.on("stopped", resolve);
  });
  if (isToEnd()) {
    // Told to end before it began.
    await configured.stop();
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
  const outcome = await configured.restoring;
  await configured.stop();
  if (outcome !== undefined) sayOutcome(outcome, log);
  if (outcome !== undefined && !isToEnd()) return "again";
  if (reason.kind === "asked") return EXIT_DONE;
  const text = `server.${settings.sid} has stopped: ${reason.text}`;
  remark({ level: "error", text, position: positionOf("dataDir") }, format, line);
  return EXIT_FAILED;
}

function sayOutcome(outcome: RestoreOutcome, log: ServerLog): void {
  if (outcome.kind === "failed") {
    log.say(
      "warning",
      `not restored, and begins anew with what it had: ${messageOf(outcome.error)}`,
    );
    return;
  }
  const { file, kept } = outcome.restored;
  const zxid = formatZxid(outcome.zxid);
  const before = kept.join(" and ");
  log.say("info", `restored as of ${zxid} into ${file}; what was there before is in ${before}`, {
    zxid,
    file,
    kept,
  });
}

const NO_CLIENT_PORT =
  "no client can connect: neither clientPort nor secureClientPort is set. Write clientPort=2181.";

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
