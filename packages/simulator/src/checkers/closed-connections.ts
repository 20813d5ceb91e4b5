/**
 * ClosedConnections: a peer closes what it has no use for. A leader has connections that it has
 * accepted, each of which was heard from within initLimit or syncLimit, whichever is
 * longer; a learner has at most the one to its leader; nobody else has any.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { Lateness } from "./lateness.js";
import type { LearnerLimits } from "./time-limits.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What one process has. */
interface Ends {
  /** When each was heard from, or began. */
  readonly accepted: Map<ConnectionId, number>;
  readonly opened: Set<ConnectionId>;
  /** No accepted one has been silent since before this time. */
  silentSinceMs: number;
}

export class ClosedConnections implements Checker {
  readonly name = "closed-connections";
  readonly watches = ["step", "crash", "resume"] as const;
  readonly #boundMs: number;
  readonly #lateness: Lateness;
  readonly #ends = new Map<Sid, Ends>();

  constructor({ tickTimeMs, initLimit, syncLimit, timerLatenessMs }: LearnerLimits) {
    this.#boundMs = Math.max(initLimit, syncLimit) * tickTimeMs;
    this.#lateness = new Lateness(timerLatenessMs);
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#ends.delete(observation.sid);
        return;
      case "resume":
        this.#lateness.onResume(observation.sid, world);
        return;
      case "step":
        this.#onStep(observation, world);
        return;
      default:
        return;
    }
  }

  /** What a step leaves behind is seen in the next one: a crash may come in the middle of its effects. */
  #onStep(step: Step, world: WorldView): void {
    const { sid, event, effects } = step;
    const ends = this.#of(sid);
    this.#judge(step, ends);
    if (!this.#lateness.isExcused(sid, world)) this.#judgeSilent(step, ends);
    if (event.kind === "accepted") {
      ends.accepted.set(event.connection, event.nowMs);
      ends.silentSinceMs = Math.min(ends.silentSinceMs, event.nowMs);
    } else if (event.kind === "connected") ends.opened.add(event.connection);
    else if (event.kind === "disconnected") drop(ends, event.connection);
    else if (event.kind === "received" && ends.accepted.has(event.connection))
      ends.accepted.set(event.connection, event.nowMs);
    for (const effect of effects)
      if (effect.kind === "closeConnection") drop(ends, effect.connection);
  }

  #judge({ sid, before: { role } }: Step, { accepted, opened }: Ends): void {
    const isLearner = role === "following" || role === "observing";
    if (opened.size > (isLearner ? 1 : 0))
      throw violation(`${sid}, which is ${role}, keeps ${opened.size} that it opened`);
    if (accepted.size > 0 && role !== "leading")
      throw violation(`${sid}, which is ${role}, keeps ${accepted.size} of learners`);
  }

  #judgeSilent({ sid, event }: Step, ends: Ends): void {
    const boundMs = this.#boundMs + this.#lateness.timerMs;
    if (event.nowMs - ends.silentSinceMs <= boundMs) return;
    ends.silentSinceMs = Infinity;
    for (const [connection, heardMs] of ends.accepted) {
      ends.silentSinceMs = Math.min(ends.silentSinceMs, heardMs);
      const silentMs = event.nowMs - heardMs;
      if (silentMs <= boundMs) continue;
      throw violation(
        `${sid} keeps ${connection}, on which nothing has come for ${silentMs.toFixed(0)} ms`,
      );
    }
  }

  #of(sid: Sid): Ends {
    let ends = this.#ends.get(sid);
    if (ends === undefined)
      this.#ends.set(
        sid,
        (ends = { accepted: new Map(), opened: new Set(), silentSinceMs: Infinity }),
      );
    return ends;
  }
}

function drop({ accepted, opened }: Ends, connection: ConnectionId): void {
  accepted.delete(connection);
  opened.delete(connection);
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("ClosedConnections", `connections: ${text}`);
}
