/**
 * One block of Snappy: its inflated length, then literals and copies of what came
 * before. Nothing is allocated for a length that so few bytes cannot inflate to.
 */
import { quantity } from "./quantity.js";

/** These bytes are not what Snappy writes, or inflate to more than was allowed. */
export class SnappyFormatError extends Error {
  override readonly name = "SnappyFormatError";
  /** Where in the compressed bytes. */
  readonly offset: number;
  /** What is wrong, without place. */
  readonly reason: string;

  constructor(offset: number, reason: string) {
    super(`${reason} at byte ${String(offset)} of the compressed data`);
    this.offset = offset;
    this.reason = reason;
  }
}

/** What the block inflates to, in memory of its own. Errors count from its first byte. */
export function inflateSnappyBlock(block: Uint8Array, maxBytes: number): Uint8Array {
  return new BlockReader(block).inflate(maxBytes);
}

class BlockReader {
  readonly #block: Uint8Array;
  #at = 0;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  inflate(maxBytes: number): Uint8Array {
    const block = this.#block;
    const length = this.#length();
    if (length > maxBytes) {
      this.#refuse(
        0,
        `a block inflates to ${String(length)} bytes, above the limit of ${String(maxBytes)}`,
      );
    }
    if (length > block.length * MOST_PER_BYTE) {
      this.#refuse(
        0,
        `a block of ${quantity(block.length, "byte")} cannot inflate to ${String(length)}`,
      );
    }
    const output = new Uint8Array(length);
    let end = 0;
    while (this.#at < block.length) {
      const start = this.#at;
      const tag = this.#number(1);
      const isLiteral = (tag & 3) === 0;
      const size = isLiteral ? this.#literalSize(tag) : copySize(tag);
      if (size > length - end)
        this.#refuse(start, "an element reaches beyond the end of its block");
      if (isLiteral) {
        const from = this.#skip(size);
        output.set(block.subarray(from, from + size), end);
      } else {
        const distance = this.#distance(tag);
        if (distance === 0 || distance > end) {
          this.#refuse(
            start,
            `a copy goes ${quantity(distance, "byte")} back where there are ${String(end)}`,
          );
        }
        repeat(output, end, distance, size);
      }
      end += size;
    }
    if (end < length) this.#refuse(this.#at, "a block ends before its length is reached");
    return output;
  }

  /** Seven bits a byte, the lowest first, at most 32 in all. */
  #length(): number {
    let length = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#number(1);
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80 && length <= 0xffff_ffff) return length;
    }
    return this.#refuse(0, "a block's length has more than 32 bits");
  }

  #literalSize(tag: number): number {
    const size = tag >> 2;
    return 1 + (size < LONG_LITERAL ? size : this.#number(size - LONG_LITERAL + 1));
  }

  #distance(tag: number): number {
    switch (tag & 3) {
      case 1:
        return ((tag >> 5) << 8) | this.#number(1);
      case 2:
        return this.#number(2);
      default:
        return this.#number(4);
    }
  }

  /** The next bytes as a number, the lowest first. */
  #number(size: number): number {
    const from = this.#skip(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.#block[from + i] as number);
    return value;
  }

  #skip(size: number): number {
    const from = this.#at;
    if (size > this.#block.length - from) this.#refuse(from, "a block ends inside an element");
    this.#at = from + size;
    return from;
  }

  #refuse(at: number, reason: string): never {
    throw new SnappyFormatError(at, reason);
  }
}

function copySize(tag: number): number {
  return (tag & 3) === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
}

/** A copy may reach into what it writes: then the bytes in front of it repeat. */
function repeat(output: Uint8Array, end: number, distance: number, size: number): void {
  if (distance >= size) {
    output.copyWithin(end, end - distance, end - distance + size);
    return;
  }
  for (let i = end; i < end + size; i++) output[i] = output[i - distance] as number;
}

/** Literals shorter than this have their length in the tag; from here on the tag has the length of the length. */
const LONG_LITERAL = 60;

/** A copy of 64 bytes takes three, so no byte stands for more than 22. */
const MOST_PER_BYTE = 22;
