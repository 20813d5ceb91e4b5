/**
 * The simulated clock and everything that is still to happen. Time only moves
 * when the next thing is taken out; things of the same time happen in the order
 * in which they were put in, so a run never depends on anything but its seed.
 */

/** Something that will happen, unless it is cancelled first. */
export interface Scheduled {
  readonly atMs: number;
  /** Breaks ties: the number of things scheduled before. */
  readonly order: number;
  /** Undefined once it has happened or was cancelled. */
  run: (() => void) | undefined;
}

export class EventQueue {
  /** A binary heap: the parent of `at` is `(at - 1) >> 1`, and never later than its children. */
  readonly #heap: Scheduled[] = [];
  /** When each of them happens, at the same place: numbers side by side are compared without looking at the rest. */
  readonly #times: number[] = [];
  #nowMs = 0;
  #order = 0;
  #happenedNow = 0;

  /** Simulated milliseconds since the beginning. Never goes back. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has `run` called at a time; at once, when that is in the past. */
  at(timeMs: number, run: () => void): Scheduled {
    const scheduled: Scheduled = {
      atMs: timeMs > this.#nowMs ? timeMs : this.#nowMs,
      order: this.#order,
      run,
    };
    this.#order += 1;
    this.#insert(scheduled);
    return scheduled;
  }

  after(delayMs: number, run: () => void): Scheduled {
    return this.at(this.#nowMs + delayMs, run);
  }

  /** The time of the next thing, or undefined when nothing is left. */
  nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  /** Moves the time on to the next thing and lets it happen. False when nothing is left. */
  advance(): boolean {
    this.#dropCancelled();
    const next = this.#heap[0];
    if (next === undefined) return false;
    this.#removeFirst();
    this.#happenedNow = next.atMs === this.#nowMs ? this.#happenedNow + 1 : 0;
    if (this.#happenedNow > MAX_AT_ONE_TIME) {
      throw new Error(
        `time stands still at ${this.#nowMs} ms: something asks to be called at once, forever`,
      );
    }
    this.#nowMs = next.atMs;
    const run = next.run;
    next.run = undefined;
    run?.();
    return true;
  }

  /** Moves the time on to a moment before which nothing is left to happen. */
  idleUntil(timeMs: number): void {
    const next = this.nextMs();
    if (next !== undefined && next < timeMs) {
      throw new RangeError(`something happens at ${next} ms, before ${timeMs} ms`);
    }
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) this.#removeFirst();
  }

  #insert(item: Scheduled): void {
    const [heap, times] = [this.#heap, this.#times];
    const { atMs } = item;
    let at = heap.length;
    heap.push(item);
    times.push(atMs);
    // It was put in last, so it goes behind everything of its time.
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parentMs = times[parentAt] as number;
      if (parentMs <= atMs) break;
      heap[at] = heap[parentAt] as Scheduled;
      times[at] = parentMs;
      at = parentAt;
    }
    heap[at] = item;
    times[at] = atMs;
  }

  #removeFirst(): void {
    const [heap, times] = [this.#heap, this.#times];
    const item = heap.pop();
    times.pop();
    if (item === undefined || heap.length === 0) return;
    const { atMs } = item;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && this.#isBefore(childAt + 1, childAt)) childAt += 1;
      const childMs = times[childAt] as number;
      const child = heap[childAt] as Scheduled;
      if (childMs > atMs || (childMs === atMs && child.order > item.order)) break;
      heap[at] = child;
      times[at] = childMs;
      at = childAt;
    }
    heap[at] = item;
    times[at] = atMs;
  }

  #isBefore(one: number, other: number): boolean {
    const [oneMs, otherMs] = [this.#times[one] as number, this.#times[other] as number];
    if (oneMs !== otherMs) return oneMs < otherMs;
    return (this.#heap[one] as Scheduled).order < (this.#heap[other] as Scheduled).order;
  }
}

const MAX_AT_ONE_TIME = 100_000;

/** Takes something back. Harmless when it has happened already. */
export function cancel(scheduled: Scheduled | undefined): void {
  if (scheduled !== undefined) scheduled.run = undefined;
}
