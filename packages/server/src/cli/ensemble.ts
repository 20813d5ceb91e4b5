/** `zk-peer ensemble`: a whole ensemble on loopback, to try things out on. */
import { type Ensemble, startEnsemble } from "../ensemble/ensemble.js";
import { startProcessEnsemble } from "../ensemble/process-ensemble.js";
import { describeReport, reportLevel, reportToJson } from "../admin/report-text.js";
import type { CommandLine } from "./command-line.js";

export interface EnsembleCommandOptions {
  readonly size: number;
  readonly observers: number;
  /** Each server in a process of its own, which can be killed. */
  readonly processes: boolean;
  readonly format: "text" | "json";
}

/** Runs until it is told to stop. */
export async function ensemble(
  options: EnsembleCommandOptions,
  line: CommandLine,
): Promise<number> {
  return options.processes
    ? await runProcesses(options, line)
    : await runInOneProcess(options, line);
}

async function runInOneProcess(
  { size, observers, format }: EnsembleCommandOptions,
  line: CommandLine,
): Promise<number> {
  const running = await startEnsemble({ size, observers });
  showReports(running, format, line);
  for (const sid of running.sids) {
    const { role, epoch } = running.peer(sid).status();
    line.write(
      format === "json"
        ? JSON.stringify({ server: String(sid), role, epoch })
        : `server ${sid} is ${role} in epoch ${epoch ?? "-"}`,
    );
  }
  line.error(`data in ${running.directory}; stop with Ctrl+C`);
  await untilSignal(line);
  await running.stop();
  return 0;
}

function showReports(running: Ensemble, format: "text" | "json", line: CommandLine): void {
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

async function runProcesses(
  { size, observers, format }: EnsembleCommandOptions,
  line: CommandLine,
): Promise<number> {
  const running = await startProcessEnsemble({
    size,
    observers,
    onLine: (_sid, text) => {
      line.write(text);
    },
    format,
  });
  for (const { sid, pid, clientAddress } of running.servers) {
    line.error(`server ${sid}: process ${pid ?? "-"}, commands at ${clientAddress}`);
  }
  line.error(`data in ${running.directory}; stop with Ctrl+C`);
  await untilSignal(line);
  await running.stop();
  return 0;
}

function untilSignal(line: CommandLine): Promise<void> {
  return new Promise((resolve) => {
    line.onSignal("SIGINT", resolve);
    line.onSignal("SIGTERM", resolve);
  });
}
