/**
 * When what events have led to is sent. What a single event leads to leaves at once, when
 * that event is over. What more happens soon after, as on further sockets in the same turn of
 * the event loop, leaves at the end of the turn: what goes to another server is
 * one write, whoever reads at the other end wakes up once, and what is to be done once for
 * all is not done for each.
 */
export class Settling {
  readonly #settle: () => void;
  readonly #nowMs: () => number;
  /** Whether the rest is to be settled at the end of this turn of the event loop. */
  #isLater = false;
  #isSettling = false;
  #settledMs = -Infinity;

  /** `settle`: sends what is to be sent. */
  constructor(settle: () => void, nowMs: () => number = () => performance.now()) {
    this.#settle = settle;
    this.#nowMs = nowMs;
  }

  /**
   * Something has happened, which began at `beganMs` of the clock: it is settled before this returns,
   * or after what else happens in this turn.
   */
  soon(beganMs: number): void {
    if (this.#isLater) return;
    // Only a callback at its end would tell turns apart for sure, and that is what a turn with one event is spared.
    // How long the event itself took says nothing: a slow machine would send each of a burst on its own.
    if (!this.#isSettling && beganMs - this.#settledMs >= SAME_TURN_MS) {
      this.#now();
      return;
    }
    this.#isLater = true;
    setImmediate(() => {
      this.#isLater = false;
      this.#now();
    });
  }

  #now(): void {
    this.#isSettling = true;
    try {
      this.#settle();
    } finally {
      this.#isSettling = false;
      this.#settledMs = this.#nowMs();
    }
  }
}

/** What follows so soon is taken for something of the same turn. Where it is not, it costs a callback, and no time. */
const SAME_TURN_MS = 0.1;
