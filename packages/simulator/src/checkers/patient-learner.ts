/**
 * PatientLearner: a learner gives its leader the time that is due to it, and no more. It
 * tries to reach the leader five times, a while apart, or for initLimit. From then on the
 * leader has, whenever it was heard from, initLimit until the learner has acknowledged
 * its history, and syncLimit after that. Measured by the learner's own clock.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { Lateness } from "./lateness.js";
import type { LearnerLimits } from "./time-limits.js";

type Step = Extract<Observation, { kind: "step" }>;

interface Learning {
  /** The connection that it has asked for, or has. */
  attempt: number | undefined;
  connection: ConnectionId | undefined;
  failures: number;
  /** When it asks again, after a failure. */
  retryMs: number | undefined;
  /** Whether it has acknowledged the leader's history. */
  isSynced: boolean;
  /** When the leader is lost, unless it is reached or heard from. */
  dueMs: number;
}

export class PatientLearner implements Checker {
  readonly name = "patient-learner";
  readonly watches = ["learning", "crash", "resume"] as const;
  readonly #initMs: number;
  readonly #syncMs: number;
  readonly #lateness: Lateness;
  readonly #learning = new Map<Sid, Learning>();

  constructor({ tickTimeMs, initLimit, syncLimit, timerLatenessMs }: LearnerLimits) {
    this.#initMs = initLimit * tickTimeMs;
    this.#syncMs = syncLimit * tickTimeMs;
    this.#lateness = new Lateness(timerLatenessMs);
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#learning.delete(observation.sid);
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

  #onStep(step: Step, world: WorldView): void {
    const { sid, event, before, after } = step;
    const learning = this.#learning.get(sid);
    const isLearner = after.role === "following" || after.role === "observing";
    const hasChanged = after.role !== before.role || after.leader !== before.leader;
    if (learning !== undefined && (!isLearner || hasChanged)) {
      this.#judgeEnd(step, learning);
      this.#learning.delete(sid);
    }
    if (!isLearner) return;
    if (hasChanged) {
      const begun = newLearning(event.nowMs + this.#initMs);
      this.#learning.set(sid, begun);
      this.#onEffects(step, begun);
    } else if (learning !== undefined) {
      this.#judgeLate(step, learning, world);
      this.#onEvent(step, learning);
      this.#onEffects(step, learning);
    }
  }

  #onEvent({ event }: Step, learning: Learning): void {
    switch (event.kind) {
      case "connectFailed":
        if (event.attempt !== learning.attempt) return;
        learning.attempt = undefined;
        learning.failures++;
        learning.retryMs = event.nowMs + RETRY_MS;
        return;
      case "connected":
        if (event.attempt !== learning.attempt) return;
        learning.attempt = undefined;
        learning.connection = event.connection;
        learning.dueMs = event.nowMs + this.#initMs;
        return;
      case "received":
        if (event.connection !== learning.connection) return;
        learning.dueMs = event.nowMs + (learning.isSynced ? this.#syncMs : this.#initMs);
        return;
      default:
        return;
    }
  }

  #onEffects({ sid, event, effects }: Step, learning: Learning): void {
    for (const effect of effects) {
      if (effect.kind === "send") {
        if (effect.packet.kind === "ACK") learning.isSynced = true;
      } else if (effect.kind === "connect") {
        if (learning.retryMs !== undefined && event.nowMs < learning.retryMs - ROUNDING_MS) {
          const earlyMs = learning.retryMs - event.nowMs;
          throw violation(`${sid} asks ${effect.to} again, ${earlyMs.toFixed(0)} ms too soon`);
        }
        learning.attempt = effect.attempt;
        learning.retryMs = undefined;
      }
    }
  }

  /** Only what has lasted too long ends by a timer, and only what has failed often enough by a failure. */
  #judgeEnd({ sid, event, before, after }: Step, learning: Learning): void {
    if (after.role === "stopped") return;
    const leader = String(before.leader);
    if (event.kind === "deadline" && event.nowMs < learning.dueMs - ROUNDING_MS) {
      const leftMs = learning.dueMs - event.nowMs;
      throw violation(`${sid} gives ${leader} up, which has ${leftMs.toFixed(0)} ms left`);
    }
    if (event.kind === "connectFailed" && learning.failures + 1 < MOST_FAILURES) {
      const failures = learning.failures + 1;
      throw violation(`${sid} gives ${leader} up, which it has tried to reach ${failures} times`);
    }
  }

  #judgeLate({ sid, event, after }: Step, learning: Learning, world: WorldView): void {
    if (this.#lateness.isExcused(sid, world)) return;
    const leader = String(after.leader);
    const { retryMs, dueMs } = learning;
    if (retryMs !== undefined) {
      // Whoever tries again looks at the time then.
      if (event.nowMs <= retryMs + this.#lateness.timerMs) return;
      throw violation(`${sid} does not try again to reach ${leader}`);
    }
    const boundMs = dueMs + this.#lateness.timerMs + (learning.failures > 0 ? RETRY_MS : 0);
    if (event.nowMs <= boundMs) return;
    const lateMs = event.nowMs - dueMs;
    throw violation(`${sid} keeps ${leader}, which was lost ${lateMs.toFixed(0)} ms ago`);
  }
}

function newLearning(dueMs: number): Learning {
  return {
    attempt: undefined,
    connection: undefined,
    failures: 0,
    retryMs: undefined,
    isSynced: false,
    dueMs,
  };
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("PatientLearner", text);
}

/** As Java's learner does it. */
const MOST_FAILURES = 5;
const RETRY_MS = 100;
/** Times are fractions, and sums of them are rounded. */
const ROUNDING_MS = 0.001;
