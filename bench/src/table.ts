/** The report as aligned text. */
import type { Mode } from "./peers/peer.js";
import type { Line, Report } from "./report.js";
import { fastestRival, measuredPeers, oursLine, peerLine } from "./report.js";
import { alignColumns } from "./text-table.js";
import type { Unlike } from "./worker-protocol.js";

const SECTIONS: readonly { mode: Mode; title: string }[] = [
  { mode: "encode", title: "Encode to owned bytes" },
  { mode: "reuse", title: "Encode into reused memory, a borrowed view handed out" },
  { mode: "write", title: "Encode into reused memory, nothing handed out" },
  { mode: "decode", title: "Decode, every field" },
  { mode: "copied", title: "Decode, bytes copied (ratio: peers that copy / ours when it copies)" },
  { mode: "view", title: "Lazy view, two fields (ratio: view / decode)" },
  { mode: "gather", title: "Gather output (ratio: gather / encode)" },
];

const MARKS: Readonly<Record<Unlike, { mark: string; meaning: string }>> = {
  copies: { mark: "*", meaning: "copies the bytes where ours is a view of them: in no mean" },
  owned: { mark: "~", meaning: "cannot reuse memory, so makes owned bytes: in no mean" },
};

export function formatReport(report: Report): string {
  const lines = [
    `${report.date}, ${report.machine}`,
    `${report.host}${report.quick ? ", quick run" : ""}`,
    Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    "",
    ...report.workloads.map(
      ({ id, title, bytes }) => `${id.padStart(3)}  ${title} (${bytes.toLocaleString("en")} B)`,
    ),
    "",
    "Ratios: the peer's time / ours in the same round; above 1 we are faster.",
    "Mean: geometric, of what is like for like.",
    ...usedMarks(report).map(({ mark, meaning }) => `${mark} ${meaning}`),
    ...report.notes,
  ];
  for (const { mode, title } of SECTIONS) {
    if (!report.cells.some((cell) => cell.mode === mode)) continue;
    lines.push("", title, ...formatLines(report, sectionLines(report, mode)));
  }
  return lines.join("\n");
}

function usedMarks(report: Report): { mark: string; meaning: string }[] {
  const used = new Set(report.cells.flatMap((cell) => cell.unlike ?? []));
  return Object.entries(MARKS).flatMap(([unlike, mark]) =>
    used.has(unlike as Unlike) ? [mark] : [],
  );
}

function sectionLines(report: Report, mode: Mode): Line[] {
  const time = oursLine(report, mode, "jute-ts, ns/op", (cell) => cell.nanoseconds);
  const heap = oursLine(report, mode, "jute-ts, heap B/op", (cell) => cell.heap);
  const external = oursLine(report, mode, "jute-ts, external B/op", (cell) => cell.external);
  const peers = measuredPeers(report).map((peer) => peerLine(report, peer, mode));
  const lines =
    mode === "view" || mode === "gather"
      ? [oursLine(report, mode, "ratio", (cell) => cell.ratio)]
      : [...(mode === "copied" ? [] : [fastestRival(report, mode)]), ...peers];
  // A mean of times or sizes would say nothing.
  const absolute = [time, heap, external].map((line) => ({ ...line, mean: undefined }));
  return [...lines, ...absolute].filter(hasValues);
}

function hasValues(line: Line): boolean {
  return line.values.some((value) => value !== undefined);
}

function formatLines(report: Report, lines: readonly Line[]): string[] {
  // Some questions are asked of one or two workloads only.
  const columns = [...report.workloads.keys()].filter((column) =>
    lines.some((line) => line.values[column] !== undefined),
  );
  const marked = columns.map((column) => lines.some((line) => line.unlike[column] !== undefined));
  const header = ["", ...columns.map((column) => report.workloads[column]?.id ?? ""), "mean"];
  const rows = lines.flatMap((line) => {
    const row = [
      line.label,
      ...columns.map((column, index) => {
        const unlike = line.unlike[column];
        const mark =
          unlike === undefined ? (marked[index] === true ? " " : "") : MARKS[unlike].mark;
        return formatNumber(line.values[column]) + mark;
      }),
      formatNumber(line.mean),
    ];
    if (line.names === undefined) return [row];
    return [row, ["  which", ...columns.map((column) => shortName(line.names?.[column])), ""]];
  });
  return alignColumns([header, ...rows]);
}

/** Enough of a peer's name to fit over a column of figures. */
function shortName(name: string | undefined): string {
  if (name === undefined) return "-";
  return name === "node-zookeeper-client"
    ? "nzc"
    : name.replace("flatbuffers", "flatbuf").replace("protobuf", "pb").slice(0, 9);
}

export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  if (value === 0) return "0";
  if (value < 0.01) return value.toPrecision(1);
  if (value < 10) return value.toFixed(2);
  if (value < 100) return value.toFixed(1);
  return value.toFixed(0);
}
