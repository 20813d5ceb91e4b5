/**
 * NoLockout: a promise locks nobody out. Once everything is repaired, a server that has
 * promised a later epoch than the one that a leader serves in does not leave that
 * leader in vain again and again, and is back within the time of one attempt at
 * forming an ensemble, while the leader goes on (UndisturbedLeader).
 */
import type { PeerStatus } from "@jute-ts/quorum";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

/** A server that is out, of a leader's epoch that goes on. */
interface Outside {
  readonly epoch: Epoch;
  readonly sinceMs: number;
  /** How often it has left the leader. */
  left: number;
}

export class NoLockout implements Checker {
  readonly name = "no-lockout";
  readonly watches = ["changed", "crash", "healing"] as const;
  readonly #boundMs: number;
  readonly #outside = new Map<Sid, Outside>();

  constructor(boundMs: number) {
    this.#boundMs = boundMs;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "crash") this.#outside.delete(observation.sid);
    else if (observation.kind === "healing") this.#outside.clear();
    else if (observation.kind === "step" && world.phase === "healing") {
      const { sid, before, after } = observation;
      this.#follow(world);
      const outside = this.#outside.get(sid);
      if (outside !== undefined && isLearner(before) && !isLearner(after)) outside.left++;
      this.#judge(world);
    }
  }

  #follow(world: WorldView): void {
    const epoch = servedEpoch(world);
    for (const [sid, { status }] of world.peers) {
      const isOut =
        epoch !== undefined &&
        status !== undefined &&
        !status.serving &&
        status.acceptedEpoch > epoch;
      if (!isOut) this.#outside.delete(sid);
      else if (this.#outside.get(sid)?.epoch !== epoch)
        this.#outside.set(sid, { epoch, sinceMs: world.nowMs, left: 0 });
    }
  }

  #judge(world: WorldView): void {
    for (const [sid, { epoch, sinceMs, left }] of this.#outside) {
      const outMs = world.nowMs - sinceMs;
      if (left < MAX_VISITS && outMs <= this.#boundMs) continue;
      throw new InvariantViolation(
        "NoLockout",
        `${sid} has promised a later epoch than ${epoch} and does not get into it: ${outMs.toFixed(0)} ms, and ${left} times in vain`,
      );
    }
  }
}

function isLearner({ role }: PeerStatus): boolean {
  return role === "following" || role === "observing";
}

/** The epoch of a leader that serves. */
function servedEpoch(world: WorldView): Epoch | undefined {
  for (const { status } of world.peers.values()) {
    if (status?.role === "leading" && status.serving) return status.epoch;
  }
  return undefined;
}

const MAX_VISITS = 5;
