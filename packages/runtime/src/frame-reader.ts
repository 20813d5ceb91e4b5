/**
 * Splits a byte stream into frames: an int length, then that many bytes. Chunks
 * come as TCP delivers them. A frame that lies whole in a chunk is read where it
 * is; only one that crosses chunks is put together in memory of its own.
 */
import { intAt } from "./big-endian.js";
import { BinaryInputArchive } from "./binary-input-archive.js";
import type { ReadOptions } from "./options.js";
import { JuteDecodeError } from "./errors.js";
import { maxLength } from "./limits.js";
import { requireBytes } from "./values.js";

export interface FrameReaderOptions extends ReadOptions {
  /** The longest frame that is accepted, in bytes. Default: the limit for one buffer (`maxBuffer + extraSize`). */
  readonly maxFrame?: number | undefined;
}

const LENGTH_SIZE = 4;

export class FrameReader {
  readonly #maxFrame: number;
  readonly #input: BinaryInputArchive;

  /** The chunk that is being split, and how far. */
  #chunk: Uint8Array | undefined;
  #at = 0;

  /** The start of a frame whose end has not come yet, length included; the first `#held` bytes count. */
  #partial: Uint8Array = new Uint8Array(0);
  #held = 0;

  /** The bytes of the stream before the current chunk, for the offsets of errors. */
  #passed = 0;
  #failure: JuteDecodeError | undefined;

  constructor(options?: FrameReaderOptions) {
    this.#maxFrame = options?.maxFrame ?? maxLength(options?.maxBuffer, options?.extraSize);
    this.#input = new BinaryInputArchive(undefined, options);
  }

  /** True when the stream may end here: no frame is incomplete. */
  get idle(): boolean {
    return this.#held === 0 && this.#chunk === undefined;
  }

  /** The length of the frame that has begun and is not complete; 0 if there is none, or its length has not come yet. */
  get arrivingLength(): number {
    return this.#held < LENGTH_SIZE ? 0 : intAt(this.#partial, 0);
  }

  /**
   * Hands over the next chunk, which must not change from now on. Take all
   * frames with `next` before the next push.
   */
  push(chunk: Uint8Array): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    if (this.#chunk !== undefined) {
      throw new Error("Take the frames of the last chunk with next() before pushing another.");
    }
    requireBytes(chunk);
    if (chunk.length > 0) {
      this.#chunk = chunk;
      this.#at = 0;
    }
  }

  /**
   * An archive over the next complete frame, without its length; undefined when
   * more bytes are needed. The archive is the same each time and valid until the
   * next call. Buffers borrowed from it stay valid.
   * Throws a `JuteDecodeError` for a length that is negative or above the limit;
   * nothing can be read after that, since the next frame cannot be found.
   */
  next(): BinaryInputArchive | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    const chunk = this.#chunk;
    if (chunk === undefined) {
      return undefined;
    }
    if (this.#held > 0) {
      return this.#completePartial(chunk);
    }
    const left = chunk.length - this.#at;
    if (left >= LENGTH_SIZE) {
      const length = this.#checkLength(intAt(chunk, this.#at));
      if (left - LENGTH_SIZE >= length) {
        return this.#frameIn(chunk, this.#at + LENGTH_SIZE, length);
      }
    }
    this.#hold(chunk);
    return undefined;
  }

  #frameIn(chunk: Uint8Array, start: number, length: number): BinaryInputArchive {
    const end = start + length;
    this.#input.bytes = chunk;
    this.#input.setBounds(start, end);
    this.#at = end;
    if (end === chunk.length) {
      this.#endChunk(chunk);
    }
    return this.#input;
  }

  /** Keeps the rest of the chunk for the next one. */
  #hold(chunk: Uint8Array): void {
    this.#append(chunk, chunk.length - this.#at);
    this.#endChunk(chunk);
  }

  #completePartial(chunk: Uint8Array): BinaryInputArchive | undefined {
    if (this.#held < LENGTH_SIZE) {
      this.#append(chunk, Math.min(LENGTH_SIZE - this.#held, chunk.length - this.#at));
      if (this.#held < LENGTH_SIZE) {
        this.#endChunk(chunk);
        return undefined;
      }
    }
    const size = LENGTH_SIZE + this.#checkLength(intAt(this.#partial, 0));
    this.#append(chunk, Math.min(size - this.#held, chunk.length - this.#at), size);
    if (this.#at === chunk.length) {
      this.#endChunk(chunk);
    }
    if (this.#held < size) {
      return undefined;
    }
    // The frame's memory goes to whoever borrows from it; the next partial frame gets its own.
    const frame = this.#partial.subarray(LENGTH_SIZE, size);
    this.#partial = new Uint8Array(0);
    this.#held = 0;
    this.#input.reset(frame);
    return this.#input;
  }

  /** Copies the next `count` bytes of the chunk after what is held. */
  #append(chunk: Uint8Array, count: number, expected = LENGTH_SIZE): void {
    const needed = this.#held + count;
    if (needed > this.#partial.length) {
      // Memory follows what has arrived, not what a length promises.
      const capacity = Math.max(needed, Math.min(expected, needed * 2));
      const grown = new Uint8Array(capacity);
      grown.set(this.#partial.subarray(0, this.#held));
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(this.#at, this.#at + count), this.#held);
    this.#held = needed;
    this.#at += count;
  }

  #endChunk(chunk: Uint8Array): void {
    this.#passed += chunk.length;
    this.#chunk = undefined;
  }

  #checkLength(length: number): number {
    if (length >= 0 && length <= this.#maxFrame) {
      return length;
    }
    const offset = this.#passed + this.#at - this.#held;
    this.#failure = new JuteDecodeError(
      "frame",
      offset,
      length < 0
        ? `a frame length of ${String(length)} is negative`
        : `a frame length of ${String(length)} is above the limit of ${String(this.#maxFrame)}`,
    );
    throw this.#failure;
  }
}
