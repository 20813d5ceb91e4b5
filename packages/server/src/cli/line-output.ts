/**
 * Where the lines of a command go. A server outlives whoever reads its log: lines that nobody takes
 * wait in memory, but not without limit, and what is left out is said once somebody reads again.
 */
import type { Writable } from "node:stream";

export class LineOutput {
  readonly #stream: Writable;
  readonly #tellLost: (lines: number) => string;
  readonly #mostWaiting: number;
  /** How many lines are left out since the last one that was written. */
  #lost = 0;

  /** `tellLost`: the line in place of those that were left out. `mostWaiting`: bytes; 16 MiB without. */
  constructor(
    stream: Writable,
    tellLost: (lines: number) => string,
    mostWaiting: number = MOST_WAITING,
  ) {
    this.#stream = stream;
    this.#tellLost = tellLost;
    this.#mostWaiting = mostWaiting;
  }

  write(line: string): void {
    // Half of it must have gone before it goes on: otherwise every other line would be about a lost one.
    const most = this.#lost > 0 ? this.#mostWaiting / 2 : this.#mostWaiting;
    if (this.#stream.writableLength > most) {
      this.#lost++;
      return;
    }
    if (this.#lost > 0) this.#stream.write(`${this.#tellLost(this.#lost)}\n`);
    this.#lost = 0;
    this.#stream.write(`${line}\n`);
  }
}

const MOST_WAITING = 16 * 1024 * 1024;
