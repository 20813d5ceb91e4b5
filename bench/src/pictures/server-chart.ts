/** The servers' benchmark as pairs of bars, ours above Apache's. */
import { median } from "../measure.js";
import type { Both, Row, ServersReport } from "../servers/results.js";
import { bar, picture, text, WIDTH } from "./svg.js";

interface Pair {
  readonly label: string;
  readonly ours: number;
  readonly apache: number;
}

interface Panel {
  readonly title: string;
  readonly pairs: readonly Pair[];
}

const LEFT = 280;
const RIGHT = 90;
const BAR = 11;
const PAIR = 34;
const PANEL_GAP = 40;

export function drawServerChart(report: ServersReport): string {
  const panels = panelsOf(report).filter(({ pairs }) => pairs.length > 0);
  const body: string[] = [];
  let y = 96;
  for (const panel of panels) {
    body.push(...drawPanel(panel, y));
    y += panel.pairs.length * PAIR + PANEL_GAP;
  }
  const facts = [
    `${report.date}, ${report.machine}${report.quick ? ", quick run" : ""}`,
    `Node ${report.node}; Apache ZooKeeper ${report.zookeeper}, Java ${report.java}`,
  ];
  const summary = panels
    .flatMap(({ title, pairs }) =>
      pairs.map(
        (pair) =>
          `${title}, ${pair.label}: ours ${format(pair.ours)}, Apache's ${format(pair.apache)}`,
      ),
    )
    .join("; ");
  return picture(y + facts.length * 16, summary, [
    text(16, 28, "Three servers on one machine, ours and Apache ZooKeeper's", "title"),
    bar(16, 42, 22, BAR, "own"),
    text(44, 52, "jute-ts"),
    bar(110, 42, 22, BAR, "other"),
    text(138, 52, `Apache ZooKeeper ${report.zookeeper}`),
    ...body,
    ...facts.map((fact, index) => text(16, y - 4 + index * 16, fact, "small")),
  ]);
}

function panelsOf(report: ServersReport): Panel[] {
  const own = report.rows.filter(({ driver }) => driver === "ours");
  const small = Math.min(...own.map(({ bytes }) => bytes));
  const of = (operation: Row["operation"], at: Row["at"]): Pair[] =>
    own
      .filter((row) => row.operation === operation && row.at === at && row.bytes === small)
      .map(pairOf);
  const times: (readonly [string, Both<number[]>])[] = [
    ["next write after the leader's death", report.failover],
    ["start, empty directories", report.startUp.empty],
    ["start, with a log to replay", report.startUp.withHistory],
  ];
  return [
    { title: "Writes a second at the leader: longer is better", pairs: of("setData", "leader") },
    { title: "Writes a second at a follower: longer is better", pairs: of("setData", "follower") },
    { title: "Reads a second at a follower: longer is better", pairs: of("getData", "follower") },
    {
      title: "Milliseconds: shorter is better",
      pairs: times.map(([label, both]) => ({
        label,
        ours: median(both.ours),
        apache: median(both.apache),
      })),
    },
    {
      title: "Megabytes of memory of one server: shorter is better",
      pairs: report.memory.map(({ when, servers }) => ({
        label: when,
        ours: median(servers.ours.map(({ resident }) => resident)),
        apache: median(servers.apache.map(({ resident }) => resident)),
      })),
    },
  ];
}

function pairOf({ outstanding, connections, figures }: Row): Pair {
  const each = connections === 1 ? "" : `${String(connections)} connections, each `;
  const rate = (of: Row["figures"]["ours"]): number => median(of.map(({ perSecond }) => perSecond));
  return {
    label: `${each}${String(outstanding)} outstanding`,
    ours: rate(figures.ours),
    apache: rate(figures.apache),
  };
}

function drawPanel({ title, pairs }: Panel, top: number): string[] {
  const greatest = Math.max(...pairs.flatMap(({ ours, apache }) => [ours, apache]));
  const scale = (WIDTH - LEFT - RIGHT) / greatest;
  return [
    text(16, top - 8, title, "panel"),
    ...pairs.flatMap(({ label, ours, apache }, index) => {
      const y = top + index * PAIR;
      return [
        text(LEFT - 10, y + BAR + 6, label, "", "end"),
        bar(LEFT, y + 3, ours * scale, BAR, "own"),
        text(LEFT + ours * scale + 6, y + BAR + 2, format(ours), "small strong"),
        bar(LEFT, y + 4 + BAR, apache * scale, BAR, "other"),
        text(LEFT + apache * scale + 6, y + 2 * BAR + 3, format(apache), "small"),
      ];
    }),
  ];
}

function format(value: number): string {
  return Math.round(value).toLocaleString("en");
}
