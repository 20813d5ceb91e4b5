/**
 * IsolatedLeader: a leader that hears from no quorum stops serving within syncLimit ticks and
 * the tick in which it looks. Measured by the leader's own clock, and from the
 * moment at which it began to serve or went on after a pause.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export interface LeaderLimits {
  readonly tickTimeMs: number;
  readonly syncLimit: number;
  readonly initLimit: number;
  /** How late timers may fire. */
  readonly timerLatenessMs: number;
}

interface Hearing {
  /** By learner: when the leader heard from it last. */
  readonly heardMs: Map<Sid, number>;
  sinceMs: number;
}

export class IsolatedLeader implements Checker {
  readonly name = "isolated-leader";
  readonly watches = ["step", "crash", "resume"] as const;
  readonly #boundMs: number;
  readonly #hearings = new Map<Sid, Hearing>();

  constructor({ tickTimeMs, syncLimit, initLimit, timerLatenessMs }: LeaderLimits) {
    // A learner that has just joined is given the time to synchronize, too.
    this.#boundMs = (initLimit + syncLimit + 2) * tickTimeMs + 4 * timerLatenessMs;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "crash" || observation.kind === "resume") {
      this.#hearings.delete(observation.sid);
    } else if (observation.kind === "step") {
      const { sid, event, after } = observation;
      if (after.role !== "leading" || !after.serving) {
        this.#hearings.delete(sid);
        return;
      }
      const hearing = this.#hearing(sid, event.nowMs);
      if (event.kind === "received")
        hearing.heardMs.set(world.connection(event.connection).remote, event.nowMs);
      this.#judge(sid, hearing, event.nowMs, world);
    }
  }

  #judge(sid: Sid, { heardMs, sinceMs }: Hearing, nowMs: number, world: WorldView): void {
    const earliestMs = nowMs - this.#boundMs;
    if (sinceMs >= earliestMs) return;
    const heard = [sid];
    for (const [learner, atMs] of heardMs) if (atMs >= earliestMs) heard.push(learner);
    if (world.ensemble.containsQuorum(heard)) return;
    throw new InvariantViolation(
      "IsolatedLeader",
      `${sid} still serves as the leader, though it has heard from ${heard.slice(1).join(", ") || "nobody"} only in the last ${this.#boundMs} ms`,
    );
  }

  #hearing(sid: Sid, nowMs: number): Hearing {
    let hearing = this.#hearings.get(sid);
    if (hearing === undefined) {
      hearing = { heardMs: new Map(), sinceMs: nowMs };
      this.#hearings.set(sid, hearing);
    }
    return hearing;
  }
}
