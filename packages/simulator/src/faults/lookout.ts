/**
 * Waits for a moment in the life of the servers. It looks at fixed times, as an
 * operator's script does; a look between which and the one before it no server has
 * changed would show the same, and is left out.
 */
import type { Changes } from "../world/changes.js";
import { cancel, type EventQueue, type Scheduled } from "../world/event-queue.js";

export interface LookoutOptions {
  /** How many looks there are at most; no limit when undefined. */
  readonly looks?: number;
  /** The first look from this time on is made whatever happens; never, when undefined. */
  readonly endMs?: number;
}

/** Somebody who waits. */
interface Watcher {
  readonly look: () => boolean;
  /** From when on there is one more look whatever happens; Infinity for none. */
  endMs: number;
  /** How many looks are left. */
  left: number;
  /** When the next look is due. */
  nextMs: number;
  scheduled: Scheduled | undefined;
}

export class Lookout {
  readonly #queue: EventQueue;
  readonly #changes: Changes;
  readonly #everyMs: number;
  readonly #isOver: () => boolean;
  /** In the order in which they began, which is that of looks at the same time. */
  #watchers: Watcher[] = [];
  #isTold = false;

  /** `isOver`: whether nobody need look any more. */
  constructor({ queue, changes }: Surroundings, everyMs: number, isOver: () => boolean) {
    this.#queue = queue;
    this.#changes = changes;
    this.#everyMs = everyMs;
    this.#isOver = isOver;
  }

  /** Looks now, and again until `look` says that it is enough. */
  keep(look: () => boolean, { looks = Infinity, endMs = Infinity }: LookoutOptions = {}): void {
    const nextMs = this.#queue.nowMs;
    const watcher: Watcher = { look, endMs, left: looks, nextMs, scheduled: undefined };
    this.#watchers.push(watcher);
    this.#lookFor(watcher);
  }

  #lookFor(watcher: Watcher): void {
    cancel(watcher.scheduled);
    watcher.scheduled = undefined;
    const isEnough = watcher.look();
    this.#pass(watcher);
    if (this.#queue.nowMs >= watcher.endMs) watcher.endMs = Infinity;
    if (isEnough || watcher.left <= 0) {
      this.#watchers = this.#watchers.filter((each) => each !== watcher);
      return;
    }
    this.#awaitChange();
    if (watcher.endMs === Infinity) return;
    const { nextMs, left } = watcher;
    this.#advance(watcher, watcher.endMs);
    this.#schedule(watcher);
    watcher.nextMs = nextMs;
    watcher.left = left;
  }

  #awaitChange(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#changes.once(() => {
      this.#isTold = false;
      for (const watcher of this.#watchers) {
        this.#advance(watcher, this.#queue.nowMs);
        this.#schedule(watcher);
      }
    });
  }

  /** Leaves out the looks before a time. */
  #advance(watcher: Watcher, timeMs: number): void {
    while (watcher.nextMs < timeMs && watcher.left > 0) this.#pass(watcher);
  }

  #pass(watcher: Watcher): void {
    watcher.nextMs += this.#everyMs;
    watcher.left -= 1;
  }

  #schedule(watcher: Watcher): void {
    cancel(watcher.scheduled);
    if (watcher.left <= 0) return;
    watcher.scheduled = this.#queue.at(watcher.nextMs, () => {
      this.#onDue();
    });
  }

  #onDue(): void {
    if (this.#isOver()) return;
    for (const watcher of this.#watchers) {
      this.#advance(watcher, this.#queue.nowMs);
      if (watcher.nextMs === this.#queue.nowMs && watcher.left > 0) this.#lookFor(watcher);
    }
  }
}

interface Surroundings {
  readonly queue: EventQueue;
  readonly changes: Changes;
}
