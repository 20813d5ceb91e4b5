import { describe, expect, it } from "vitest";
import { percentile, Series, loadFigures } from "./latencies.js";

describe("a percentile", () => {
  it("is the smallest value that enough of all are not above", () => {
    const sorted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(percentile(sorted, 50)).toBe(5);
    expect(percentile(sorted, 51)).toBe(6);
    expect(percentile(sorted, 90)).toBe(9);
    expect(percentile(sorted, 99)).toBe(10);
    expect(percentile(sorted, 100)).toBe(10);
    expect(percentile(sorted, 0)).toBe(1);
  });

  it("is the only value there is, and no number of nothing", () => {
    expect(percentile([7], 1)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });
});

describe("the figures of a load", () => {
  it("count what was answered, whatever the order of the latencies", () => {
    const latencies = Float64Array.of(4, 1, 3, 2);
    expect(loadFigures(latencies, 2)).toEqual({
      count: 4,
      perSecond: 2,
      p50: 2,
      p90: 4,
      p99: 4,
      max: 4,
    });
  });

  it("are kept however many there are", () => {
    const series = new Series();
    for (let i = 0; i < 10_000; i++) series.push(i);
    expect(series.values()).toHaveLength(10_000);
    expect(series.values().every((value, index) => value === index)).toBe(true);
  });
});
