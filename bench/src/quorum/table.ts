/** The report as aligned text. */
import { median } from "../measure.js";
import { formatNumber } from "../table.js";
import { percentile, type WriteFigures } from "./latencies.js";
import { alignColumns } from "../text-table.js";
import type { Both, QuorumReport, WriteRow } from "./results.js";

export function formatReport(report: QuorumReport): string {
  const { date, machine, node, java, zookeeper, quick, disk, settings } = report;
  const sections = [
    [
      `${date}, ${machine}`,
      `Node ${node}; Apache ZooKeeper ${zookeeper}, Java ${java}${quick ? "; quick run" : ""}`,
      `Disk: a write of 4 KB and its fdatasync take ${formatNumber(disk.p50)} ms, p99 ${formatNumber(disk.p99)} ms`,
      `Both: ${Object.entries(settings)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(" ")}`,
      "",
      "Ratios: above 1 we are better. Taken of one round, or of one turn; shown is the median, and",
      "in brackets the least and the greatest.",
    ],
    writeSection(
      report,
      "Writes a second, setData at the leader, the same client for both",
      ({ driver, at }) => driver === "same" && at === "leader",
    ),
    writeSection(
      report,
      "Writes a second, setData at a follower, the same client for both",
      ({ driver, at }) => driver === "same" && at === "follower",
    ),
    writeSection(
      report,
      "Writes a second, each maker's own way: ours from within the server's process, Apache's by its Java client",
      ({ driver }) => driver === "own",
    ),
    [
      "Creates a second, 256 outstanding, at the leader; one run, before anything is warm",
      ...alignColumns([
        ["", "ours", "Apache", "ratio"],
        [
          "",
          count(report.createsPerSecond.ours),
          count(report.createsPerSecond.apache),
          formatNumber(report.createsPerSecond.ours / report.createsPerSecond.apache),
        ],
      ]),
    ],
    timeSection("Kill of the leader to the next committed write, ms", [["", report.failover]]),
    timeSection("Start of three processes to the first committed write, ms", [
      ["empty directories", report.startUp.empty],
      [`${count(report.plan.znodes)} txns in the log`, report.startUp.withHistory],
    ]),
    memorySection(report),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function writeSection(
  { writes }: QuorumReport,
  title: string,
  belongs: (row: WriteRow) => boolean,
): string[] {
  const head = [
    ["outstanding", "bytes", "at", "ours/s", "Apache/s", "ratio", ""],
    ["p50 ms", "p90 ms", "p99 ms"].map((name) => `${name}, ours / Apache`),
  ].flat();
  const rows = writes.filter(belongs).map((row) => {
    const { ours, apache } = row.figures;
    const ratios = ours.map(
      ({ perSecond }, round) => perSecond / (apache[round]?.perSecond ?? NaN),
    );
    return [
      String(row.outstanding),
      String(row.bytes),
      row.at,
      count(median(ours.map(({ perSecond }) => perSecond))),
      count(median(apache.map(({ perSecond }) => perSecond))),
      ...ratioCells(ratios),
      ...(["p50", "p90", "p99"] as const).map((name) => latencies(row.figures, name)),
    ];
  });
  return [title, ...alignColumns([head, ...rows])];
}

function latencies({ ours, apache }: Both<WriteFigures[]>, name: "p50" | "p90" | "p99"): string {
  const of = (figures: WriteFigures[]): string => formatNumber(median(figures.map((f) => f[name])));
  return `${of(ours)} / ${of(apache)}`;
}

/** Times of which the shorter one is better. */
function timeSection(
  title: string,
  rows: readonly (readonly [string, Both<number[]>])[],
): string[] {
  const head = ["", "ours", "p90", "Apache", "p90", "ratio", "", "times"];
  const lines = rows.map(([label, { ours, apache }]) => [
    label,
    count(median(ours)),
    count(p90(ours)),
    count(median(apache)),
    count(p90(apache)),
    ...ratioCells(apache.map((time, turn) => time / (ours[turn] ?? NaN))),
    String(ours.length),
  ]);
  return [title, ...alignColumns([head, ...lines])];
}

function memorySection({ memory }: QuorumReport): string[] {
  const head = [
    "",
    "ours",
    "Apache",
    "ratio",
    "PSS ours",
    "PSS Apache",
    "peak ours",
    "peak Apache",
  ];
  const rows = memory.map(({ when, servers: { ours, apache } }) => {
    const mean = (of: typeof ours, key: "resident" | "proportional" | "peak"): number =>
      of.reduce((sum, each) => sum + each[key], 0) / of.length;
    return [
      when,
      count(mean(ours, "resident")),
      count(mean(apache, "resident")),
      formatNumber(mean(apache, "resident") / mean(ours, "resident")),
      count(mean(ours, "proportional")),
      count(mean(apache, "proportional")),
      count(mean(ours, "peak")),
      count(mean(apache, "peak")),
    ];
  });
  return [
    "Memory of one server, MB, mean of three: resident, shared pages divided (PSS), most ever resident",
    ...alignColumns([head, ...rows]),
  ];
}

function ratioCells(ratios: readonly number[]): string[] {
  const range = `[${formatNumber(Math.min(...ratios))} - ${formatNumber(Math.max(...ratios))}]`;
  return [formatNumber(median(ratios)), range];
}

function p90(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    90,
  );
}

function count(value: number): string {
  return Number.isNaN(value) ? "-" : Math.round(value).toLocaleString("en");
}
