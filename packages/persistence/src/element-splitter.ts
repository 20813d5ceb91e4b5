/**
 * Finds the elements of a format in chunks that end anywhere. An element that
 * lies whole in a chunk is taken where it is; one that crosses chunks is put
 * together in memory of its own, which is never written to again. So every byte
 * is copied at most once, whatever the sizes of chunks and elements.
 */

export interface ElementReader {
  /**
   * How many bytes the element at `at` takes, as far as the `available` bytes
   * there tell. At most `available` exactly when the element is complete. The
   * reader bounds it: as many bytes will be held if they come.
   */
  sizeAt(bytes: Uint8Array, at: number, available: number): number;
  /** Takes a complete element. Returns false to stop after it. */
  take(bytes: Uint8Array, at: number, size: number): boolean;
}

export class ElementSplitter {
  readonly #reader: ElementReader;
  /** The beginning of an element, in the first `#held` bytes. */
  #partial: Uint8Array = NOTHING;
  #held = 0;

  constructor(reader: ElementReader) {
    this.#reader = reader;
  }

  /** Takes elements until the chunk is used up or the reader stops. Returns the number of bytes used. */
  push(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length) {
      const left = chunk.length - at;
      if (this.#held === 0) {
        const size = this.#reader.sizeAt(chunk, at, left);
        if (size > left) {
          this.#hold(chunk, at, left, size);
          return chunk.length;
        }
        const start = at;
        at += size;
        if (!this.#reader.take(chunk, start, size)) return at;
        continue;
      }
      const size = this.#reader.sizeAt(this.#partial, 0, this.#held);
      const missing = Math.min(size - this.#held, left);
      this.#hold(chunk, at, missing, size);
      at += missing;
      if (this.#reader.sizeAt(this.#partial, 0, this.#held) <= this.#held) {
        const element = this.#partial;
        const elementSize = this.#held;
        this.#partial = NOTHING;
        this.#held = 0;
        if (!this.#reader.take(element, 0, elementSize)) return at;
      }
    }
    return at;
  }

  /** Borrows what is there of an element whose end has not come. */
  get rest(): Uint8Array {
    return this.#partial.subarray(0, this.#held);
  }

  /** Memory follows what has come, not what a length promises. */
  #hold(chunk: Uint8Array, at: number, count: number, expected: number): void {
    const needed = this.#held + count;
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(expected, needed * 2)));
      grown.set(this.rest);
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(at, at + count), this.#held);
    this.#held = needed;
  }
}

const NOTHING = new Uint8Array(0);
