import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, recordedFor, type Figures } from "./judge.js";

function failureOf(measured: Figures, recorded: Figures): string | undefined {
  return judge({ "a/encode": measured }, { "a/encode": recorded })[0]?.failure;
}

describe("the guard", () => {
  test.each([
    ["as on record", { ratio: 4, bytes: 200 }, undefined],
    ["better", { ratio: 9, bytes: 0 }, undefined],
    ["half of the lead", { ratio: 2, bytes: 200 }, undefined],
    ["less than half of it", { ratio: 1.99, bytes: 200 }, "lost its lead"],
    ["half as many bytes again and 64", { ratio: 4, bytes: 364 }, undefined],
    ["one more", { ratio: 4, bytes: 365 }, "allocates more"],
    ["less of a lead, and more bytes", { ratio: 1, bytes: 900 }, "lost its lead, allocates more"],
    ["no lead that was measured", { ratio: NaN, bytes: 200 }, "lost its lead"],
    ["no bytes that were counted", { ratio: 4, bytes: NaN }, "allocates more"],
  ])("%s", (_, measured, failure) => {
    expect(failureOf(measured, { ratio: 4, bytes: 200 })).toBe(failure);
  });

  test("reports decoding that takes 2.2 times as long, whatever the lead was", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 20, noNaN: true }), (ratio) => {
        expect(failureOf({ ratio: ratio / 2.2, bytes: 0 }, { ratio, bytes: 0 })).toBeDefined();
      }),
    );
  });

  test("lets nothing pass that is on one side only", () => {
    const figures = { ratio: 4, bytes: 200 };
    expect(judge({ "a/encode": figures }, {})).toMatchObject([
      { key: "a/encode", failure: "nothing is recorded: run with --record" },
    ]);
    expect(judge({}, { "a/encode": figures })).toMatchObject([
      { key: "a/encode", failure: "is on record and was not measured" },
    ]);
  });

  test("compares with the nearest version of Node on record", () => {
    const figuresOf = (ratio: number) => ({ "a/encode": { ratio, bytes: 0 } });
    const record = { 20: figuresOf(20), 24: figuresOf(24) };
    expect(recordedFor(record, 20)).toEqual(figuresOf(20));
    expect(recordedFor(record, 21)).toEqual(figuresOf(20));
    expect(recordedFor(record, 23)).toEqual(figuresOf(24));
    expect(recordedFor(record, 30)).toEqual(figuresOf(24));
    expect(recordedFor({}, 24)).toEqual({});
  });
});
