import fc from "fast-check";
import { expect, it } from "vitest";
import { Observations } from "./observations.js";

const VALUES = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 300 });
const PERCENTS = fc.integer({ min: 1, max: 100 });

it("knows the percentiles of all it was told, whenever it is asked", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(VALUES, PERCENTS), { maxLength: 5 }), (parts) => {
      const observations = new Observations();
      const all: number[] = [];
      for (const [values, percent] of parts) {
        for (const value of values) observations.record(value);
        all.push(...values);
        all.sort((a, b) => a - b);
        // Whether a rank between two is that of the lower or the higher, nobody has to say.
        const rank = (percent / 100) * all.length;
        const ranks = [Math.max(1, Math.floor(rank)), Math.ceil(rank)];
        expect(ranks.map((each) => all[each - 1])).toContain(observations.percentile(percent));
      }
    }),
  );
});

it("has nothing to tell of before the first", () => {
  expect(new Observations().percentile(50)).toBe(0);
});
