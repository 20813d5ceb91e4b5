/** The text that Prometheus reads; the format is its own documentation's. */
import { expect, it } from "vitest";
import { HAND_MADE_STATUS, handMadeView } from "../../test/hand-made-server.js";
import { figuresOf } from "./figures.js";
import { PeerMetrics } from "./peer-metrics.js";
import { scrapeOf } from "./prometheus.js";

it("has Apache's names, counters as they are, summaries with quantiles, families with a label", async () => {
  const metrics = new PeerMetrics(1n);
  const { server } = metrics;
  for (let ms = 1; ms <= 100; ms++) server.record("readlatency", ms);
  server.record("fsynctime", 7);
  server.count("commit_count", 3);
  server.recordOf("write_per_namespace", "a", 10);
  server.recordOf("write_per_namespace", 'b"\\', 20);
  const view = handMadeView("leader", { ...HAND_MADE_STATUS, role: "leading" });
  const { text } = await scrapeOf(figuresOf(view, server, metrics.list()));
  const lines = text.split("\n");
  const of = (name: string): string[] =>
    lines.filter((line) => new RegExp(`^${name}(_count|_sum)?[{ ]`, "u").test(line));
  expect(of("readlatency")).toEqual([
    'readlatency{quantile="0.5"} 50',
    'readlatency{quantile="0.9"} 90',
    'readlatency{quantile="0.99"} 99',
    "readlatency_count 100",
    "readlatency_sum 5050",
  ]);
  expect(of("fsynctime")).toEqual([
    'fsynctime{quantile="0.5"} 7',
    "fsynctime_count 1",
    "fsynctime_sum 7",
  ]);
  expect(of("write_per_namespace")).toEqual([
    'write_per_namespace{key="a",quantile="0.5"} 10',
    'write_per_namespace_count{key="a"} 1',
    'write_per_namespace_sum{key="a"} 10',
    'write_per_namespace{key="b\\"\\\\",quantile="0.5"} 20',
    'write_per_namespace_count{key="b\\"\\\\"} 1',
    'write_per_namespace_sum{key="b\\"\\\\"} 20',
  ]);
  expect(of("commit_count")).toEqual(["commit_count 3"]);
  expect(lines).toContain("# TYPE commit_count counter");
  expect(lines).toContain("# TYPE readlatency summary");
  expect(of("znode_count")).toEqual(["znode_count 10"]);
  expect(of("synced_followers")).toEqual(["synced_followers 0"]);
  // Each metric is announced once.
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  expect(new Set(types).size).toBe(types.length);
});
