/** Runs with clients of the client port: repeatable, without a violation, and about what they are meant to be about. */
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { runSeed, type SeedResult } from "../runs/run-seed.js";
import { shrink } from "../runs/shrink.js";
import { Coverage } from "../trace/coverage.js";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { clientPortCast } from "./client-port-cast.js";
import { clientPortMutants } from "../mutants/client-port/index.js";

const SEEDS = Array.from({ length: effort(12, 4) }, (_, at) => at + 1);

/** More than twice as slow as any that is drawn, with servers that have little patience: some are given up now and then. */
function onSlowNetwork(settings: WorldSettings): WorldSettings {
  const { peer, quorum } = settings;
  const { tickTimeMs } = peer;
  const pipe = {
    ...quorum.pipe,
    minLatencyMs: 0.01 * tickTimeMs,
    meanExtraLatencyMs: 0.4 * tickTimeMs,
    windowBytes: 64 * 1024,
  };
  return {
    ...settings,
    peer: { ...peer, syncLimit: 2 },
    safetyMs: 20 * tickTimeMs,
    quorum: { ...quorum, pipe },
  };
}

const results = new Map<number, SeedResult>();

function usual(seed: number): SeedResult {
  const result = results.get(seed) ?? runSeed(seed, { cast: clientPortCast });
  results.set(seed, result);
  return result;
}

describe("a seed with clients of the client port", () => {
  it.each(SEEDS)("ends with everybody served and no violation: %i", (seed) => {
    expect(usual(seed).violation).toBeUndefined();
  });

  it("gives the same run every time, whoever listens", () => {
    const lines: string[] = [];
    const again = runSeed(1, { cast: clientPortCast, sink: (line) => lines.push(line) });
    expect(again.traceHash).toBe(usual(1).traceHash);
    expect(again.coverage).toEqual(usual(1).coverage);
    expect(lines.some((line) => line.includes("is answered OK"))).toBe(true);
  });

  it("has clients that are answered, notified, and move with their sessions", () => {
    const coverage = new Coverage();
    for (const seed of SEEDS) coverage.add(usual(seed).coverage);
    expect(coverage.timesOf("answered", "OK")).toBeGreaterThan(100);
    for (const name of ["connected", "session taken along", "expired", "wrong password"])
      expect(coverage.timesOf("connection", name), name).toBeGreaterThan(0);
    expect(coverage.timesOf("event", "NodeCreated")).toBeGreaterThan(0);
  });

  // In seed 87 an answer waits for several messages of the leader; in seed 95 a message is late that was sent before.
  it.each([...SEEDS, 87, 95])(
    "blames no server for a network that is late now and then: %i",
    (seed) => {
      const adapt = (settings: WorldSettings, random: Random): WorldSettings =>
        onSlowNetwork(clientPortCast.adapt?.(settings, random) ?? settings);
      expect(runSeed(seed, { cast: { ...clientPortCast, adapt } }).violation).toBeUndefined();
    },
  );

  it("can be shrunk to a part of what its clients do", () => {
    const mutant = clientPortMutants.find(({ name }) => name === "any-password");
    const failing = runSeed(1, { cast: clientPortCast, mutant });
    expect(failing.violation?.invariant).toBe("TrueReasons");
    const run = (selection: Parameters<Parameters<typeof shrink>[1]>[0]): SeedResult =>
      runSeed(1, { cast: clientPortCast, mutant, selection });
    const { result, selection } = shrink(failing, run, 60);
    expect(result.violation?.invariant).toBe("TrueReasons");
    expect(selection.operations.size).toBeLessThan(failing.operations.length);
  });
});
