import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closestName, editDistance } from "./closest-name.js";

/** The definition, written down as a recursion. */
function slowDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const options = [
    slowDistance(restA, b) + 1,
    slowDistance(a, restB) + 1,
    slowDistance(restA, restB) + (a[0] === b[0] ? 0 : 1),
  ];
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0]) {
    options.push(slowDistance(a.slice(2), b.slice(2)) + 1);
  }
  return Math.min(...options);
}

describe("the edit distance", () => {
  it("agrees with its definition", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b));
      }),
    );
  });
});

describe("the closest name", () => {
  it.each([
    ["Stta", ["Acl", "Stat"], "Stat"],
    ["stat", ["State", "Stat"], "Stat"],
    ["lon", ["int", "long"], "long"],
    ["CreateReq", ["CreateTxn", "CreateRequestTwo", "CreateRequest"], "CreateRequest"],
    ["A", ["B", "C"], undefined],
    ["St", ["Statistics"], undefined],
    ["data.Sta", ["data.Stat", "data.StatPersisted"], "data.Stat"],
    ["org.data", ["org.data.Id", "org.data.Acl"], undefined],
    ["Nothing", ["Stat", "Acl"], undefined],
    ["Stat", ["Stat"], undefined],
  ])("of %s among %j is %s", (name, candidates, expected) => {
    expect(closestName(name, candidates)).toBe(expected);
  });
});
