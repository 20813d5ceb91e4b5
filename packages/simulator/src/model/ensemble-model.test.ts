import { describe, expect, it } from "vitest";
import { EnsembleModel } from "./ensemble-model.js";

/** Every subset of the servers 1 to `size`. */
function subsets(size: number): bigint[][] {
  return Array.from({ length: 1 << size }, (_, bits) =>
    Array.from({ length: size }, (_at, at) => BigInt(at + 1)).filter(
      (_sid, at) => (bits & (1 << at)) !== 0,
    ),
  );
}

function voters(size: number): bigint[] {
  return Array.from({ length: size }, (_, at) => BigInt(at + 1));
}

describe("the model of an ensemble", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])("counts a majority of %i voters, and observers not", (size) => {
    const shape = { voters: voters(size), observers: [99n], groups: undefined, weights: undefined };
    const ensemble = new EnsembleModel(shape);
    for (const sids of subsets(size))
      expect(ensemble.containsQuorum([...sids, 99n])).toBe(sids.length >= Math.floor(size / 2) + 1);
  });

  it("counts groups by weight, and groups without weight not at all", () => {
    // Groups {1,2,3}, {4,5} and {6}; 3 weighs 3 and 4 weighs 2, and 6 nothing.
    const groups = [[1n, 2n, 3n], [4n, 5n], [6n]];
    const weights = new Map([
      [3n, 3],
      [4n, 2],
      [6n, 0],
    ]);
    const shape = { voters: voters(6), observers: [], groups, weights };
    const ensemble = new EnsembleModel(shape);
    const table: readonly (readonly [readonly bigint[], boolean])[] = [
      [[3n, 4n], true],
      [[1n, 2n, 4n], false],
      [[3n, 5n], false],
      [[3n, 5n, 6n], false],
      [[1n, 3n, 4n, 5n], true],
      [[3n, 6n], false],
      [[1n, 2n, 3n], false],
    ];
    for (const [sids, expected] of table) expect(ensemble.containsQuorum(sids)).toBe(expected);
  });

  it("never lets two quorums be without a common member", () => {
    const groups = [[1n], [2n, 3n], [4n, 5n, 6n]];
    const weights = new Map([
      [2n, 2],
      [5n, 0],
    ]);
    const shape = { voters: voters(6), observers: [], groups, weights };
    const ensemble = new EnsembleModel(shape);
    for (const sids of subsets(6)) {
      const others = voters(6).filter((sid) => !sids.includes(sid));
      expect(ensemble.containsQuorum(sids) && ensemble.containsQuorum(others)).toBe(false);
    }
  });
});
