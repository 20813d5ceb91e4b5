/**
 * `npm run bench`: measures our packages as built, one process for each workload
 * and repetition, and reports ratios against every peer. Method and meaning:
 * docs/performance.md.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ALLOCATION_FLAGS } from "./allocations.js";
import { APACHE_C, APACHE_JAVA, ApacheMissing, buildC, buildJava } from "./apache.js";
import { HELP, readOptions, type BenchOptions } from "./arguments.js";
import { drawChart } from "./chart.js";
import { describeMachine, nodeVersions } from "./machine.js";
import { cellsOf, type Report } from "./report.js";
import { formatReport } from "./table.js";
import type { WorkerRequest, WorkerResult } from "./worker-protocol.js";
import { WORKLOADS } from "./workloads.js";

type ApacheCommands = Readonly<Record<string, (workload: string) => readonly string[]>>;

/** How long a run takes: the same method, more or fewer rounds. */
const FULL = { rounds: 61, batchMs: 1.5, warmMs: 12, warmPasses: 3 };
const QUICK = { rounds: 15, batchMs: 0.6, warmMs: 6, warmPasses: 2 };

const WORKER = fileURLToPath(new URL("./worker.js", import.meta.url));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Wrong options and missing programs are for people; anything else needs its stack.
  const expected =
    error instanceof ApacheMissing ||
    (error instanceof Error && (error.stack ?? "").includes("readOptions"));
  console.error(expected ? error.message : error);
  process.exitCode = 2;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const apache = buildApache(options);
  const results = await runAll(options, apache);
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    ...nodeVersions(options.node),
    quick: options.quick,
    versions: Object.assign({}, ...results.map((result) => result.versions)) as Report["versions"],
    workloads: options.workloads.map((id) => ({
      id,
      title: WORKLOADS.find((each) => each.id === id)?.title ?? id,
      bytes: results.find((result) => result.workload === id)?.bytes ?? 0,
    })),
    cells: cellsOf(results),
  };
  const json = JSON.stringify(report, null, 2);
  console.log(options.format === "json" ? json : formatReport(report));
  if (options.out !== undefined) {
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, "results.json"), `${json}\n`);
    writeFileSync(join(options.out, "results.txt"), `${formatReport(report)}\n`);
    writeFileSync(join(options.out, "chart.svg"), drawChart(report));
  }
  return 0;
}

function buildApache(options: BenchOptions): ApacheCommands {
  const warmMs = options.quick ? 40 : 150;
  return {
    ...(options.java ? { [APACHE_JAVA]: buildJava(warmMs) } : {}),
    ...(options.c ? { [APACHE_C]: buildC() } : {}),
  };
}

async function runAll(options: BenchOptions, apache: ApacheCommands): Promise<WorkerResult[]> {
  const results: WorkerResult[] = [];
  const processes = options.workloads.length * (options.repetitions + 1);
  const start = performance.now();
  const progress = (done: number, what: string): void => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.error(`[${String(done)}/${String(processes)}, ${seconds} s] ${what}`);
  };
  // Whole passes over all workloads, so that a bad minute of the machine hits one repetition of each.
  for (let repetition = 0; repetition <= options.repetitions; repetition++) {
    for (const id of options.workloads) {
      const measure = repetition === 0 ? "allocations" : "time";
      progress(results.length, `${measure} of workload ${id}`);
      results.push(await runWorker(options, apache, id, measure));
    }
  }
  progress(results.length, "done");
  return results;
}

async function runWorker(
  options: BenchOptions,
  apache: ApacheCommands,
  workload: string,
  measure: WorkerRequest["measure"],
): Promise<WorkerResult> {
  const request: WorkerRequest = {
    workload,
    rivals: options.rivals,
    withoutBuffer: options.withoutBuffer,
    measure,
    apache:
      measure === "allocations"
        ? {}
        : Object.fromEntries(
            Object.entries(apache).map(([name, command]) => [name, command(workload)]),
          ),
    ...(options.quick ? QUICK : FULL),
  };
  const flags = measure === "allocations" ? ALLOCATION_FLAGS : [];
  const child = spawn(options.node, [...flags, WORKER, JSON.stringify(request)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`The worker for workload ${workload} ended with exit code ${String(code)}`);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as WorkerResult;
}
