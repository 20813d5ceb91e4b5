/** Disks that come back as older ones, or damaged. */
import { describe, expect, it } from "vitest";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings } from "../world/settings.js";
import { World } from "../world/world.js";
import { FaultRunner } from "./fault-runner.js";
import type { Damage, Fault } from "./faults.js";
import type { PeerProcess } from "../world/peer-process.js";

interface Stage {
  readonly world: World;
  readonly runner: FaultRunner;
  readonly follower: PeerProcess;
}

function stage(): Stage {
  const settings = calmSettings(3);
  const world: World = new World({
    seed: 1,
    settings,
    kit: quorumKit,
    onStopped: (process) => {
      runner.onStopped(process);
    },
  });
  const runner = new FaultRunner(world, 10 * settings.peer.tickTimeMs);
  for (const process of world.processes) process.start();
  world.runUntil(5000);
  const follower = world.processes.find(({ status }) => status?.role === "following");
  if (follower === undefined) throw new Error("nobody follows");
  return { world, runner, follower };
}

function write(world: World, to: PeerProcess, sessionId: bigint): void {
  const body = new Uint8Array([0, 0, 0x75, 0x30]);
  const change = { sessionId, cxid: 0, opCode: -10, body, authInfo: [] };
  world.gateway.portOf("client").submit(to.sid, change, () => undefined);
  world.runUntil(world.nowMs + 200);
}

function damage(follower: PeerProcess, how: Damage, at: number): Fault {
  const target = { kind: "sid", sid: follower.sid } as const;
  return { kind: "damage", target, how, file: 1, at, downMs: 100 };
}

describe("an older disk", () => {
  it("holds what the disk held when the fault began, and catches up", () => {
    const { world, runner, follower } = stage();
    write(world, follower, 0x10n);
    const before = follower.status?.lastDurableZxid ?? 0n;
    const target = { kind: "sid", sid: follower.sid } as const;
    runner.fire({ kind: "olderDisk", target, ageMs: 1000, downMs: 300 });
    write(world, follower, 0x11n);
    const after = follower.status?.lastDurableZxid ?? 0n;
    expect(after).toBeGreaterThan(before);
    world.runUntilHolds(8000, () => !follower.up);
    expect(follower.up).toBe(false);
    world.runUntilHolds(8000, () => follower.status?.role === "looking");
    expect(follower.status?.lastDurableZxid).toBe(before);
    world.runUntil(12_000);
    expect(follower.status?.serving).toBe(true);
    expect(follower.status?.lastDurableZxid).toBeGreaterThanOrEqual(after);
  });

  it("is waited for while another voter lacks something", () => {
    const { world, runner, follower } = stage();
    const other = world.processes.find(
      ({ sid, status }) => status?.role === "following" && sid !== follower.sid,
    );
    other?.crash({ loss: { kind: "process" }, silently: false });
    const target = { kind: "sid", sid: follower.sid } as const;
    runner.fire({ kind: "olderDisk", target, ageMs: 0, downMs: 300 });
    world.runUntil(6000);
    expect(follower.up).toBe(true);
    other?.start();
    world.runUntilHolds(12_000, () => !follower.up);
    expect(other?.status?.serving).toBe(true);
    expect(follower.up).toBe(false);
  });
});

describe("a damaged log", () => {
  it.each([
    ["bit", 0.3],
    ["block", 0.3],
    ["misplaced", 0.3],
    ["missing", 0],
    ["history", 0],
  ] as const)("is refused, and then whole again: %s", (how, at) => {
    const { world, runner, follower } = stage();
    for (let nth = 0n; nth < 60n; nth += 1n) write(world, follower, 0x10n + nth);
    const before = follower.status?.lastDurableZxid ?? 0n;
    runner.fire(damage(follower, how, at));
    expect(follower.up).toBe(false);
    world.runUntilHolds(world.nowMs + 500, () => follower.stopReason === "refusedToStart");
    expect(follower.stopReason).toBe("refusedToStart");
    world.runUntil(world.nowMs + 5000);
    expect(follower.status?.serving).toBe(true);
    expect(follower.status?.lastDurableZxid).toBeGreaterThanOrEqual(before);
    expect(world.coverage.counts().fault?.["damage refused"]).toBe(1);
  });
});

describe("a half-open link of the quorum", () => {
  it.each(["follower", "leader"] as const)("is not noticed by the %s for a while", (believer) => {
    const { world, runner, follower } = stage();
    const leader = world.processes.find(({ status }) => status?.role === "leading");
    if (leader === undefined) throw new Error("nobody leads");
    const [one, other] = believer === "leader" ? [leader, follower] : [follower, leader];
    runner.fire({
      kind: "halfOpen",
      layer: "quorum",
      believer: one.sid,
      other: other.sid,
      forMs: 200,
    });
    const learners = (): readonly (bigint | undefined)[] =>
      leader.status?.learners.map(({ sid }) => sid) ?? [];
    if (believer === "leader") {
      expect(learners()).toContain(follower.sid);
      expect(follower.status?.role).not.toBe("following");
    } else {
      expect(learners()).not.toContain(follower.sid);
      world.runUntil(world.nowMs + 150);
      expect(follower.status?.role).toBe("following");
      world.runUntilHolds(world.nowMs + 150, () => follower.status?.role !== "following");
      expect(follower.status?.role).not.toBe("following");
    }
    world.runUntil(world.nowMs + 5000);
    expect(follower.status?.serving).toBe(true);
  });
});
