import { planFaults, runSeed, standardCast, type Cast, type CustomFault } from "@jute-ts/simulator";

/** The wall clocks of all machines are an hour ahead for a while, as after a wrong answer of a time server. */
function wrongTime(forMs: number): CustomFault {
  return {
    kind: "custom",
    name: "wrong time",
    forMs,
    begin(world) {
      for (const process of world.processes) process.jumpWallClock(3_600_000);
      return () => {
        for (const process of world.processes) process.jumpWallClock(-3_600_000);
      };
    },
  };
}

const cast: Cast = {
  ...standardCast,
  planFaults(random, settings, safetyMs) {
    const plan = planFaults(random, settings, safetyMs);
    const fault = wrongTime(random.exponential(settings.peer.tickTimeMs * 10));
    return [...plan, { id: plan.length + 1, atMs: safetyMs * random.fraction(), fault }];
  },
};

const { violation, coverage } = runSeed(3, { cast });
console.log(violation?.text ?? "no violation");
console.log(coverage.fault?.["custom wrong time"]); // 1
