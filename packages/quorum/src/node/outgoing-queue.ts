/**
 * Writes to one socket: everything of one step in one go, and a word when all of
 * it has left.
 */
import type { Socket } from "node:net";

export class OutgoingQueue {
  readonly #socket: Socket;
  readonly #onDrained: () => void;
  /** Writes that are handed over and have not left. */
  #pending = 0;
  #corked = false;

  constructor(socket: Socket, onDrained: () => void) {
    this.#socket = socket;
    this.#onDrained = onDrained;
  }

  /** Adds bytes, which must not change until they have left. */
  write(bytes: Uint8Array): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
    }
    this.#pending++;
    this.#socket.write(bytes, () => {
      this.#pending--;
      if (this.#pending === 0 && !this.#socket.destroyed) this.#onDrained();
    });
  }

  /** Sends what was written since the last flush. */
  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }
}
