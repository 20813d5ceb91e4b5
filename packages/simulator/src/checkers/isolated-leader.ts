/**
 * IsolatedLeader: a leader that hears from no quorum stops serving within
 * syncLimit ticks and the tick in which it looks. Only followers that are in sync
 * keep it in office, and only by whole packets: one that is still being sent the
 * state, or that hangs in the middle of a packet, does not count. Measured by the
 * leader's own clock, from the moment at which it began to serve or went on after a
 * pause.
 *
 * And one whose followers answer pings, but acknowledge nothing, does not stay
 * either: a proposal that is on the leader's own disk, and that no quorum takes up
 * while nobody comes or goes, ends its leadership within twice that time.
 */
import type { PeerStatus } from "@jute-ts/quorum";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { SyncLimits } from "./time-limits.js";

interface Hearing {
  /** By learner: when the leader heard from it last, while it was in sync. */
  readonly heardMs: Map<Sid, number>;
  /** From whom packets have arrived that are handled in the next step. */
  readonly arrived: Set<Sid>;
  readonly sinceMs: number;
  /** Until when those that were heard from when it was last judged are a quorum, whatever comes. */
  quorateUntilMs: number;
  /** Since when nothing was committed, though something waits, and nobody came or went. */
  stuckSinceMs: number;
  committed: Zxid;
  learners: PeerStatus["learners"];
}

export class IsolatedLeader implements Checker {
  readonly name = "isolated-leader";
  readonly watches = ["leading", "delivered", "crash", "resume"] as const;
  readonly #boundMs: number;
  readonly #hearings = new Map<Sid, Hearing>();

  constructor({ tickTimeMs, syncLimit, timerLatenessMs }: SyncLimits) {
    // It looks at every second ping, each of which may be late.
    this.#boundMs = (syncLimit + 1) * tickTimeMs + 4 * timerLatenessMs + 1;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
      case "resume":
        this.#hearings.delete(observation.sid);
        return;
      case "delivered":
        this.#hearings.get(observation.to)?.arrived.add(observation.from);
        return;
      case "step": {
        const { sid, event, after } = observation;
        if (after.role === "leading" && after.serving) this.#onStep(event.nowMs, after, world);
        else this.#hearings.delete(sid);
        return;
      }
      default:
        return;
    }
  }

  #onStep(nowMs: number, status: PeerStatus, world: WorldView): void {
    const hearing = this.#hearing(status, nowMs);
    if (hearing.arrived.size > 0) {
      for (const { sid, stage } of status.learners)
        if (sid !== undefined && SYNCED.has(stage) && hearing.arrived.has(sid))
          hearing.heardMs.set(sid, nowMs);
      hearing.arrived.clear();
    }
    this.#judgeHeard(hearing, nowMs, status.sid, world);
    this.#judgeStuck(hearing, nowMs, status);
  }

  #judgeHeard(hearing: Hearing, nowMs: number, sid: Sid, world: WorldView): void {
    const earliestMs = nowMs - this.#boundMs;
    if (hearing.sinceMs >= earliestMs || nowMs <= hearing.quorateUntilMs) return;
    const heard = [sid];
    let firstMs = nowMs;
    for (const [learner, atMs] of hearing.heardMs) {
      if (atMs < earliestMs) continue;
      heard.push(learner);
      if (atMs < firstMs) firstMs = atMs;
    }
    if (world.ensemble.containsQuorum(heard)) {
      hearing.quorateUntilMs = firstMs + this.#boundMs;
      return;
    }
    throw new InvariantViolation(
      "IsolatedLeader",
      `${sid} still serves as the leader, though of those in sync with it only ${heard.slice(1).join(", ") || "nobody"} was heard from in the last ${this.#boundMs} ms`,
    );
  }

  #judgeStuck(hearing: Hearing, nowMs: number, status: PeerStatus): void {
    const { sid, lastCommittedZxid, lastDurableZxid, outstanding } = status;
    // A leader's own disk may be slow for as long as it likes: nobody else can know.
    const isOwnDiskBehind = lastDurableZxid <= lastCommittedZxid;
    const isStuck =
      outstanding > 0 &&
      !isOwnDiskBehind &&
      lastCommittedZxid === hearing.committed &&
      isSameCompany(status.learners, hearing.learners);
    if (!isStuck) {
      hearing.stuckSinceMs = nowMs;
      hearing.committed = lastCommittedZxid;
      hearing.learners = status.learners;
    } else if (nowMs - hearing.stuckSinceMs > 2 * this.#boundMs) {
      throw new InvariantViolation(
        "IsolatedLeader",
        `${sid} still serves as the leader, though nothing after ${formatZxid(lastCommittedZxid)} was acknowledged for ${(nowMs - hearing.stuckSinceMs).toFixed(0)} ms`,
      );
    }
  }

  #hearing({ sid, lastCommittedZxid }: PeerStatus, nowMs: number): Hearing {
    let hearing = this.#hearings.get(sid);
    if (hearing === undefined) {
      hearing = {
        heardMs: new Map(),
        arrived: new Set(),
        sinceMs: nowMs,
        quorateUntilMs: nowMs,
        stuckSinceMs: nowMs,
        committed: lastCommittedZxid,
        learners: [],
      };
      this.#hearings.set(sid, hearing);
    }
    return hearing;
  }
}

function isSameCompany(one: PeerStatus["learners"], other: PeerStatus["learners"]): boolean {
  return (
    one === other ||
    (one.length === other.length &&
      one.every(({ sid, stage }, at) => other[at]?.sid === sid && other[at]?.stage === stage))
  );
}

/** The stages of a learner that has the leader's history on disk. */
const SYNCED: ReadonlySet<string> = new Set(["awaitingActivation", "forwarding"]);
