/**
 * Where an fsync of the log is made: on the thread that decides everything, or on
 * one of Node's pool. In place it costs no change of threads, which are as long as
 * the fsync itself where disks are quick, and nothing else happens meanwhile. So it is
 * made in place only while all of this is so: few bytes are to be synced, fsyncs have been
 * quick on the whole, none has taken very long for some time, and the thread is
 * idle most of the time. See docs/decisions/0018.
 */

/** How an fsync went. */
export interface SyncTaken {
  readonly tookMs: number;
  readonly isInPlace: boolean;
}

export class SyncPlace {
  readonly #busyMs: () => number;
  #averageMs = FIRST_AVERAGE_MS;
  #poolUntilMs = -Infinity;
  #windowBeganMs = -Infinity;
  #windowBusyMs = 0;
  /** Time of this window that was spent on fsyncs in place, and on nothing that needs the thread. */
  #windowSyncsMs = 0;
  #isBusy = true;

  /** `busyMs`: for how long this thread has done something since it began. */
  constructor(busyMs: () => number) {
    this.#busyMs = busyMs;
  }

  /** Whether an fsync of so many new bytes is made in place now. Infinity: more than bytes has changed. */
  suits(bytes: number, nowMs: number): boolean {
    this.#look(nowMs);
    return (
      bytes <= MOST_BYTES &&
      this.#averageMs <= QUICK_MS &&
      nowMs >= this.#poolUntilMs &&
      !this.#isBusy
    );
  }

  /** An fsync is done, wherever it was made. */
  onSynced({ tookMs, isInPlace }: SyncTaken, nowMs: number): void {
    // One that took very long says nothing about the many: it has its own rule.
    this.#averageMs += (Math.min(tookMs, MOST_COUNTED_MS) - this.#averageMs) * WEIGHT;
    if (tookMs >= LONG_MS && (isInPlace || this.#diskTookLong(tookMs))) {
      this.#poolUntilMs = nowMs + POOL_AFTER_LONG_MS;
    }
    if (isInPlace) this.#windowSyncsMs += tookMs;
  }

  /** Whether it was the disk that took long, or a thread that was too busy to hear that the pool was done. */
  #diskTookLong(tookMs: number): boolean {
    // The window began before the fsync did, or at the same time.
    const busyMs = this.#busyMs() - this.#windowBusyMs - this.#windowSyncsMs;
    return tookMs - busyMs >= LONG_MS;
  }

  /** Looks from time to time how busy the thread is. */
  #look(nowMs: number): void {
    const windowMs = nowMs - this.#windowBeganMs;
    if (windowMs < WINDOW_MS) return;
    const busyMs = this.#busyMs();
    const share = (busyMs - this.#windowBusyMs - this.#windowSyncsMs) / windowMs;
    // Of the first window only the end is known.
    this.#isBusy = windowMs === Infinity || share > MOST_BUSY;
    this.#windowBeganMs = nowMs;
    this.#windowBusyMs = busyMs;
    this.#windowSyncsMs = 0;
  }
}

/** For how long this thread's event loop has not waited for anything, in milliseconds. */
export function loopBusyMs(): number {
  return performance.eventLoopUtilization().active;
}

/** Bursts of more are better prepared while the disk works. */
const MOST_BYTES = 16 * 1024;
/** The mean of the last fsyncs up to which they are made in place. */
const QUICK_MS = 1;
/** How much the newest counts in it. */
const WEIGHT = 1 / 8;
/** Some have to be seen before the first is made in place. */
const FIRST_AVERAGE_MS = 2;
const MOST_COUNTED_MS = 10;
/** What takes that long may take much longer the next time. */
const LONG_MS = 100;
const POOL_AFTER_LONG_MS = 60_000;
const WINDOW_MS = 50;
const MOST_BUSY = 0.5;
