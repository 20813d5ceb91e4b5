/**
 * `npm run bench:guard`: fails when a change makes us allocate clearly more, or
 * when our lead over the frozen plain implementation collapses. It never looks at
 * times alone. A lead is the median over several processes, as V8 does not compile the
 * same code alike in each of them, of medians over rounds in which both sides took turns.
 *
 * `--record` writes what it measures to guard.json as the figures to hold on this
 * major version of Node. Versions differ in what costs how much, so each has its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { listOf, parseOptions, runCommand } from "../command.js";
import { BASELINE } from "../baseline/plain-peer.js";
import type { MeasuringHost } from "../hosts/host.js";
import { nodeHost } from "../hosts/node.js";
import { JUTE } from "../peers/jute.js";
import { cellsOf } from "../report.js";
import { alignColumns } from "../text-table.js";
import type { WorkerRequest, WorkerResult } from "../worker-protocol.js";
import { judge, recordedFor, type FiguresByCase, type GuardRecord, type Verdict } from "./judge.js";

/** Processes that time everything. With five, two may be compiled badly and change nothing. */
const PROCESSES = 5;

const REQUEST = {
  workloads: ["a", "b", "d", "i"],
  modes: ["encode", "write", "decode"],
  rivals: [],
  apache: {},
  withoutBuffer: false,
  rounds: 31,
  batchMs: 0.4,
  warmMs: 12,
  warmPasses: 2,
} as const satisfies Omit<WorkerRequest, "measure">;

const RECORD = fileURLToPath(new URL("../../guard.json", import.meta.url));

const HELP = `Usage: npm run bench:guard -- [options]

Fails when we allocate clearly more than guard.json says, or lose our lead over a frozen
plain implementation of Jute.

  --record            Write what is measured to guard.json, for each major version of Node
  --node A,B          Measure on these Node binaries, or versions: 20,22,24 takes
                      each from npm's package \`node\`
  --help              This text
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, {
    record: { type: "boolean", default: false },
    node: { type: "string", default: process.execPath },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  let failed = false;
  for (const host of listOf(values.node).map(nodeHost)) {
    const measured = await measure(host);
    const major = host.id.replace("node", "");
    if (values.record) {
      record(major, measured);
      console.log(`Recorded the figures of ${host.name}.`);
    } else {
      const verdicts = judge(measured, recordedFor(readRecord(), Number(major)));
      printVerdicts(host, verdicts);
      failed ||= verdicts.some(({ failure }) => failure !== undefined);
    }
  }
  return failed ? 1 : 0;
}

async function measure(host: MeasuringHost): Promise<FiguresByCase> {
  const results: WorkerResult[] = await host.run({ ...REQUEST, measure: "allocations" });
  for (let i = 0; i < PROCESSES; i++) {
    results.push(...(await host.run({ ...REQUEST, baseline: true, measure: "time" })));
  }
  const cells = cellsOf(results);
  const figures: Record<string, FiguresByCase[string]> = {};
  for (const workload of REQUEST.workloads) {
    for (const mode of REQUEST.modes) {
      const cell = (peer: string) =>
        cells.find(
          (each) => each.peer === peer && each.workload === workload && each.mode === mode,
        );
      const { heap = NaN, external = NaN } = cell(JUTE) ?? {};
      figures[`${workload}/${mode}`] = {
        ratio: Number((cell(BASELINE)?.ratio ?? NaN).toFixed(2)),
        bytes: Math.round(heap + external),
      };
    }
  }
  return figures;
}

function readRecord(): GuardRecord {
  return JSON.parse(readFileSync(RECORD, "utf8")) as GuardRecord;
}

function record(major: string, measured: FiguresByCase): void {
  writeFileSync(RECORD, `${JSON.stringify({ ...readRecord(), [major]: measured }, null, 2)}\n`);
}

function printVerdicts(host: MeasuringHost, verdicts: readonly Verdict[]): void {
  const rows = [
    ["", "ratio", "recorded", "bytes/op", "recorded", ""],
    ...verdicts.map(({ key, measured, recorded, failure }) => [
      key,
      measured.ratio.toFixed(2),
      recorded?.ratio.toFixed(2) ?? "-",
      String(measured.bytes),
      recorded === undefined ? "-" : String(recorded.bytes),
      failure ?? "ok",
    ]),
  ];
  console.log(`${host.name}. Ratio: the frozen implementation's time / ours.`);
  for (const line of alignColumns(rows, [0, 5])) console.log(line);
}

await runCommand(main);
