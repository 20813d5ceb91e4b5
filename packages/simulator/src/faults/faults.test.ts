import { describe, expect, it } from "vitest";
import { Random } from "../world/random.js";
import { calmSettings, type WorldSettings } from "../world/settings.js";
import { FAULT_KINDS, type FaultKind, type PlannedFault } from "./faults.js";
import { planFaults, planMisstatements, planTakenPorts } from "./plan-faults.js";
import { describePlannedFault } from "./fault-text.js";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

function plansFor(settings: WorldSettings): readonly PlannedFault[] {
  return SEEDS.flatMap((seed) => [
    ...planFaults(new Random(seed), settings, 100_000),
    ...planMisstatements(new Random(seed), settings, 100_000, 1),
    ...planTakenPorts(new Random(seed), settings, 100_000, 1),
  ]);
}

describe("planned faults", () => {
  it.each([1, 2, 4, 7])("are possible in an ensemble of %i", (voters) => {
    for (const { fault } of plansFor(calmSettings(voters))) {
      if (voters > 1) continue;
      // Nobody is there to be cut off from, or to be spoken to.
      const needTwo = ["partition", "isolate", "cut", "halfOpen", "slowReader", "impostor"];
      expect([...needTwo, "misstatement"]).not.toContain(fault.kind);
    }
  });

  it("are of every kind over a few seeds, each with words of its own", () => {
    const plan = plansFor({ ...calmSettings(3, 1), mayWipe: true });
    expect(new Set(plan.map(({ fault }) => fault.kind))).toEqual(new Set(FAULT_KINDS));
    const words = plan.map((fault) => describePlannedFault(fault));
    expect(words.every((text) => !text.includes("undefined"))).toBe(true);
  });

  it("wipe disks only where they may", () => {
    const kinds = new Set(plansFor(calmSettings(3)).map(({ fault }) => fault.kind));
    expect(kinds).not.toContain("wipe");
  });

  it("are now and then of one kind that takes its time, and nothing else", () => {
    const plans = Array.from({ length: 400 }, (_, seed) =>
      planFaults(new Random(seed), calmSettings(3), 10_000),
    );
    const alone = (kind: FaultKind): number =>
      plans.filter((plan) => plan.length > 0 && plan.every(({ fault }) => fault.kind === kind))
        .length;
    expect(alone("hungDisk")).toBeGreaterThan(8);
    // A stranger may come with the crashes of leaders.
    const kinds = new Set(["impostor", "crash"]);
    const strangers = plans.filter(
      (plan) =>
        plan.some(({ fault }) => fault.kind === "impostor") &&
        plan.every(({ fault }) => kinds.has(fault.kind)),
    );
    expect(strangers.length).toBeGreaterThan(8);
  });

  it("are numbered from 1 and lie within the time that is theirs", () => {
    const plan = planFaults(new Random(3), calmSettings(5), 50_000);
    expect(plan.map(({ id }) => id)).toEqual(plan.map((_, at) => at + 1));
    expect(plan.every(({ atMs }) => atMs >= 0 && atMs < 50_000)).toBe(true);
  });
});
