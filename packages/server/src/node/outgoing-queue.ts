/**
 * Writes to one socket: everything between two flushes in one go, and a word when
 * all of it has left.
 */
import type { Socket } from "node:net";

export class OutgoingQueue {
  readonly #socket: Socket;
  readonly #onDrained: () => void;
  /** How much may leave without a word. */
  readonly #untoldBytes: number;
  /** What the next flush sends. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** What was handed over since the last word. */
  #sentBytes = 0;
  /** Whether somebody waits for the word. */
  #isAwaited = false;
  /** Writes that are handed over, have not left, and lead to a word when they have. */
  #pending = 0;

  /** `onDrained` is called when all has left, but for short writes that come to no more than `untoldBytes`. */
  constructor(socket: Socket, onDrained: () => void, untoldBytes: number) {
    this.#socket = socket;
    this.#onDrained = onDrained;
    this.#untoldBytes = untoldBytes;
  }

  /** Adds bytes, which must not change until they have left. `isAwaited`: however few they are, that they have is told. */
  write(bytes: Uint8Array, isAwaited = false): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (isAwaited) this.#isAwaited = true;
  }

  /** Sends what was written since the last flush. */
  flush(): void {
    const chunks = this.#waiting;
    if (chunks.length === 0) return;
    const isSmall = this.#waitingBytes <= chunks.length * JOINED_CHUNK_BYTES;
    this.#sentBytes += this.#waitingBytes;
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

  /** Tells now that all has left, if so and not told yet. */
  tell(): void {
    const { destroyed, writableLength } = this.#socket;
    if (this.#sentBytes === 0 || writableLength > 0 || this.#waiting.length > 0) return;
    this.#sentBytes = 0;
    this.#isAwaited = false;
    if (!destroyed) this.#onDrained();
  }

  /** A write that is told of costs a turn of its own, and most are short and leave at once. */
  #send(bytes: Uint8Array): void {
    if (!this.#isAwaited && this.#sentBytes <= this.#untoldBytes) {
      this.#socket.write(bytes);
      return;
    }
    this.#pending++;
    this.#socket.write(bytes, () => {
      this.#pending--;
      if (this.#pending === 0) this.tell();
    });
  }
}

/**
 * A chunk up to this size costs less to copy than to hand to the socket on its
 * own: packets are some hundred bytes, and a commit is twenty.
 */
const JOINED_CHUNK_BYTES = 4096;
const EMPTY = new Uint8Array(0);
