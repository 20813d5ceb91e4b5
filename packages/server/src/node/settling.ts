/**
 * When what events have led to is sent. What a single event leads to leaves at once, when
 * that event is over. While more sockets have something in the same turn of the event loop,
 * what all of theirs leads to leaves at the end of the turn: what goes to another server is
 * one write, whoever reads at the other end wakes up once, and what is to be done once for
 * all is not done for each.
 */
export class Settling {
  readonly #settle: () => void;
  #isScheduled = false;
  /** Whether something was settled in this turn of the event loop already. */
  #isLater = false;
  /** Whether anything has happened since. */
  #isDirty = false;

  /** `settle`: sends what is to be sent. */
  constructor(settle: () => void) {
    this.#settle = settle;
  }

  /** Has things settled soon: after what runs now, its microtasks included, and before any timer. */
  soon(): void {
    this.#isDirty = true;
    if (this.#isScheduled || this.#isLater) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#isLater = true;
      setImmediate(() => {
        this.#isLater = false;
        if (this.#isDirty) this.#now();
      });
      this.#now();
    });
  }

  #now(): void {
    this.#isDirty = false;
    this.#settle();
  }
}
