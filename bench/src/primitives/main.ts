/**
 * Prints what single operations cost in this version of V8: the figures that
 * each trick in the runtime rests on. `--only TEXT` keeps the groups whose
 * title contains it, `--quick` takes fewer rounds, `--output json` prints data.
 */
import { parseArgs } from "node:util";
import { keptCount } from "../keep-alive.js";
import { median, medianRatio, timeInterleaved } from "../measure.js";
import { buffers } from "./buffers.js";
import type { PrimitiveGroup } from "./group.js";
import { numbers } from "./numbers.js";
import { readStrings } from "./read-strings.js";
import { vectors } from "./vectors.js";
import { writeStrings, writtenBytes } from "./write-strings.js";
import { alignColumns } from "../text-table.js";

interface Measured {
  readonly group: string;
  readonly unit: string;
  readonly row: string;
  readonly candidate: string;
  readonly nanoseconds: number;
  /** This candidate's time over the fastest one's, median over the rounds. */
  readonly ratio: number;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    output: { type: "string", default: "text" },
  },
});
const timing = values.quick
  ? { rounds: 9, batchMs: 0.4, warmMs: 8 }
  : { rounds: 31, batchMs: 1, warmMs: 30 };
const groups = [...writeStrings, ...readStrings, ...numbers, ...buffers, ...vectors].filter(
  (group) => values.only === undefined || group.title.includes(values.only),
);

if (values.output === "text") {
  console.log(
    `Node ${process.versions.node}, V8 ${process.versions.v8}. Nanoseconds per unit, median of ` +
      `${String(timing.rounds)} interleaved rounds; in brackets the ratio to the row's fastest.`,
  );
}
// Every way is run over every row before anything is timed, so that the code has seen all lengths.
for (const group of groups) {
  for (const row of group.rows)
    for (const candidate of row.candidates) void candidate.run(2000 / (1 + row.candidates.length));
}
const measured: Measured[] = [];
for (const group of groups) {
  const rows = await measureGroup(group);
  if (values.output === "text") printGroup(group, rows);
  measured.push(...rows);
}
if (values.output === "json") {
  console.log(
    JSON.stringify({ node: process.version, v8: process.versions.v8, measured }, null, 2),
  );
}
if (keptCount() + writtenBytes() < 0) throw new Error("unreachable: reads what the runs kept");

async function measureGroup(group: PrimitiveGroup): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const row of group.rows) {
    const samples = await timeInterleaved(row.candidates, timing);
    const fastest = [...samples.values()].reduce((a, b) => (median(a) <= median(b) ? a : b));
    for (const [candidate, times] of samples) {
      rows.push({
        group: group.title,
        unit: group.unit,
        row: row.label,
        candidate,
        nanoseconds: median(times),
        ratio: medianRatio(times, fastest),
      });
    }
  }
  return rows;
}

function printGroup(group: PrimitiveGroup, rows: readonly Measured[]): void {
  const columns = [...new Set(rows.map((row) => row.candidate))];
  const labels = [...new Set(rows.map((row) => row.row))];
  const lines = [
    ["", ...columns],
    ...labels.map((label) => [
      label,
      ...columns.map((column) => {
        const cell = rows.find((row) => row.row === label && row.candidate === column);
        return cell ? `${formatNs(cell.nanoseconds)} (${cell.ratio.toFixed(2)})` : "-";
      }),
    ]),
  ];
  console.log(`\n${group.title} (ns per ${group.unit})`);
  for (const line of alignColumns(lines, [])) console.log(line);
}

function formatNs(nanoseconds: number): string {
  return nanoseconds < 100 ? nanoseconds.toFixed(1) : nanoseconds.toFixed(0);
}
