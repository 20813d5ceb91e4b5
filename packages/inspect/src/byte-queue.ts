/**
 * Bytes that came in chunks of any size, as one run. Chunks are borrowed as long as
 * nothing is kept from one to the next; what is kept is copied, so that every byte
 * is copied a bounded number of times.
 */
export class ByteQueue {
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** Whether `#bytes` is memory of this queue that nothing else refers to yet. */
  #isOwn = false;
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** The offset in the source of the first byte that is here. */
  get offset(): number {
    return this.#offset;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds bytes at the end. They must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.length === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#isOwn = false;
      return;
    }
    const needed = this.length + chunk.length;
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) {
      // Bytes that were taken may still be referred to, so memory is never written to twice.
      const grown = new Uint8Array(this.#isOwn ? Math.max(needed, this.length * 2) : needed);
      grown.set(this.#bytes.subarray(this.#start, this.#end));
      this.#end = this.length;
      this.#start = 0;
      this.#bytes = grown;
      this.#isOwn = true;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The byte at this index, which must be there. */
  byteAt(index: number): number {
    return this.#bytes[this.#start + index] ?? 0;
  }

  /** The signed 32-bit number at this index, which must be there. */
  intAt(index: number): number {
    const at = this.#start + index;
    const bytes = this.#bytes;
    return (
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    );
  }

  /** The signed 64-bit number at this index, which must be there. */
  longAt(index: number): bigint {
    return (BigInt(this.intAt(index)) << 32n) | BigInt(this.intAt(index + 4) >>> 0);
  }

  /** Borrows the next bytes and leaves them here. */
  peek(count: number, from = 0): Uint8Array {
    const start = this.#start + from;
    return this.#bytes.subarray(start, Math.min(start + count, this.#end));
  }

  /** Shows all bytes that are here, from `start` to `end` of an array that does not change. */
  look<T>(at: (bytes: Uint8Array, start: number, end: number, offset: number) => T): T {
    return at(this.#bytes, this.#start, this.#end, this.#offset);
  }

  /** Takes the next bytes out, which must be there. They stay as they are for as long as they are used. */
  take(count: number): Uint8Array {
    const bytes = this.peek(count);
    this.skip(bytes.length);
    return bytes;
  }

  /** Takes the next bytes out, which must be there, and leaves them to those who have seen them. */
  skip(count: number): void {
    this.#start += count;
    this.#offset += count;
    if (this.#start === this.#end) {
      this.#bytes = NOTHING;
      this.#start = 0;
      this.#end = 0;
      this.#isOwn = false;
    }
  }

  /** Hands back what is here, as if it had not been pushed. */
  unpush(): Uint8Array {
    const { offset, length } = this;
    const bytes = this.take(length);
    this.#offset = offset;
    return bytes;
  }

  /** Counts bytes of the source that never come. Nothing may be left here. */
  pass(count: number): void {
    this.#offset += count;
  }
}

const NOTHING = new Uint8Array(0);
