import { describe, expect, it } from "vitest";
import type { LoadFigures } from "./latencies.js";
import { QUICK } from "./plan.js";
import type { ServersReport } from "./results.js";
import { formatReport } from "./table.js";

const report: ServersReport = {
  date: "2026-01-02",
  machine: "Some processor, 2 cores, linux x64",
  node: "20.0.0",
  java: "17.0.1",
  zookeeper: "3.8.0",
  quick: false,
  plan: QUICK,
  settings: { tickTime: 2000 },
  disk: { p50: 0.5, p99: 2 },
  startUp: {
    empty: { ours: [500, 400, 600], apache: [1000, 1600, 1200] },
    withHistory: { ours: [1000], apache: [2000] },
  },
  memory: [
    {
      when: "idle",
      servers: {
        ours: [{ resident: 50, proportional: 40, peak: 60 }],
        apache: [{ resident: 150, proportional: 140, peak: NaN }],
      },
    },
  ],
  createsPerSecond: { ours: 3000, apache: 1500 },
  rows: [
    {
      driver: "ours",
      operation: "setData",
      at: "leader",
      parent: "/bench",
      znodes: 10,
      bytes: 100,
      outstanding: 16,
      connections: 1,
      figures: { ours: [figures(2000), figures(3000)], apache: [figures(1000), figures(6000)] },
    },
  ],
  alone: [],
  fanOut: { ours: [20], apache: [30] },
  manyWatches: { ours: [200], apache: [100] },
  sessions: { opened: { ours: [100], apache: [50] }, expired: { ours: [1], apache: [2] } },
  failover: { ours: [200], apache: [100] },
  many: undefined,
};

function figures(perSecond: number): LoadFigures {
  return { count: perSecond, perSecond, p50: 1, p90: 2, p99: 3, max: 4 };
}

describe("the table", () => {
  const lines = formatReport(report).split("\n");
  const cells = (start: string): string[] =>
    (lines.find((line) => line.startsWith(start)) ?? "").split(/ {2,}/u);

  it("says what ran where", () => {
    expect(lines[0]).toBe("2026-01-02, Some processor, 2 cores, linux x64");
    expect(lines[1]).toBe("Node 20.0.0; Apache ZooKeeper 3.8.0, Java 17.0.1");
  });

  it("takes the ratio of writes in each round, and is above 1 where ours are more", () => {
    expect(cells("setData ").slice(5, 9)).toEqual(["2,500", "3,500", "1.25", "[0.50 - 2.00]"]);
    expect(cells("setData ").slice(9)).toEqual(["1.00 / 1.00", "2.00 / 2.00", "3.00 / 3.00"]);
  });

  it("takes the ratio of times and sizes the other way round", () => {
    expect(cells("empty directories").slice(1, 7)).toEqual([
      "500",
      "600",
      "1,200",
      "1,600",
      "2.00",
      "[2.00 - 4.00]",
    ]);
    expect(cells("idle").slice(1)).toEqual(["50", "150", "3.00", "40", "140", "60", "-"]);
  });
});
