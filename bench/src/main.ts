/**
 * `npm run bench`: measures our packages as built, one process for each
 * repetition, and reports ratios against every peer. Method and meaning:
 * docs/performance.md.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { APACHE_C, APACHE_JAVA, buildC, buildJava } from "./apache.js";
import { HELP, readOptions, type BenchOptions } from "./arguments.js";
import { runCommand, UsageError } from "./command.js";
import { findBrowsers } from "./hosts/browser.js";
import type { MeasuringHost } from "./hosts/host.js";
import { nodeHost } from "./hosts/node.js";
import { describeMachine } from "./machine.js";
import { writeCharts } from "./pictures/write.js";
import { RIVALS } from "./peers/index.js";
import { JUTE } from "./peers/jute.js";
import { MODES } from "./peers/peer.js";
import { loadSketch } from "./peers/sketch.js";
import { installedVersion } from "./peers/versions.js";
import { cellsOf, type Report } from "./report.js";
import { formatReport } from "./table.js";
import type { WorkerRequest, WorkerResult } from "./worker-protocol.js";
import { WORKLOADS } from "./workloads.js";

/** By name; each takes the id of a workload after its arguments. */
type ApacheCommands = WorkerRequest["apache"];

/** How long a run takes: the same method, more or fewer rounds. */
const FULL = { rounds: 61, batchMs: 1.5, warmMs: 12, warmPasses: 3 };
const QUICK = { rounds: 15, batchMs: 0.6, warmMs: 6, warmPasses: 2 };

await runCommand(main);

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (!options.charts) await measureAll(options);
  if (options.out !== undefined) writeCharts(options.out);
  return 0;
}

async function measureAll(options: BenchOptions): Promise<void> {
  if (options.sketch !== undefined) await loadSketch(options.sketch);
  if (options.out !== undefined) mkdirSync(options.out, { recursive: true });
  const nodes = options.nodes.map(nodeHost);
  checkFolders(nodes, options);
  const apache = buildApache(options);
  const { hosts, missing } = options.browser
    ? await findBrowsers()
    : { hosts: [] as MeasuringHost[], missing: [] };
  const all = [...nodes, ...hosts];
  for (const line of missing) console.error(line);
  if (all.length === 0) throw new UsageError("There is nothing to measure on.");
  try {
    for (const host of all) emit(await measureOn(host, options, apache), host, options);
  } finally {
    for (const host of all) host.close();
  }
}

/** The results of one Node must not replace another one's. */
function checkFolders(nodes: readonly MeasuringHost[], { out }: BenchOptions): void {
  const again = nodes.find(({ id }, index) => nodes.findIndex((each) => each.id === id) < index);
  if (out !== undefined && again !== undefined) {
    throw new UsageError(
      `--node names two that would write ${join(out, again.id)}: measure them one after the other, with --out of their own.`,
    );
  }
}

function buildApache(options: BenchOptions): ApacheCommands {
  const warmMs = options.quick ? 40 : 150;
  return {
    ...(options.java ? { [APACHE_JAVA]: buildJava(warmMs) } : {}),
    ...(options.c ? { [APACHE_C]: buildC() } : {}),
  };
}

async function measureOn(
  host: MeasuringHost,
  options: BenchOptions,
  apache: ApacheCommands,
): Promise<Report> {
  const rivals = options.rivals.filter(
    (name) => host.isNode || RIVALS[name]?.nodeOnly === undefined,
  );
  const results = await runAll(host, { ...options, rivals }, host.isNode ? apache : {});
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    host: host.name,
    quick: options.quick,
    versions: {
      [JUTE]: installedVersion("@jute-ts/runtime"),
      ...Object.fromEntries(
        rivals.map((name) => [name, installedVersion(RIVALS[name]?.package ?? name)]),
      ),
      ...(Object.assign({}, ...results.map((result) => result.versions)) as Report["versions"]),
    },
    notes: options.rivals.flatMap((name) => noteOn(name, host)),
    workloads: options.workloads.map((id) => ({
      id,
      title: WORKLOADS.find((each) => each.id === id)?.title ?? id,
      bytes: results.find((result) => result.workload === id)?.bytes ?? 0,
    })),
    cells: cellsOf(results),
  };
}

function noteOn(name: string, host: MeasuringHost): string[] {
  const { nodeOnly, note } = RIVALS[name] ?? {};
  if (!host.isNode && nodeOnly !== undefined) return [`${name} is left out here: it ${nodeOnly}`];
  return note === undefined ? [] : [`${name}: ${note}`];
}

async function runAll(
  host: MeasuringHost,
  options: BenchOptions,
  apache: ApacheCommands,
): Promise<WorkerResult[]> {
  const results: WorkerResult[] = [];
  // Only Node counts what is allocated.
  const passes = [
    ...(host.isNode ? ["allocations" as const] : []),
    ...Array.from({ length: options.repetitions }, () => "time" as const),
  ];
  const start = performance.now();
  for (const [pass, measure] of passes.entries()) {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.error(
      `${host.name}, process ${String(pass + 1)} of ${String(passes.length)}, after ${seconds} s: ${measure}`,
    );
    const request: WorkerRequest = {
      workloads: options.workloads,
      modes: MODES,
      rivals: options.rivals,
      withoutBuffer: host.isNode && options.withoutBuffer,
      sketch: host.isNode ? options.sketch : undefined,
      measure,
      apache,
      ...(options.quick ? QUICK : FULL),
    };
    results.push(...(await host.run(request)));
  }
  return results;
}

function emit(report: Report, host: MeasuringHost, options: BenchOptions): void {
  const json = JSON.stringify(report, null, 2);
  // A line each, because there may be several hosts.
  console.log(options.output === "json" ? JSON.stringify(report) : `${formatReport(report)}\n`);
  if (options.out === undefined) return;
  const folder = join(options.out, host.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.json"), `${json}\n`);
  writeFileSync(join(folder, "results.txt"), `${formatReport(report)}\n`);
}
