/** One page that shows everything: the pictures, all means side by side, and every table. */
import type { Mode } from "../peers/peer.js";
import { fastestRival, measuredPeers, peerLine } from "../report.js";
import { formatNumber } from "../table.js";
import { alignColumns } from "../text-table.js";
import type { Column } from "./codec-chart.js";

export interface Picture {
  readonly file: string;
  readonly title: string;
}

/** A table that a run printed. */
export interface Printed {
  readonly heading: string;
  readonly text: string;
}

export const CHARTED: readonly { mode: Mode; file: string; title: string }[] = [
  { mode: "encode", file: "encode.svg", title: "Encode to owned bytes" },
  { mode: "write", file: "write.svg", title: "Encode into reused memory" },
  { mode: "decode", file: "decode.svg", title: "Decode, every field read" },
];

export function resultsPage(
  pictures: readonly Picture[],
  columns: readonly Column[],
  printed: readonly Printed[],
): string {
  return [
    "# Results",
    "",
    "Written by `npm run bench`. What is measured and how:",
    "[docs/performance.md](../../docs/performance.md),",
    "[docs/server-performance.md](../../docs/server-performance.md).",
    "",
    ...pictures.flatMap(({ file, title }) => [`![${title}](${file})`, ""]),
    ...(columns.length === 0 ? [] : meansOf(columns)),
    ...printed.flatMap(({ heading, text }) => [`## ${heading}`, "", ...fenced(text)]),
  ].join("\n");
}

function meansOf(columns: readonly Column[]): string[] {
  const names = new Set(columns.flatMap(({ report }) => measuredPeers(report)));
  const sections = CHARTED.flatMap(({ mode, title }) => {
    const row = (label: string, means: (number | undefined)[]): string[] => [
      label,
      ...means.map(formatNumber),
    ];
    const rows = [
      row(
        "fastest JS peer of each message",
        columns.map(({ report }) => fastestRival(report, mode).mean),
      ),
      ...[...names].map((name) =>
        row(
          name,
          columns.map(({ report }) => peerLine(report, name, mode).mean),
        ),
      ),
    ];
    const head = ["", ...columns.map(({ heading }) => heading)];
    return [title, ...alignColumns([head, ...rows]), ""];
  });
  return [
    "## Means, side by side",
    "",
    "The time of each peer when ours is 1: geometric means over the messages that are alike.",
    "",
    ...fenced(sections.join("\n").trimEnd()),
  ];
}

function fenced(text: string): string[] {
  return ["```text", text.trimEnd(), "```", ""];
}
