/** Disks that come back as older ones, or damaged. */
import { describe, expect, it } from "vitest";
import { quorumKit } from "../world/quorum-kit.js";
import { calmSettings, type WorldSettings } from "../world/settings.js";
import { World } from "../world/world.js";
import { FaultRunner } from "./fault-runner.js";
import type { Damage, Fault } from "./faults.js";
import type { PeerProcess } from "../world/peer-process.js";

interface Stage {
  readonly world: World;
  readonly runner: FaultRunner;
  readonly follower: PeerProcess;
}

function stage(settings: WorldSettings = calmSettings(3)): Stage {
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

describe("a bit of the newest snapshot", () => {
  function rot({ sid }: PeerProcess): Fault {
    return { kind: "rot", target: { kind: "sid", sid }, at: 0.3, bit: 1, downMs: 100 };
  }

  /** The follower comes back to a leader that has nothing but a snapshot for it. */
  function stageOfInstallation(): Stage {
    const settings = calmSettings(3);
    const storage = { ...settings.peer.storage, snapCount: 4, retainSnapshots: 3 };
    const staged = stage({ ...settings, peer: { ...settings.peer, commitLogCount: 1, storage } });
    const { world, follower } = staged;
    for (let nth = 0n; nth < 10n; nth += 1n) write(world, follower, 0x10n + nth);
    const [other] = world.processes.filter(({ sid }) => sid !== follower.sid);
    if (other === undefined) throw new Error("there is one server only");
    follower.crash({ loss: { kind: "process" }, silently: false });
    for (let nth = 0n; nth < 40n; nth += 1n) write(world, other, 0x20n + nth);
    follower.start();
    return staged;
  }

  function snapshots({ disk }: PeerProcess): readonly string[] {
    return disk.names("data", "durable").filter((name) => name.startsWith("snapshot."));
  }

  it("turns over where the server can start from another one", () => {
    const { world, runner, follower } = stageOfInstallation();
    world.runUntil(world.nowMs + 2000);
    for (let nth = 0n; nth < 10n; nth += 1n) write(world, follower, 0x50n + nth);
    expect(snapshots(follower).length).toBeGreaterThan(1);
    runner.fire(rot(follower));
    expect(world.coverage.counts().fault?.["rot"]).toBe(1);
    expect(follower.up).toBe(false);
    world.runUntil(world.nowMs + 2000);
    expect(follower.status?.serving).toBe(true);
  });

  it("does not while a leader's snapshot is about to replace all others", () => {
    const { world, runner, follower } = stageOfInstallation();
    const before = snapshots(follower);
    world.runUntilHolds(world.nowMs + 2000, () => snapshots(follower).length > before.length);
    expect(before.length).toBeGreaterThan(0);
    expect(snapshots(follower)).toEqual(expect.arrayContaining([...before]));
    runner.fire(rot(follower));
    expect(world.coverage.counts().fault?.["rot"]).toBeUndefined();
    world.runUntil(world.nowMs + 2000);
    expect(follower.status?.serving).toBe(true);
    expect(snapshots(follower)).toHaveLength(1);
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

describe("an older file that goes missing", () => {
  /** A follower with several logs, of one epoch, and several snapshots where it writes them this often. */
  function stageOfLogs(snapCount: number): Stage {
    const settings = calmSettings(3);
    const storage = { ...settings.peer.storage, snapCount };
    const staged = stage({ ...settings, peer: { ...settings.peer, storage } });
    const { world, follower } = staged;
    for (let life = 0n; life < 3n; life += 1n) {
      for (let nth = 0n; nth < 10n; nth += 1n) write(world, follower, 0x100n * life + nth);
      follower.crash({ loss: { kind: "process" }, silently: false });
      follower.start();
      world.runUntil(world.nowMs + 2000);
    }
    write(world, follower, 0x1000n);
    return staged;
  }

  function lossOf({ sid }: PeerProcess, file: number): Fault {
    const target = { kind: "sid", sid } as const;
    return { kind: "damage", target, how: "older missing", file, at: 0, downMs: 100 };
  }

  function counts(world: World): string[] {
    return Object.keys(world.coverage.counts().fault ?? {}).filter((name) =>
      name.includes("older"),
    );
  }

  it("is missed where the newest snapshot needs it", () => {
    const { world, runner, follower } = stageOfLogs(1000);
    const before = follower.status?.lastDurableZxid ?? 0n;
    runner.fire(lossOf(follower, 0));
    expect(counts(world)).toEqual(["damage missing of an older log, needed"]);
    world.runUntilHolds(world.nowMs + 500, () => follower.stopReason === "refusedToStart");
    expect(follower.stopReason).toBe("refusedToStart");
    world.runUntil(world.nowMs + 5000);
    expect(follower.status?.serving).toBe(true);
    expect(follower.status?.lastDurableZxid).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ["snapshot", 0],
    ["log", 0.99],
  ] as const)("is not missed where that has all that it had: a %s", (kind, file) => {
    const { world, runner, follower } = stageOfLogs(4);
    const before = follower.status?.lastDurableZxid ?? 0n;
    runner.fire(lossOf(follower, file));
    expect(counts(world)).toEqual([`damage missing of an older ${kind}, not needed`]);
    world.runUntilHolds(world.nowMs + 500, () => follower.status?.role === "looking");
    expect(follower.status?.lastLoggedZxid).toBeGreaterThanOrEqual(before);
    world.runUntil(world.nowMs + 5000);
    expect(follower.status?.serving).toBe(true);
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
