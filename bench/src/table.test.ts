import { describe, expect, test } from "vitest";
import { cellsOf, fastestRival, peerLine, type Cell, type Report } from "./report.js";
import { formatReport } from "./table.js";

function cell(workload: string, peer: string, ratio: number, rest: Partial<Cell> = {}): Cell {
  return { workload, peer, mode: "decode", ratio, nanoseconds: 100 * ratio, ...rest };
}

const copies = { unlike: "copies" } as const;

function reportOf(cells: readonly Cell[]): Report {
  return {
    date: "2020-01-02",
    machine: "a machine",
    host: "Node 1.2.3",
    quick: false,
    versions: { bebop: "1.0.0" },
    notes: [],
    workloads: [
      { id: "a", title: "small", bytes: 10 },
      { id: "h", title: "large", bytes: 1_000_000 },
    ],
    cells,
  };
}

describe("means", () => {
  test("a mean is geometric", () => {
    const report = reportOf([cell("a", "bebop", 2), cell("h", "bebop", 8)]);
    expect(peerLine(report, "bebop", "decode").mean).toBeCloseTo(4, 10);
  });

  test("what copies where we borrow is shown and is in no mean", () => {
    const report = reportOf([cell("a", "Java Jute", 0.5), cell("h", "Java Jute", 684, copies)]);
    const line = peerLine(report, "Java Jute", "decode");
    expect(line.values).toEqual([0.5, 684]);
    expect(line.mean).toBeCloseTo(0.5, 10);
  });

  test("a peer of which nothing is alike has no mean", () => {
    const report = reportOf([cell("a", "borsh", 3, { mode: "reuse", unlike: "owned" })]);
    expect(peerLine(report, "borsh", "reuse").mean).toBeUndefined();
  });

  test("the fastest rival is sought among what is alike", () => {
    const report = reportOf([
      cell("a", "bebop", 2),
      cell("a", "avsc", 3),
      cell("a", "Java Jute", 0.5),
      cell("h", "avsc", 0.1, copies),
      cell("h", "bebop", 1.5),
    ]);
    const line = fastestRival(report, "decode");
    expect(line.values).toEqual([2, 1.5]);
    expect(line.names).toEqual(["bebop", "bebop"]);
    expect(line.mean).toBeCloseTo(Math.sqrt(3), 10);
  });

  test("figures are medians over the processes", () => {
    const results = [3, 1, 2].map((ratio) => ({
      workload: "a",
      bytes: 10,
      versions: {},
      timings: [{ peer: "avsc", mode: "encode" as const, nanoseconds: ratio * 10, ratio }],
      allocations: [],
    }));
    expect(cellsOf(results)).toMatchObject([{ ratio: 2, nanoseconds: 20 }]);
  });
});

describe("the table", () => {
  const text = formatReport(
    reportOf([
      cell("a", "jute-ts", 1),
      cell("h", "jute-ts", 1),
      cell("a", "bebop", 2),
      cell("h", "bebop", 2),
      cell("a", "avsc", 4),
      cell("h", "avsc", 600, copies),
    ]),
  );

  test("marks what is in no mean, and says what the mark is", () => {
    expect(text).toMatch(/^\* copies the bytes/m);
    expect(text).toMatch(/^avsc +4\.00 +600\* +4\.00$/m);
    expect(text).toMatch(/^bebop +2\.00 +2\.00 +2\.00$/m);
  });

  test("says when, where and with which versions", () => {
    expect(text.split("\n").slice(0, 3)).toEqual([
      "2020-01-02, a machine",
      "Node 1.2.3",
      "bebop 1.0.0",
    ]);
  });

  test("leaves out marks, lines and columns that nothing was measured for", () => {
    expect(text).not.toContain("~");
    expect(text).not.toContain("heap");
    const view = formatReport(reportOf([cell("a", "jute-ts", 0.2, { mode: "view" })]));
    expect(view).toMatch(/two fields.*\n +a +mean\nratio +0\.20 +0\.20\n/);
  });
});
