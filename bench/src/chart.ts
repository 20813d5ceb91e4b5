/**
 * The report as a picture for the README: for each of the three modes one row per
 * peer, a dot per workload on a logarithmic axis of ratios, and the geometric mean
 * as a bar. Plain SVG with its own light and dark colours, no script, no font.
 */
import type { Mode } from "./peers/peer.js";
import { measuredPeers, peerLine, type Line, type Report } from "./report.js";

const WIDTH = 820;
const LEFT = 170;
const RIGHT = 60;
const ROW = 22;
const PANEL_GAP = 46;
const TOP = 88;
const LEAST = 0.25;
const GREATEST = 64;
const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];

const PANELS: readonly { mode: Mode; title: string }[] = [
  { mode: "encode", title: "Encode to owned bytes" },
  { mode: "reuse", title: "Encode into reused memory, with a view of it" },
  { mode: "decode", title: "Decode, every field" },
];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 16px; font-weight: 600; }
  .panel { font-weight: 600; }
  .small { font-size: 11px; fill: #57606a; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .parity { stroke: #24292f; stroke-width: 1.5; }
  .bar { fill: #54aeff; }
  .slower { fill: #fd8c73; }
  .dot { fill: #0550ae; fill-opacity: 0.75; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .parity { stroke: #e6edf3; }
    .bar { fill: #1f6feb; }
    .slower { fill: #bd561d; }
    .dot { fill: #a5d6ff; fill-opacity: 0.8; }
  }`;

export function drawChart(report: Report): string {
  const body: string[] = [];
  let y = TOP;
  for (const { mode, title } of PANELS) {
    const lines = measuredPeers(report)
      .map((peer) => peerLine(report, peer, mode))
      .filter((line) => line.mean !== undefined);
    if (lines.length === 0) continue;
    body.push(...drawPanel(title, lines, y));
    y += lines.length * ROW + PANEL_GAP;
  }
  const workloads = report.workloads.map(({ id }) => id).join(", ");
  const facts = [
    `${report.date}, Node ${report.node} (V8 ${report.v8})${report.quick ? ", quick run" : ""}`,
    report.machine,
    ...wrap(Object.entries(report.versions).map(([name, version]) => `${name} ${version}`)),
  ];
  const height = y + 12 + facts.length * 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="Time of each peer divided by the time of jute-ts">`,
    `<style>${STYLE}\n</style>`,
    text(16, 26, "Time of each peer / time of jute-ts", "title"),
    text(
      16,
      46,
      `Right of 1 jute-ts is faster. Bar: geometric mean; dots: the workloads ${workloads}.`,
      "small",
    ),
    ...body,
    ...facts.map((fact, index) => text(16, y - 10 + index * 16, fact, "small")),
    `</svg>`,
    "",
  ].join("\n");
}

function drawPanel(title: string, lines: readonly Line[], top: number): string[] {
  const bottom = top + lines.length * ROW;
  const grid = TICKS.flatMap((tick) => [
    `<line class="${tick === 1 ? "parity" : "grid"}" x1="${x(tick)}" x2="${x(tick)}" y1="${String(top - 4)}" y2="${String(bottom)}"/>`,
    `<text class="small" x="${x(tick)}" y="${String(bottom + 13)}" text-anchor="middle">${String(tick)}×</text>`,
  ]);
  const rows = lines.flatMap((line, index) => {
    const middle = top + index * ROW + ROW / 2;
    const mean = line.mean ?? 1;
    const from = Math.min(Number(x(1)), Number(x(mean)));
    const to = Math.max(Number(x(1)), Number(x(mean)));
    return [
      `<text x="${String(LEFT - 10)}" y="${String(middle + 4)}" text-anchor="end">${escape(line.label)}</text>`,
      `<rect class="${mean < 1 ? "slower" : "bar"}" x="${String(from)}" y="${String(middle - 6)}" width="${(to - from).toFixed(1)}" height="12" rx="2"/>`,
      ...line.values.flatMap((value) =>
        value === undefined
          ? []
          : [`<circle class="dot" cx="${x(value)}" cy="${String(middle)}" r="3"/>`],
      ),
      text(WIDTH - RIGHT + 8, middle + 4, mean.toFixed(2), "small"),
    ];
  });
  return [text(16, top - 12, title, "panel"), ...grid, ...rows];
}

/** Joins the items by commas into lines that fit the picture. */
function wrap(items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + item.length > LONGEST_LINE) lines.push(item);
    else lines[lines.length - 1] = `${last}, ${item}`;
  }
  return lines;
}

const LONGEST_LINE = 120;

/** The position of a ratio; values beyond the axis sit on its end. */
function x(ratio: number): string {
  const clamped = Math.min(Math.max(ratio, LEAST), GREATEST);
  const share = Math.log(clamped / LEAST) / Math.log(GREATEST / LEAST);
  return (LEFT + share * (WIDTH - LEFT - RIGHT)).toFixed(1);
}

function text(left: number, top: number, content: string, style: string): string {
  return `<text class="${style}" x="${String(left)}" y="${String(top)}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
