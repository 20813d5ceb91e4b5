/** `ensemble` and `standalone`: servers on this machine without a configuration, to try things out on. */
import { type Ensemble, type EnsembleOptions, startLaidOut } from "../ensemble/ensemble.js";
import type { EnsembleControl } from "../ensemble/ensemble-control.js";
import type { LayoutKind } from "../ensemble/ensemble-layout.js";
import { auditFields, auditText } from "../clients/index.js";
import { formatHostAndPort } from "../node/connect-string.js";
import { liveMetrics } from "../node/peer.js";
import { startProcessEnsemble } from "../ensemble/process-ensemble.js";
import type { DataTree } from "@jute-ts/data-tree";
import { reportToJson } from "../admin/report-text.js";
import { type ReportWords, reportWords } from "../admin/standalone-text.js";
import {
  COMMAND_NAME,
  type CommandLine,
  type OutputFormat,
  reportFailure,
  tell,
} from "./command-line.js";
import { EXIT_DONE, type ExitCode } from "./exit-code.js";

/** What is asked for on the command line. */
export interface EnsembleRequest extends Pick<
  EnsembleOptions<DataTree>,
  "size" | "observers" | "clientPort" | "directory" | "settings" | "storage"
> {
  readonly kind: LayoutKind;
  /** Whether each server is a process. */
  readonly processes: boolean;
}

/** Runs until it is told to stop. */
export async function ensemble(
  request: EnsembleRequest,
  format: OutputFormat,
  line: CommandLine,
): Promise<ExitCode> {
  const toEnd = new Promise<undefined>((resolve) => {
    line.onEnd(() => {
      resolve(undefined);
    });
  });
  const starting = request.processes
    ? startProcesses(request, format, line)
    : startInOneProcess(request, format, line);
  try {
    const running = await Promise.race([starting, toEnd]);
    if (running !== undefined) announce(running, request, format, line);
    await toEnd;
    await (await starting).stop();
    return EXIT_DONE;
  } catch (error) {
    return reportFailure(error, format, line);
  }
}

async function startInOneProcess(
  request: EnsembleRequest,
  format: OutputFormat,
  line: CommandLine,
): Promise<EnsembleControl> {
  const running = await startLaidOut<DataTree>(request, request.kind);
  for (const { sid, client } of running.servers) {
    const metrics = liveMetrics(running.peer(sid));
    const epoch = running.peer(sid).status().epoch;
    const clientAddress = formatHostAndPort(client);
    const role = metrics.serverState;
    tell(
      `server ${sid}: ${role} in epoch ${epoch ?? "-"}, answers at ${clientAddress}`,
      { server: String(sid), role, epoch, clientAddress },
      format,
      line,
    );
  }
  showReports(running, reportWords(request.kind === "standalone"), format, line);
  return running;
}

function showReports(
  running: Ensemble,
  words: ReportWords,
  format: OutputFormat,
  line: CommandLine,
): void {
  for (const [sid, peer] of running.peers) {
    peer.on("report", (report) => {
      const level = words.level(report);
      if (level === "detail") return;
      const fields = { level, server: String(sid), report: reportToJson(report) };
      tell(`server ${sid}: ${words.text(report)}`, fields, format, line);
    });
    peer.on("audited", (event) => {
      const fields = { server: String(sid), audit: auditFields(event) };
      tell(`server ${sid}: audit: ${auditText(event)}`, fields, format, line);
    });
  }
}

async function startProcesses(
  request: EnsembleRequest,
  format: OutputFormat,
  line: CommandLine,
): Promise<EnsembleControl> {
  const { size, observers, clientPort, directory, settings } = request;
  const running = await startProcessEnsemble({
    size,
    observers,
    clientPort,
    directory,
    settings,
    output: format,
    program: line.program,
    onLine: (_sid, text) => {
      line.write(text);
    },
  });
  for (const { sid, pid, client } of running.servers) {
    const clientAddress = formatHostAndPort(client);
    tell(
      `server ${sid}: process ${pid ?? "-"}, answers at ${clientAddress}`,
      { server: String(sid), pid, clientAddress },
      format,
      line,
    );
  }
  return running;
}

function announce(
  { directory, connectString }: EnsembleControl,
  request: EnsembleRequest,
  format: OutputFormat,
  line: CommandLine,
): void {
  tell(`connect clients to ${connectString}`, { connectString, directory }, format, line);
  if (format === "json") return;
  line.write(`ask how they are: ${COMMAND_NAME} status ${connectString}`);
  const isKept = request.directory !== undefined;
  const data =
    directory === undefined
      ? "data in memory, gone at the end"
      : `data in ${directory}, ${isKept ? "which stays" : "removed at the end"}`;
  line.write(`${data}; stop with Ctrl+C`);
}
