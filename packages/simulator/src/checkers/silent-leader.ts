/**
 * SilentLeader: a learner that serves and hears nothing from its leader leaves it within
 * syncLimit ticks. Measured by the learner's own clock, from the last bytes that it
 * read, or from the moment at which it went on after a pause.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { SyncLimits } from "./time-limits.js";

export class SilentLeader implements Checker {
  readonly name = "silent-leader";
  readonly watches = ["learning", "crash", "resume"] as const;
  readonly #boundMs: number;
  /** By learner that serves: when it read something last. */
  readonly #heardMs = new Map<Sid, number>();

  constructor({ tickTimeMs, syncLimit, timerLatenessMs }: SyncLimits) {
    this.#boundMs = syncLimit * tickTimeMs + timerLatenessMs + 1;
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case "crash":
      case "resume":
        this.#heardMs.delete(observation.sid);
        return;
      case "step":
        this.#onStep(observation);
        return;
      default:
        return;
    }
  }

  #onStep({ sid, event, after }: Extract<Observation, { kind: "step" }>): void {
    const isLed = after.role === "following" || after.role === "observing";
    if (!isLed || !after.serving) {
      this.#heardMs.delete(sid);
      return;
    }
    const heardMs = this.#heardMs.get(sid);
    if (heardMs === undefined || event.kind === "received") {
      this.#heardMs.set(sid, event.nowMs);
    } else if (event.nowMs - heardMs > this.#boundMs) {
      throw new InvariantViolation(
        "SilentLeader",
        `${sid} still follows ${String(after.leader)}, from which it has heard nothing for ${(event.nowMs - heardMs).toFixed(0)} ms`,
      );
    }
  }
}
