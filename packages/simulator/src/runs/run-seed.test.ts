import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { InvariantViolation, type Checker } from "../checkers/checker.js";
import { runSeed, type Cast, type SeedResult, type Selection } from "./run-seed.js";
import { shrink } from "./shrink.js";
import { standardCast } from "./standard-cast.js";

const SEEDS = Array.from({ length: effort(12, 3) }, (_, at) => at + 1);

const results = new Map<number, SeedResult>();

/** The run of a seed with the usual cast, from the first time that somebody asked. */
function usual(seed: number): SeedResult {
  const result = results.get(seed) ?? runSeed(seed, { cast: standardCast });
  results.set(seed, result);
  return result;
}

/** The usual cast with one more checker. */
function castWith(newChecker: () => Checker): Cast {
  return { ...standardCast, newCheckers: () => [newChecker()] };
}

describe("a seed", () => {
  it.each(SEEDS)(
    "gives the same run every time, whatever ran before and whoever listens: %i",
    (seed) => {
      const first = usual(seed);
      const lines: string[] = [];
      const second = runSeed(seed, { cast: standardCast, sink: (line) => lines.push(line) });
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.steps).toBe(first.steps);
      expect(second.coverage).toEqual(first.coverage);
      expect(lines.length).toBeGreaterThan(100);
    },
  );

  it("is another run than each other seed", () => {
    expect(new Set(SEEDS.map((seed) => usual(seed).traceHash)).size).toBe(SEEDS.length);
  });

  it("tells the same story twice, line by line", () => {
    const tell = (): string => {
      const lines: string[] = [];
      runSeed(5, { cast: standardCast, sink: (line) => lines.push(line) });
      return lines.join("\n");
    };
    expect(tell()).toBe(tell());
  });

  it.each(SEEDS)("ends with a working ensemble and no violation: %i", (seed) => {
    expect(usual(seed).violation).toBeUndefined();
  });

  it.each(SEEDS)("runs the same whether checkers watch or not: %i", (seed) => {
    const unwatched = { ...standardCast, newCheckers: () => [] };
    expect(runSeed(seed, { cast: unwatched }).traceHash).toBe(usual(seed).traceHash);
  });

  it("tells where what is judged besides has crashed", () => {
    const judgesBesides = {
      broken: (): void => {
        throw new Error("neither right nor refused");
      },
    };
    const { violation } = runSeed(1, { cast: { ...standardCast, judgesBesides } });
    expect(violation).toMatchObject({ invariant: "NoCrash" });
    expect(violation?.text).toMatch(
      /^Error: neither right nor refused\n +at .*run-seed\.test\.ts/u,
    );
  });

  it("heals also when nothing of its schedule happens", () => {
    const selection: Selection = { kind: "only", faults: new Set(), operations: new Set() };
    expect(runSeed(7, { cast: standardCast, selection }).violation).toBeUndefined();
  });

  it("reports an error of a peer or a checker as a violation, with its place", () => {
    const cast = castWith(() => ({
      name: "broken",
      watches: ["step"],
      observe: () => {
        throw new TypeError("oh no");
      },
    }));
    const { violation } = runSeed(1, { cast });
    expect(violation).toMatchObject({ invariant: "NoCrash", checker: "broken" });
    expect(violation?.text).toContain("oh no");
  });

  it("is a violation when it cannot even begin, so that others go on", () => {
    const newCheckers = (): never => {
      throw new RangeError("nothing to judge by");
    };
    const { violation } = runSeed(1, { cast: { ...standardCast, newCheckers } });
    expect(violation).toMatchObject({ invariant: "NoCrash", atMs: 0 });
  });

  it("is shrunk to the crashes that an artificial invariant forbids", () => {
    const cast = castWith(() => {
      let crashes = 0;
      return {
        name: "two-crashes",
        watches: ["crash"],
        observe: (observation) => {
          if (observation.kind === "crash") crashes += 1;
          if (crashes === 2) throw new InvariantViolation("AtMostOneCrash", "a second crash");
        },
      };
    });
    const run = (seed: number, selection?: Selection): SeedResult =>
      runSeed(seed, { cast, selection });
    const seed = SEEDS.find((each) => run(each).violation?.invariant === "AtMostOneCrash");
    if (seed === undefined) throw new Error("no seed has two crashes");
    const failing = run(seed);
    const { selection, result } = shrink(failing, (part) => run(seed, part), 200);
    const crashes = failing.faults.filter(
      ({ id, fault }) => selection.faults.has(id) && fault.kind === "crash",
    );
    expect(crashes.length).toBeLessThanOrEqual(2);
    expect(selection.faults.size).toBeGreaterThan(0);
    // None of the faults is left that it does without.
    for (const id of selection.faults) {
      const faults = new Set([...selection.faults].filter((other) => other !== id));
      expect(run(seed, { ...selection, faults }).violation).toBeUndefined();
    }
    expect(selection.operations.size).toBeLessThan(failing.operations.length);
    expect(result.violation?.invariant).toBe("AtMostOneCrash");
    // What is printed as the way to replay it is the same run.
    const replayed = run(seed, selection);
    expect(replayed.violation).toEqual(result.violation);
    expect(replayed.traceHash).toBe(result.traceHash);
  });
});
