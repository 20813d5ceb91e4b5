/** How late a server may do what its timers tell it: they fire late, and a process that was paused finds all of them overdue. */
import type { Sid } from "@jute-ts/zookeeper";
import type { WorldView } from "./checker.js";

export class Lateness {
  /** The longest that a timer may fire late, by any server's clock, in milliseconds. */
  readonly timerMs: number;
  /** When each process went on last. */
  readonly #resumedMs = new Map<Sid, number>();

  constructor(timerLatenessMs: number) {
    // Times are fractions, whose sums are rounded.
    this.timerMs = MOST_LATENESSES * timerLatenessMs + 1;
  }

  onResume(sid: Sid, { nowMs }: WorldView): void {
    this.#resumedMs.set(sid, nowMs);
  }

  /** Whether the process has gone on just now, and may not have looked at its timers yet, which may wait for something else first. */
  isExcused(sid: Sid, { nowMs }: WorldView, waitMs = 0): boolean {
    const resumedMs = this.#resumedMs.get(sid);
    return resumedMs !== undefined && nowMs <= resumedMs + this.timerMs + waitMs;
  }
}

/** A timer that fires late for something else is set again for what is overdue, and may be late again; and clocks run at different speeds. */
const MOST_LATENESSES = 3.2;
