import { describe, expect, it } from "vitest";
import type { PlannedFault } from "../faults/faults.js";
import type { SeedResult, Selection } from "./run-seed.js";
import { shrink } from "./shrink.js";

const FAULTS: readonly PlannedFault[] = Array.from({ length: 40 }, (_, at) => ({
  id: at + 1,
  atMs: 10 * (at + 1),
  fault: { kind: "cut", layer: "quorum", one: 1n, other: 2n },
}));
const OPERATIONS: readonly string[] = Array.from({ length: 100 }, (_, at) => `client#${at + 1}`);

/** A run that fails when all of these happen, as far as they are selected. */
function pretend(
  selection: Selection,
  faults: readonly number[],
  operations: readonly string[],
  invariant = "Artificial",
): SeedResult {
  const happens = (named: ReadonlySet<number | string>, key: number | string): boolean =>
    named.has(key) === (selection.kind === "only");
  const fails =
    faults.every((id) => happens(selection.faults, id)) &&
    operations.every((name) => happens(selection.operations, name));
  return {
    seed: 1,
    violation: fails ? { invariant, checker: "test", text: "", atMs: 305 } : undefined,
    traceHash: "",
    simulatedMs: 400,
    steps: 0,
    coverage: {},
    faults: FAULTS,
    operations: OPERATIONS,
  };
}

const ALL: Selection = { kind: "allBut", faults: new Set(), operations: new Set() };

describe("the shrinker", () => {
  it("finds the faults and operations that are needed, and only those", () => {
    const run = (selection: Selection): SeedResult =>
      pretend(selection, [3, 17, 30], ["client#5", "client#99"]);
    const shrunk = shrink(run(ALL), run, 500);
    expect([...shrunk.selection.faults]).toEqual([3, 17, 30]);
    expect([...shrunk.selection.operations]).toEqual(["client#5", "client#99"]);
    expect(shrunk.result.violation?.invariant).toBe("Artificial");
    // What it found fails by itself.
    expect(run(shrunk.selection).violation).toBeDefined();
  });

  it("takes everything away when nothing is needed", () => {
    const run = (selection: Selection): SeedResult => pretend(selection, [], []);
    const { selection, attempts } = shrink(run(ALL), run, 500);
    expect(selection.faults.size + selection.operations.size).toBe(0);
    expect(attempts).toBeLessThan(10);
  });

  it("does not mistake another violation for the one it follows", () => {
    const run = (selection: Selection): SeedResult => {
      const wanted = pretend(selection, [8], []);
      return wanted.violation === undefined ? pretend(selection, [], [], "Another") : wanted;
    };
    expect([...shrink(run(ALL), run, 500).selection.faults]).toEqual([8]);
  });

  it("stops after so many runs, with something that still fails", () => {
    let runs = 0;
    const run = (selection: Selection): SeedResult => {
      runs += 1;
      return pretend(selection, [1, 9, 19, 29], OPERATIONS.slice(0, 50));
    };
    const failing = run(ALL);
    runs = 0;
    const { selection, attempts } = shrink(failing, run, 20);
    expect(runs).toBe(20);
    expect(attempts).toBe(20);
    expect(run(selection).violation).toBeDefined();
  });

  it("refuses a run in which nothing went wrong", () => {
    const fine = pretend(ALL, [], []);
    const run = (): SeedResult => fine;
    expect(() => shrink({ ...fine, violation: undefined }, run, 1)).toThrow(RangeError);
  });
});
