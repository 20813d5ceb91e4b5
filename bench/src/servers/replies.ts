/**
 * What a load looks at in the bytes that a server sends: where each frame ends, and the
 * numbers at its beginning. Nothing is copied but a beginning that is cut, and the rest of a
 * frame is passed over, so that a load costs the processors that the server shares as little
 * as it can.
 */

/** The frame's length and the 16 bytes after it: a reply's xid, zxid and error. */
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;

export class Replies {
  readonly #onFrame: (head: DataView, at: number) => void;
  /** The beginning of a frame, where it came in pieces or its end has not come. */
  readonly #head = new Uint8Array(HEAD_BYTES);
  readonly #headView = new DataView(this.#head.buffer);
  #held = 0;
  /** How much of that frame, after its beginning, is still to come. */
  #left = 0;

  /** `onFrame` is called when all of a frame is here; its length is at `at`, and the view is lent until it returns. */
  constructor(onFrame: (head: DataView, at: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes what has arrived: the first `length` bytes of the view, which are not kept. Throws for a frame that is no reply. */
  push(bytes: DataView, length: number): void {
    let at = this.#held === 0 ? 0 : this.#complete(bytes, length);
    while (length - at >= HEAD_BYTES) {
      const end = at + LENGTH_BYTES + checked(bytes.getInt32(at));
      if (end > length) break;
      this.#onFrame(bytes, at);
      at = end;
    }
    if (at === length) return;
    const passed = this.#hold(bytes, at, length);
    if (this.#held === HEAD_BYTES) this.#left -= length - passed;
  }

  /** Goes on with the frame that has begun. Returns where the next one begins. */
  #complete(bytes: DataView, length: number): number {
    let at = 0;
    if (this.#held < HEAD_BYTES) {
      at = this.#hold(bytes, 0, length);
      if (this.#held < HEAD_BYTES) return at;
    }
    const rest = Math.min(this.#left, length - at);
    this.#left -= rest;
    if (this.#left > 0) return length;
    this.#held = 0;
    this.#onFrame(this.#headView, 0);
    return at + rest;
  }

  /** Keeps the beginning of a frame. Returns where it ends. */
  #hold(bytes: DataView, from: number, length: number): number {
    const count = Math.min(HEAD_BYTES - this.#held, length - from);
    this.#head.set(new Uint8Array(bytes.buffer, bytes.byteOffset + from, count), this.#held);
    this.#held += count;
    const at = from + count;
    if (this.#held < HEAD_BYTES) return at;
    this.#left = checked(this.#headView.getInt32(0)) - (HEAD_BYTES - LENGTH_BYTES);
    return at;
  }
}

function checked(length: number): number {
  if (length < HEAD_BYTES - LENGTH_BYTES) {
    throw new Error(`the server has sent a frame of ${String(length)} bytes, which is no reply`);
  }
  return length;
}
