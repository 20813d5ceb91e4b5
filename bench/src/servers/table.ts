/** The report as aligned text. */
import { median } from "../measure.js";
import { formatNumber } from "../table.js";
import { type LoadFigures, percentile } from "./latencies.js";
import { alignColumns } from "../text-table.js";
import type { Both, Many, Row, ServersReport } from "./results.js";

export function formatReport(report: ServersReport): string {
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
    rowSection(
      "Three servers. Writes a second, setData on one connection to the leader",
      report.rows.filter(({ driver, at }) => driver === "ours" && at === "leader"),
    ),
    rowSection(
      "Writes a second, setData on one connection to a follower",
      report.rows.filter(
        ({ driver, at, operation }) =>
          driver === "ours" && at === "follower" && operation === "setData",
      ),
    ),
    rowSection(
      "Writes a second, setData by Apache's Java client",
      report.rows.filter(({ driver }) => driver === "java"),
    ),
    rowSection(
      "Reads a second at a follower, and nine reads to a write (mixed)",
      report.rows.filter(({ at, operation }) => at === "follower" && operation !== "setData"),
    ),
    rowSection("One server alone. Requests a second", report.alone),
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
    timeSection("Watches: from the change to the last event, ms", [
      [`one znode, ${count(report.plan.watchers)} connections`, report.fanOut],
      [`${count(report.plan.watchedZnodes)} znodes, one connection`, report.manyWatches],
    ]),
    timeSection(`${count(report.plan.sessions)} sessions at the leader, ms`, [
      ["opened", report.sessions.opened],
      ["abandoned to expired, 15 s of timeout included", report.sessions.expired],
    ]),
    timeSection("Kill of the leader to the next committed write, ms", [["", report.failover]]),
    timeSection("Start of three processes to the first committed write, ms", [
      ["empty directories", report.startUp.empty],
      [`${count(report.plan.znodes)} txns in the log`, report.startUp.withHistory],
    ]),
    memorySection(
      "Memory of one server, MB, mean of three: resident, shared pages divided (PSS), most ever resident",
      report.memory,
    ),
    ...(report.many === undefined ? [] : manySections(report.many)),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function rowSection(title: string, rows: readonly Row[]): string[] {
  const head = [
    ["request", "bytes", "at", "connections", "outstanding", "ours/s", "Apache/s", "ratio", ""],
    ["p50 ms", "p90 ms", "p99 ms"].map((name) => `${name}, ours / Apache`),
  ].flat();
  const lines = rows.map((row) => {
    const { ours, apache } = row.figures;
    const ratios = ours.map(
      ({ perSecond }, round) => perSecond / (apache[round]?.perSecond ?? NaN),
    );
    return [
      row.operation,
      String(row.bytes),
      row.at,
      String(row.connections),
      String(row.outstanding),
      count(median(ours.map(({ perSecond }) => perSecond))),
      count(median(apache.map(({ perSecond }) => perSecond))),
      ...ratioCells(ratios),
      ...(["p50", "p90", "p99"] as const).map((name) => latencies(row.figures, name)),
    ];
  });
  return [title, ...alignColumns([head, ...lines])];
}

function latencies({ ours, apache }: Both<LoadFigures[]>, name: "p50" | "p90" | "p99"): string {
  const of = (figures: LoadFigures[]): string => formatNumber(median(figures.map((f) => f[name])));
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

function manySections({
  znodes,
  createsPerSecond,
  memory,
  start,
  memoryAfterStart,
}: Many): string[][] {
  const many = `${count(znodes)} znodes of 100 B`;
  const each = ({ ours, apache }: Many["memory"]) => ({ ours: [ours], apache: [apache] });
  const { ours, apache } = createsPerSecond;
  return [
    memorySection(`One server alone with ${many}: memory, MB`, [
      { when: "created", servers: each(memory) },
      { when: "started again", servers: each(memoryAfterStart) },
    ]),
    timeSection("Start to the first write, ms", [
      [many, { ours: [start.ours], apache: [start.apache] }],
    ]),
    [`Creates a second: ours ${count(ours)}, Apache ${count(apache)}`],
  ];
}

function memorySection(title: string, memory: ServersReport["memory"]): string[] {
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
  return [title, ...alignColumns([head, ...rows])];
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
