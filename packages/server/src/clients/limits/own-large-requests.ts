/** The large requests of one connection, each counted from its length on until it is answered. */
import type { LargeRequests } from "./large-requests.js";

export class OwnLargeRequests {
  readonly #all: LargeRequests;
  /** The length of the one that is arriving, once it is counted. */
  #arriving = 0;
  /** Those that have arrived, with their numbers, oldest first. */
  readonly #unanswered: { readonly length: number; readonly number: number }[] = [];

  /** `all`: what the connections have together. */
  constructor(all: LargeRequests) {
    this.#all = all;
  }

  /** A request of this length, in bytes, is on its way. May be said several times. False if the connection must be closed. */
  arriving(length: number): boolean {
    if (this.#arriving !== 0 || !this.#all.isLarge(length)) return true;
    if (!this.#all.begin(length)) return false;
    this.#arriving = length;
    return true;
  }

  /** A request of this length is here. `number`: how many came before it on this connection. False if the connection must be closed. */
  arrived(length: number, number: number): boolean {
    if (!this.arriving(length)) return false;
    if (this.#arriving === 0) return true;
    this.#arriving = 0;
    this.#unanswered.push({ length, number });
    return true;
  }

  /** So many requests of this connection are answered. */
  answered(count: number): void {
    for (;;) {
      const [oldest] = this.#unanswered;
      if (oldest === undefined || oldest.number >= count) return;
      this.#unanswered.shift();
      this.#all.finish(oldest.length);
    }
  }

  /** The connection is gone. */
  clear(): void {
    this.answered(Infinity);
    this.#all.finish(this.#arriving);
    this.#arriving = 0;
  }
}
