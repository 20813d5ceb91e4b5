/** `ensemble` and `standalone`: servers on this machine without a configuration, to try things out on. */
import { type Ensemble, type EnsembleOptions, startLaidOut } from "../ensemble/ensemble.js";
import type { EnsembleControl } from "../ensemble/ensemble-control.js";
import type { LayoutKind } from "../ensemble/ensemble-layout.js";
import { formatHostAndPort } from "../node/connect-string.js";
import { startProcessEnsemble } from "../ensemble/process-ensemble.js";
import type { DataTree } from "@jute-ts/data-tree";
import { describeReport, reportLevel, reportToJson } from "../admin/report-text.js";
import {
  COMMAND_NAME,
  type CommandLine,
  type OutputFormat,
  reportFailure,
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
    const metrics = running.peer(sid).metrics();
    const epoch = running.peer(sid).status().epoch;
    const clientAddress = formatHostAndPort(client);
    line.write(
      format === "json"
        ? JSON.stringify({ server: String(sid), role: metrics.serverState, epoch, clientAddress })
        : `server ${sid}: ${metrics.serverState} in epoch ${epoch ?? "-"}, answers at ${clientAddress}`,
    );
  }
  showReports(running, format, line);
  return running;
}

function showReports(running: Ensemble, format: OutputFormat, line: CommandLine): void {
  for (const [sid, peer] of running.peers) {
    peer.on("report", (report) => {
      if (reportLevel(report) === "detail") return;
      line.write(
        format === "json"
          ? JSON.stringify({ server: String(sid), report: reportToJson(report) })
          : `server ${sid}: ${describeReport(report)}`,
      );
    });
  }
}

async function startProcesses(
  request: EnsembleRequest,
  format: OutputFormat,
  line: CommandLine,
): Promise<EnsembleControl> {
  const running = await startProcessEnsemble({
    ...request,
    format,
    program: line.program,
    onLine: (_sid, text) => {
      line.write(text);
    },
  });
  for (const { sid, pid, client } of running.servers) {
    const clientAddress = formatHostAndPort(client);
    line.write(
      format === "json"
        ? JSON.stringify({ server: String(sid), pid, clientAddress })
        : `server ${sid}: process ${pid ?? "-"}, answers at ${clientAddress}`,
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
  if (format === "json") {
    line.write(JSON.stringify({ connectString, directory }));
    return;
  }
  line.write(`connect clients to ${connectString}`);
  line.write(`ask how they are: ${COMMAND_NAME} status ${connectString}`);
  const isKept = request.directory !== undefined;
  const data =
    directory === undefined
      ? "data in memory, gone at the end"
      : `data in ${directory}, ${isKept ? "which stays" : "removed at the end"}`;
  line.write(`${data}; stop with Ctrl+C`);
}
