import { describe, expect, it } from "vitest";
import { Random } from "./random.js";

describe("seeded randomness", () => {
  it("repeats itself for equal seeds and names, and differs for others", () => {
    const draw = (random: Random): number[] => Array.from({ length: 8 }, () => random.uint32());
    expect(draw(new Random(7))).toEqual(draw(new Random(7)));
    expect(draw(new Random(7))).not.toEqual(draw(new Random(8)));
    // Seeds that differ only above 32 bits are different seeds.
    expect(draw(new Random(7))).not.toEqual(draw(new Random(7 + 2 ** 32)));
    expect(draw(Random.named(7, "a"))).toEqual(draw(Random.named(7, "a")));
    expect(draw(Random.named(7, "a"))).not.toEqual(draw(Random.named(7, "b")));
  });

  it("reaches both ends of a range, evenly", () => {
    const random = new Random(1);
    const counts = new Map<number, number>();
    for (let count = 0; count < 60_000; count += 1) {
      const drawn = random.integer(1, 6);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("waits exponentially long on average", () => {
    const random = new Random(1);
    let sum = 0;
    for (let count = 0; count < 100_000; count += 1) sum += random.exponential(10);
    expect(sum / 100_000).toBeCloseTo(10, 0);
  });

  it("picks by weight, and never what weighs nothing", () => {
    const random = new Random(1);
    const counts = { a: 0, b: 0, c: 0 };
    for (let count = 0; count < 40_000; count += 1)
      counts[random.pickWeighted(["a", "b", "c"] as const, [1, 0, 3])] += 1;
    expect(counts.b).toBe(0);
    expect(Math.abs(counts.a - 10_000)).toBeLessThan(500);
  });

  it("shuffles without losing anything", () => {
    const items = Array.from({ length: 20 }, (_, at) => at);
    const shuffled = new Random(3).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((one, other) => one - other)).toEqual(items);
  });
});
