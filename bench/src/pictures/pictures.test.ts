import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Cell, Report } from "../report.js";
import type { ServersReport } from "../servers/results.js";
import { drawCodecChart } from "./codec-chart.js";
import { drawServerChart } from "./server-chart.js";
import { writeCharts } from "./write.js";

function report(host: string, ratios: Readonly<Record<string, number>>): Report {
  const cells = Object.entries(ratios).map(([peer, ratio]): Cell => ({
    workload: "a",
    peer,
    mode: "encode",
    ratio,
    nanoseconds: 100 * ratio,
  }));
  return {
    date: "2020-01-02",
    machine: 'a "machine" & <more>',
    host,
    quick: false,
    versions: { bebop: "1.2.3" },
    notes: [],
    workloads: [{ id: "a", title: "small", bytes: 10 }],
    cells,
  };
}

const node24 = report("Node 24.1.0", { "jute-ts": 1, avsc: 4, bebop: 2, "Java Jute": 0.5 });
const node20 = report("Node 20.1.0", { "jute-ts": 1, avsc: 3, bebop: 2.5 });

/** The widths of the bars of one style, and the texts, as they lie in the picture. */
function bars(svg: string, style: string): number[] {
  return [...svg.matchAll(new RegExp(`<rect class="${style}"[^>]* width="([\\d.]+)"`, "g"))].map(
    (match) => Number(match[1]),
  );
}

function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? "");
}

describe("the chart of a codec's mode", () => {
  const svg = drawCodecChart("Encode", "encode", [
    { heading: "Node 24", report: node24 },
    { heading: "Node 20", report: node20 },
  ]);

  test("bars are as long as the means of the first column", () => {
    const [own = 0] = bars(svg ?? "", "own");
    expect(own).toBeGreaterThan(10);
    const lengths = [...bars(svg ?? "", "other"), ...bars(svg ?? "", "peer")];
    const expected = [0.5, 2, 4];
    for (const [index, length] of lengths.entries()) {
      expect(length / own).toBeCloseTo(expected[index] ?? NaN, 1);
    }
    expect(lengths).toHaveLength(3);
  });

  test("rows go from the fastest to the slowest, ours first, with each column's figure", () => {
    const drawn = texts(svg ?? "");
    expect(drawn.slice(drawn.indexOf("jute-ts"), drawn.indexOf("jute-ts") + 12)).toEqual([
      ...["jute-ts", "1.00", "1.00"],
      ...["Java Jute", "0.50", "–"],
      ...["bebop", "2.00", "2.50"],
      ...["avsc", "4.00", "3.00"],
    ]);
  });

  test("says when, where and with which versions, escaped", () => {
    expect(svg).toContain("Node 24.1.0: 2020-01-02, Node 20.1.0: 2020-01-02");
    expect(svg).toContain("a &quot;machine&quot; &amp; &lt;more>");
    expect(svg).toContain("bebop 1.2.3");
  });

  test("is not drawn of nothing", () => {
    const column = { heading: "Node 24", report: node24 };
    expect(drawCodecChart("Decode", "decode", [column])).toBeUndefined();
  });
});

const servers: ServersReport = JSON.parse(`{
  "date": "2020-01-02", "machine": "m", "node": "20.1.0", "java": "17", "zookeeper": "3.8.0",
  "quick": false, "settings": {}, "disk": { "p50": 1, "p99": 2 },
  "startUp": { "empty": { "ours": [900, 1000, 1100], "apache": [2000] },
    "withHistory": { "ours": [3000], "apache": [4000] } },
  "memory": [{ "when": "idle", "servers": {
    "ours": [{ "resident": 60 }], "apache": [{ "resident": 80 }] } }],
  "rows": [{ "driver": "ours", "operation": "setData", "at": "leader", "bytes": 100,
    "outstanding": 16, "connections": 1, "figures": {
      "ours": [{ "perSecond": 8000 }], "apache": [{ "perSecond": 4000 }] } }],
  "alone": [], "failover": { "ours": [350], "apache": [400] }
}`) as ServersReport;

describe("the chart of the servers", () => {
  const svg = drawServerChart(servers);

  test("pairs are medians, drawn to one scale in each panel", () => {
    // Writes; then failover, two starts; then memory.
    expect(texts(svg)).toEqual(expect.arrayContaining(["8,000", "4,000", "1,000", "350", "60"]));
    const own = bars(svg, "own").slice(1);
    const apache = bars(svg, "other").slice(1);
    const ratios = own.map((width, index) => width / (apache[index] ?? NaN));
    const expected = [2, 350 / 400, 1000 / 2000, 3000 / 4000, 60 / 80];
    expect(ratios).toHaveLength(expected.length);
    for (const [index, ratio] of ratios.entries()) {
      expect(ratio).toBeCloseTo(expected[index] ?? NaN, 1);
    }
  });

  test("leaves out a panel that nothing was measured for", () => {
    expect(svg).not.toContain("Reads a second");
  });
});

test("a directory of results becomes pictures and one page", () => {
  const directory = mkdtempSync(join(tmpdir(), "jute-bench-test-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  for (const [name, content] of Object.entries({ node20, node24, chromium: node20, servers })) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "results.json"), JSON.stringify(content));
    writeFileSync(join(directory, name, "results.txt"), `the table of ${name}\n`);
  }
  writeCharts(directory);
  const page = readFileSync(join(directory, "README.md"), "utf8");
  expect(page).toContain("(encode.svg)");
  expect(page).toContain("(servers.svg)");
  expect(page).not.toContain("decode.svg");
  expect(page).toMatch(/Node 24 +Node 20 +Chromium/);
  for (const name of ["node20", "node24", "chromium", "servers"]) {
    expect(page).toContain(`the table of ${name}`);
  }
  expect(readFileSync(join(directory, "encode.svg"), "utf8")).toContain("bars are Node 24");
});
