/**
 * Writes to one socket: everything between two flushes in one go, and a word when
 * all of it has left.
 */
import type { Socket } from "node:net";

export class OutgoingQueue {
  readonly #socket: Socket;
  readonly #onDrained: () => void;
  /** What the next flush sends. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Writes that are handed over and have not left. */
  #pending = 0;

  constructor(socket: Socket, onDrained: () => void) {
    this.#socket = socket;
    this.#onDrained = onDrained;
  }

  /** Adds bytes, which must not change until they have left. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Sends what was written since the last flush. */
  flush(): void {
    const chunks = this.#waiting;
    if (chunks.length === 0) return;
    const isSmall = this.#waitingBytes <= chunks.length * JOINED_CHUNK_BYTES;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (isSmall) {
      this.#send(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks));
      return;
    }
    this.#socket.cork();
    for (const chunk of chunks) this.#send(chunk);
    this.#socket.uncork();
  }

  #send(bytes: Uint8Array): void {
    this.#pending++;
    this.#socket.write(bytes, () => {
      this.#pending--;
      const hasAllLeft = this.#pending === 0 && this.#waiting.length === 0;
      if (hasAllLeft && !this.#socket.destroyed) this.#onDrained();
    });
  }
}

/**
 * A chunk up to this size costs less to copy than to hand to the socket on its
 * own: packets are some hundred bytes, and a commit is twenty.
 */
const JOINED_CHUNK_BYTES = 4096;
const EMPTY = new Uint8Array(0);
