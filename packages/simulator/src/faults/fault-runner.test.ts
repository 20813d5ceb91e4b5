/** Faults that wait for somebody in a moment that is soon over. */
import { describe, expect, it } from "vitest";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";
import { FaultRunner } from "./fault-runner.js";
import type { Fault, Target } from "./faults.js";

const KILL = { loss: { kind: "process" }, silently: false } as const;

function calmWorld(): { readonly world: World; readonly runner: FaultRunner } {
  const settings = calmSettings(3);
  const world = new World({ seed: 1, settings, kit: quorumKit });
  for (const process of world.processes) process.start();
  world.runUntil(5000);
  return { world, runner: new FaultRunner(world, 10 * settings.peer.tickTimeMs) };
}

function crash(target: Target, downMs: number, trap?: "LEADERINFO"): Fault {
  return {
    kind: "crash",
    target,
    trap: trap === undefined ? undefined : { kind: "beforePacket", packet: trap, nth: 1 },
    manner: KILL,
    downMs,
    comesBack: "afterwards",
  };
}

describe("a fault at the next candidate", () => {
  const candidate: Target = { kind: "candidate", otherwise: 1n, withinMs: 2000 };

  it("waits for one, who promises what a stranger claims and is not heard", () => {
    const { world, runner } = calmWorld();
    runner.fire(crash({ kind: "leader", otherwise: 1n }, 300));
    runner.fire({
      kind: "impostor",
      target: candidate,
      as: 1n,
      certificate: undefined,
      epochsAhead: 7,
      asksForHistory: false,
      times: 1,
      everyMs: 100,
      staysMs: 100,
    });
    runner.fire(crash(candidate, 3000, "LEADERINFO"));
    world.runUntil(7000);
    const down = world.processes.filter(({ up }) => !up);
    expect(down).toHaveLength(1);
    const leader = world.processes.find(({ status }) => status?.role === "leading");
    expect(leader?.status?.serving).toBe(true);
    world.runUntil(12_000);
    // It is back, with a promise that is later than the epoch in which the others go on.
    const [deceived] = down;
    expect(deceived?.status?.serving).toBe(true);
    expect(deceived?.status?.acceptedEpoch).toBeGreaterThan(leader?.status?.epoch ?? Infinity);
  });

  it("hits another one when nobody comes", () => {
    const { world, runner } = calmWorld();
    runner.fire(crash(candidate, 60_000));
    world.runUntil(6900);
    expect(world.processes.every(({ up }) => up)).toBe(true);
    world.runUntil(7100);
    expect(world.process(1n).up).toBe(false);
  });
});

describe("a disk that hangs", () => {
  it("keeps its process from acknowledging, not from answering, until it goes on", () => {
    const { world, runner } = calmWorld();
    const follower = world.processes.find(({ status }) => status?.role === "following");
    if (follower === undefined) throw new Error("nobody follows");
    const target = { kind: "sid", sid: follower.sid } as const;
    runner.fire({ kind: "hungDisk", target, forMs: 300, allButOne: false });
    const before = follower.status?.lastDurableZxid ?? 0n;
    const change = { sessionId: 0x77n, cxid: 0, opCode: -10, body: new Uint8Array([0, 0, 0, 9]) };
    world.gateway
      .portOf("client")
      .submit(follower.sid, { ...change, authInfo: [] }, () => undefined);
    world.runUntil(5250);
    expect(follower.status?.role).toBe("following");
    expect(follower.status?.lastLoggedZxid).toBeGreaterThan(before);
    expect(follower.status?.lastDurableZxid).toBe(before);
    world.runUntil(5600);
    expect(follower.status?.lastDurableZxid).toBeGreaterThan(before);
  });
});
