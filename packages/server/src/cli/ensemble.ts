/** `ensemble`: a whole ensemble on this machine, to try things out on. */
import { type Ensemble, startEnsemble } from "../ensemble/ensemble.js";
import type { EnsembleControl } from "../ensemble/ensemble-control.js";
import type { EnsembleLayoutOptions } from "../ensemble/ensemble-options.js";
import { formatHostAndPort } from "../node/connect-string.js";
import { startProcessEnsemble } from "../ensemble/process-ensemble.js";
import { describeReport, reportLevel, reportToJson } from "../admin/report-text.js";
import {
  COMMAND_NAME,
  type CommandLine,
  type OutputFormat,
  reportFailure,
} from "./command-line.js";
import { EXIT_DONE, type ExitCode } from "./exit-code.js";

/** Runs until it is told to stop. With `processes`, each server is one. */
export async function ensemble(
  options: EnsembleLayoutOptions,
  processes: boolean,
  format: OutputFormat,
  line: CommandLine,
): Promise<ExitCode> {
  const toEnd = new Promise<undefined>((resolve) => {
    line.onEnd(() => {
      resolve(undefined);
    });
  });
  const starting = processes
    ? startProcesses(options, format, line)
    : startInOneProcess(options, format, line);
  try {
    const running = await Promise.race([starting, toEnd]);
    if (running !== undefined) announce(running, options, format, line);
    await toEnd;
    await (await starting).stop();
    return EXIT_DONE;
  } catch (error) {
    return reportFailure(error, format, line);
  }
}

async function startInOneProcess(
  options: EnsembleLayoutOptions,
  format: OutputFormat,
  line: CommandLine,
): Promise<EnsembleControl> {
  const running = await startEnsemble(options);
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
  options: EnsembleLayoutOptions,
  format: OutputFormat,
  line: CommandLine,
): Promise<EnsembleControl> {
  const running = await startProcessEnsemble({
    ...options,
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
  options: EnsembleLayoutOptions,
  format: OutputFormat,
  line: CommandLine,
): void {
  if (format === "json") {
    line.write(JSON.stringify({ connectString, directory }));
    return;
  }
  const isKept = options.directory !== undefined;
  line.write(`all of them: ${COMMAND_NAME} status ${connectString}`);
  line.write(
    `data in ${directory}, ${isKept ? "which stays" : "removed at the end"}; stop with Ctrl+C`,
  );
}
