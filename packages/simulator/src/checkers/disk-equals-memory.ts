/**
 * DiskEqualsMemory: what a disk holds is what memory held. When an ensemble is at rest, each
 * member's durable snapshot and log, loaded from scratch, give its tree, to the
 * last session; whenever a snapshot becomes durable, it gives the tree that any
 * server had at its zxid; and whoever begins to look for a leader has in memory
 * what the disk has, no matter what its last role was doing (ZOOKEEPER-3642, 2845).
 */
import { snapshotFileName } from "@jute-ts/persistence";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { ReplicatedState } from "@jute-ts/quorum";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { loadDisk, loadSnapshot } from "../model/disk-twin.js";
import type { GhostDigests } from "../model/ghost-digests.js";
import type { Ghosts } from "../model/ghosts.js";

export class DiskEqualsMemory implements Checker {
  readonly name = "disk-equals-memory";
  readonly watches = ["changed", "reported"] as const;
  readonly #ghosts: Ghosts;
  readonly #digests: GhostDigests;
  readonly #snapshots = new Map<Sid, number>();

  constructor(ghosts: Ghosts, digests: GhostDigests) {
    this.#ghosts = ghosts;
    this.#digests = digests;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const { sid, before, after, effects } = observation;
    for (const effect of effects)
      if (effect.kind === "report" && effect.report.kind === "snapshotWritten")
        this.#judgeSnapshot(sid, effect.report.zxid, world);
    if (after.role === "looking" && before.role !== "looking") this.#judgeMemory(sid, world);
  }

  atEnd(world: WorldView): void {
    const newState = (): ReplicatedState => world.newState();
    for (const { sid, state, status, disk } of world.peers.values()) {
      if (state === undefined || status === undefined) continue;
      const loaded = loadDisk(disk, "current", newState, state.lastProcessedZxid);
      // A slow disk may be behind what a learner has applied; what it has must be right all the same.
      if (status.lastDurableZxid >= state.lastProcessedZxid) judgeEqual(sid, loaded, state);
      else this.#judgeDigest(sid, loaded);
    }
  }

  /** Whoever votes is taken at its word: memory must not be ahead of the disk, nor half of something else. */
  #judgeMemory(sid: Sid, world: WorldView): void {
    const state = world.peers.get(sid)?.state;
    if (state === undefined) return;
    const { lastProcessedZxid } = state;
    const durable = this.#ghosts.disks.durableZxid(sid, world);
    const expected = this.#digests.seen(lastProcessedZxid);
    const differs =
      lastProcessedZxid !== durable
        ? `ends at ${formatZxid(lastProcessedZxid)}, its disk at ${formatZxid(durable)}`
        : expected !== undefined &&
            (state.digest() !== expected.digest || state.sessions.size !== expected.sessions)
          ? `has the digest ${state.digest()} and ${state.sessions.size} sessions at ${formatZxid(durable)}, where ${expected.digest} and ${expected.sessions} are right`
          : undefined;
    if (differs === undefined) return;
    throw new InvariantViolation(
      "DiskEqualsMemory",
      `${sid} looks for a leader with a memory that ${differs}`,
    );
  }

  #judgeDigest(sid: Sid, loaded: ReplicatedState): void {
    const zxid = loaded.lastProcessedZxid;
    const expected = this.#digests.at(zxid);
    if (expected === undefined || loaded.digest() === expected) return;
    throw new InvariantViolation(
      "DiskEqualsMemory",
      `what the disk of ${sid} holds up to ${formatZxid(zxid)} has the digest ${loaded.digest()}, memory had ${expected}`,
    );
  }

  /** Loading a snapshot takes as long as the tree is big, so after the first few only some are. */
  #judgeSnapshot(sid: Sid, zxid: Zxid, world: WorldView): void {
    const count = (this.#snapshots.get(sid) ?? 0) + 1;
    this.#snapshots.set(sid, count);
    const expected = this.#digests.at(zxid);
    const disk = world.peers.get(sid)?.disk;
    if (expected === undefined || disk === undefined) return;
    if (count > ALL_OF_THE_FIRST && count % ONE_IN_LATER !== 0) return;
    const path = { directory: "data", name: snapshotFileName(zxid) } as const;
    const state = loadSnapshot(disk, "durable", path, () => world.newState());
    if (state === undefined) {
      const text = `${sid} reports a snapshot at ${formatZxid(zxid)}, which cannot be read after a power failure`;
      throw new InvariantViolation("DiskEqualsMemory", text);
    }
    if (state.digest() === expected) return;
    throw new InvariantViolation(
      "DiskEqualsMemory",
      `the snapshot of ${sid} at ${formatZxid(zxid)} has the digest ${state.digest()}, the state had ${expected}`,
    );
  }
}

function judgeEqual(sid: Sid, loaded: ReplicatedState, state: ReplicatedState): void {
  const differs =
    loaded.lastProcessedZxid !== state.lastProcessedZxid
      ? `ends at ${formatZxid(loaded.lastProcessedZxid)}`
      : loaded.digest() !== state.digest()
        ? "has another digest"
        : sessionsOf(loaded) !== sessionsOf(state)
          ? "has other sessions"
          : undefined;
  if (differs === undefined) return;
  const zxid = formatZxid(state.lastProcessedZxid);
  throw new InvariantViolation(
    "DiskEqualsMemory",
    `what the disk of ${sid} holds ${differs}; memory is at ${zxid}`,
  );
}

function sessionsOf({ sessions }: ReplicatedState): string {
  return [...sessions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([sessionId, timeoutMs]) => `${sessionId}:${timeoutMs}`)
    .join();
}

const ALL_OF_THE_FIRST = 5;
const ONE_IN_LATER = 16;
