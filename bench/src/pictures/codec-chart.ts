/**
 * One mode of the codec benchmark as bars: how long each peer takes when ours takes 1, as the
 * mean over the workloads that are alike. The bars are those of the first host, the columns of
 * figures are all hosts'.
 */
import { COPY, WITHOUT_BUFFER } from "../peers/index.js";
import { JUTE } from "../peers/jute.js";
import { SKETCH } from "../peers/sketch.js";
import { APACHE_C, APACHE_JAVA } from "../apache.js";
import type { Mode } from "../peers/peer.js";
import { measuredPeers, peerLine, type Report } from "../report.js";
import { bar, picture, text, verticalLine, WIDTH, wrap } from "./svg.js";

/** A report and what its column is headed with, e.g. `Node 24`. */
export interface Column {
  readonly heading: string;
  readonly report: Report;
}

interface Row {
  readonly label: string;
  readonly style: "own" | "peer" | "other";
  /** A mean for each column. */
  readonly means: readonly (number | undefined)[];
}

const LEFT = 178;
const COLUMN = 66;
const ROW = 24;
const TOP = 92;

/** Bounds and variants, which are no choice that a reader has. */
const NO_CHOICE: readonly string[] = [COPY, WITHOUT_BUFFER, SKETCH];

/** Undefined where nothing was measured in this mode. `columns` must not be empty. */
export function drawCodecChart(
  title: string,
  mode: Mode,
  columns: readonly Column[],
): string | undefined {
  const rows = rowsOf(mode, columns);
  if (rows.length < 2) return undefined;
  const right = WIDTH - 16 - columns.length * COLUMN;
  const greatest = Math.max(...rows.map(({ means }) => means[0] ?? 0));
  const scale = (right - LEFT - 12) / greatest;
  const bottom = TOP + rows.length * ROW;
  const facts = factsOf(columns);
  const summary = `${title}: ${rows.map(({ label, means }) => `${label} ${format(means[0])}`).join(", ")}`;
  return picture(bottom + 26 + facts.length * 16, summary, [
    text(16, 28, title, "title"),
    text(
      16,
      48,
      `Time when jute-ts takes 1: shorter is faster. Geometric mean over the messages; bars are ${columns[0]?.heading ?? ""}.`,
      "small",
    ),
    ...columns.map(({ heading }, index) =>
      text(right + (index + 1) * COLUMN, TOP - 12, heading, "small", "end"),
    ),
    ...rows.flatMap((row, index) => drawRow(row, TOP + index * ROW, scale, right)),
    verticalLine(LEFT + scale, TOP - 2, bottom),
    ...facts.map((fact, index) => text(16, bottom + 24 + index * 16, fact, "small")),
  ]);
}

/** Ours, then all others from the fastest to the slowest. */
function rowsOf(mode: Mode, columns: readonly Column[]): Row[] {
  const names = new Set(columns.flatMap(({ report }) => measuredPeers(report)));
  const rows = [...names]
    .filter((name) => !NO_CHOICE.includes(name))
    .map((label): Row => ({
      label,
      style: label === APACHE_JAVA || label === APACHE_C ? "other" : "peer",
      means: columns.map(({ report }) => peerLine(report, label, mode).mean),
    }))
    .filter(({ means }) => means[0] !== undefined)
    .sort((a, b) => (a.means[0] ?? 0) - (b.means[0] ?? 0));
  return [{ label: JUTE, style: "own", means: columns.map(() => 1) }, ...rows];
}

function drawRow(row: Row, top: number, scale: number, right: number): string[] {
  const baseline = top + ROW / 2 + 4;
  const weight = row.style === "own" ? "strong" : "";
  return [
    text(LEFT - 10, baseline, row.label, weight, "end"),
    bar(LEFT, top + 4, (row.means[0] ?? 0) * scale, ROW - 8, row.style),
    ...row.means.map((mean, index) =>
      text(right + (index + 1) * COLUMN, baseline, format(mean), weight, "end"),
    ),
  ];
}

function factsOf(columns: readonly Column[]): string[] {
  const reports = columns.map(({ report }) => report);
  const versions = new Map(reports.flatMap((each) => Object.entries(each.versions)));
  return [
    ...wrap(reports.map((each) => `${each.host}${each.quick ? ", quick run" : ""}: ${each.date}`)),
    ...new Set(reports.map(({ machine }) => machine)),
    ...wrap([...versions].map(([name, version]) => `${name} ${version}`)),
    "Yellow: other languages. What is not like for like is in no mean; the tables show it.",
  ];
}

function format(mean: number | undefined): string {
  return mean === undefined ? "–" : mean.toFixed(2);
}
