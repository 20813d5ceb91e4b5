/** The report as aligned text. */
import type { Mode } from "./peers/peer.js";
import type { Line, Report } from "./report.js";
import { fastestRival, measuredPeers, oursLine, peerLine } from "./report.js";
import { alignColumns } from "./text-table.js";

const SECTIONS: readonly { mode: Mode; title: string }[] = [
  { mode: "encode", title: "Encode to owned bytes" },
  { mode: "reuse", title: "Encode into reused memory, a borrowed view handed out" },
  { mode: "write", title: "Encode into reused memory, nothing handed out" },
  { mode: "decode", title: "Decode, every field" },
  { mode: "view", title: "Lazy view, two fields (ratio: view / decode)" },
  { mode: "gather", title: "Gather output (ratio: gather / encode)" },
];

export function formatReport(report: Report): string {
  const lines = [
    `${report.date}, ${report.machine}`,
    `Node ${report.node} (V8 ${report.v8})${report.quick ? ", quick run" : ""}`,
    Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    "",
    ...report.workloads.map(
      ({ id, title, bytes }) => `${id.padStart(3)}  ${title} (${bytes.toLocaleString("en")} B)`,
    ),
    "",
    "Ratios: the peer's time / ours in the same round; above 1 we are faster. Mean: geometric.",
  ];
  for (const { mode, title } of SECTIONS) {
    if (!report.cells.some((cell) => cell.mode === mode)) continue;
    lines.push("", title, ...formatLines(report, sectionLines(report, mode)));
  }
  return lines.join("\n");
}

function sectionLines(report: Report, mode: Mode): Line[] {
  const time = oursLine(report, mode, "jute-ts, ns/op", (cell) => cell.nanoseconds);
  const heap = oursLine(report, mode, "jute-ts, heap B/op", (cell) => cell.heap);
  const external = oursLine(report, mode, "jute-ts, external B/op", (cell) => cell.external);
  if (mode === "view" || mode === "gather") {
    return [oursLine(report, mode, "ratio", (cell) => cell.ratio), time, heap];
  }
  return [
    fastestRival(report, mode),
    ...measuredPeers(report)
      .map((peer) => peerLine(report, peer, mode))
      .filter((line) => line.values.some((value) => value !== undefined)),
    { ...time, mean: undefined },
    { ...heap, mean: undefined },
    { ...external, mean: undefined },
  ];
}

function formatLines(report: Report, lines: readonly Line[]): string[] {
  const header = ["", ...report.workloads.map(({ id }) => id), "mean"];
  const rows = lines.flatMap((line) => {
    const row = [line.label, ...line.values.map(formatNumber), formatNumber(line.mean)];
    return line.notes === undefined
      ? [row]
      : [row, ["  which", ...line.notes.map((name) => shortName(name)), ""]];
  });
  const table = [header, ...rows];
  return alignColumns(table);
}

/** Enough of a peer's name to fit over a column of figures. */
function shortName(name: string | undefined): string {
  if (name === undefined) return "-";
  return name === "node-zookeeper-client"
    ? "nzc"
    : name.replace("flatbuffers", "flatbuf").slice(0, 9);
}

export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  if (value === 0) return "0";
  if (value < 0.01) return value.toPrecision(1);
  if (value < 10) return value.toFixed(2);
  if (value < 100) return value.toFixed(1);
  return value.toFixed(0);
}
