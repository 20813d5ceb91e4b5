/**
 * Prints what single operations cost in this version of V8: the figures that
 * each trick in the runtime rests on.
 */
import { outputOf, parseOptions, runCommand, UsageError } from "../command.js";
import { keptCount } from "../keep-alive.js";
import { median, medianRatio, timeInterleaved, type TimingOptions } from "../measure.js";
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

const GROUPS = [...writeStrings, ...readStrings, ...numbers, ...buffers, ...vectors];
const FULL = { rounds: 31, batchMs: 1, warmMs: 30 };
const QUICK = { rounds: 9, batchMs: 0.4, warmMs: 8 };

const HELP = `Usage: npm run bench:primitives -- [options]

What single operations cost in this version of V8.

  --only TEXT         Only the groups whose title contains the text
  --quick             Fewer and shorter rounds
  --output text|json  What goes to standard output (default text)
  --help              This text

Groups:
${GROUPS.map(({ title }) => `  ${title}`).join("\n")}
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const isText = outputOf(values.output) === "text";
  const measured = await measure(groupsWith(values.only ?? ""), {
    timing: values.quick ? QUICK : FULL,
    isText,
  });
  if (!isText) {
    const { node, v8 } = process.versions;
    console.log(JSON.stringify({ node: `v${node}`, v8, measured }, null, 2));
  }
  return 0;
}

function groupsWith(text: string): readonly PrimitiveGroup[] {
  const groups = GROUPS.filter(({ title }) => title.includes(text));
  if (groups.length > 0) return groups;
  const titles = GROUPS.map(({ title }) => `  ${title}`).join("\n");
  throw new UsageError(`--only: no group's title contains "${text}". There are:\n${titles}`);
}

async function measure(
  groups: readonly PrimitiveGroup[],
  { timing, isText }: { timing: TimingOptions; isText: boolean },
): Promise<Measured[]> {
  if (isText) {
    console.log(
      `Node ${process.versions.node}, V8 ${process.versions.v8}. Nanoseconds per unit, median of ` +
        `${String(timing.rounds)} interleaved rounds; in brackets the ratio to the row's fastest.`,
    );
  }
  // Every way is run over every row before anything is timed, so that the code has seen all lengths.
  for (const group of groups) {
    for (const row of group.rows)
      for (const candidate of row.candidates)
        void candidate.run(2000 / (1 + row.candidates.length));
  }
  const measured: Measured[] = [];
  for (const group of groups) {
    const rows = await measureGroup(group, timing);
    if (isText) printGroup(group, rows);
    measured.push(...rows);
  }
  if (keptCount() + writtenBytes() < 0) throw new Error("unreachable: reads what the runs kept");
  return measured;
}

async function measureGroup(group: PrimitiveGroup, timing: TimingOptions): Promise<Measured[]> {
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

await runCommand(main);
