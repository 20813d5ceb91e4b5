import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../faults/faults.js";
import {
  addResult,
  describeCoverage,
  describeProgress,
  missingFrom,
  newTally,
} from "./seed-summary.js";
import type { SeedResult } from "./run-seed.js";

const FINE: SeedResult = {
  seed: 1,
  violation: undefined,
  traceHash: "",
  simulatedMs: 10_000,
  steps: 500,
  coverage: { fault: { crash: 2 } },
  faults: [],
  operations: [],
};

describe("the report on many runs", () => {
  it("adds up runs and tells their speed against the time that they had a core", () => {
    const tally = newTally();
    addResult(tally, FINE, 10);
    const violation = {
      invariant: "OneLeaderPerEpoch",
      checker: "one-leader-per-epoch",
      text: "",
      atMs: 5,
    };
    addResult(tally, { ...FINE, violation }, 30);
    expect(describeProgress(tally, 1000)).toBe(
      "2 seeds, 2.0 seeds/s, 500 x real time per core, 1 violation",
    );
    expect(tally.coverage.timesOf("fault", "crash")).toBe(4);
  });

  it("lines up what happened, the most frequent first", () => {
    const lines = describeCoverage({ stop: { asked: 2, disk: 140, refusedToStart: 7 } });
    expect(lines.slice(0, 3)).toEqual([
      "",
      "stop",
      "  disk           140  refusedToStart   7  asked            2",
    ]);
    expect(lines).toContain("NEVER HAPPENED");
  });

  it("names faults that never fired", () => {
    const missing = missingFrom({ fault: { crash: 1 } });
    for (const kind of FAULT_KINDS) {
      expect(missing.includes(`fault: ${kind}`)).toBe(kind !== "crash");
    }
  });
});
