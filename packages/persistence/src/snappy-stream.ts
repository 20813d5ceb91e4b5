/**
 * The framing that snappy-java gives a stream, and that `snapshot.*.snappy` files
 * therefore have: a header of 16 bytes, then blocks, each after its length.
 * Another header may stand between blocks, where streams were joined.
 */
import { intAt } from "./big-endian.js";
import { ElementSplitter } from "./element-splitter.js";
import { hexBytes } from "./file-header.js";
import { inflateSnappyBlock, SnappyFormatError } from "./snappy-block.js";

export interface SnappyDecoderOptions {
  /** How many bytes may come out in all. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** How many bytes one block may inflate to. Default 1 MiB; Java writes 32 KiB. */
  readonly maxBlockBytes?: number | undefined;
}

/** Inflates a stream in chunks of any size. Holds one block at a time. */
export class SnappyDecoder {
  readonly #maxBytes: number;
  readonly #maxBlockBytes: number;
  readonly #splitter: ElementSplitter;

  #inflated: Uint8Array[] = [];
  /** How many bytes came out so far. */
  #length = 0;
  /** The offset of the next element. */
  #offset = 0;
  #failure: SnappyFormatError | undefined;

  constructor(options?: SnappyDecoderOptions) {
    this.#maxBytes = options?.maxBytes ?? Infinity;
    this.#maxBlockBytes = options?.maxBlockBytes ?? DEFAULT_MAX_BLOCK;
    this.#splitter = new ElementSplitter({
      sizeAt: (bytes, at, available) => this.#sizeAt(bytes, at, available),
      take: (bytes, at, size) => this.#take(bytes.subarray(at, at + size)),
    });
  }

  /**
   * What the blocks that end in these bytes inflate to, the caller's to keep. The bytes
   * are borrowed for the call.
   * Throws SnappyFormatError, then and at every later call.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure;
    this.#inflated = [];
    this.#splitter.push(bytes);
    const inflated = this.#inflated;
    this.#inflated = [];
    return inflated;
  }

  /** Says that the data has ended. Throws SnappyFormatError unless that is the end of a block. */
  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#offset === 0 || this.#splitter.rest.length > 0) {
      this.#refuse("the data ends inside a header or block");
    }
  }

  #sizeAt(bytes: Uint8Array, at: number, available: number): number {
    if (this.#offset === 0) return HEADER_BYTES;
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = intAt(bytes, at);
    if (length === MAGIC_AS_LENGTH) return HEADER_BYTES;
    const longest = longestBlock(this.#maxBlockBytes);
    if (length < 0 || length > longest) {
      this.#refuse(`a block of ${String(length)} bytes is not within 0 to ${String(longest)}`);
    }
    return LENGTH_BYTES + length;
  }

  #take(element: Uint8Array): boolean {
    if (this.#offset === 0 || intAt(element, 0) === MAGIC_AS_LENGTH) {
      this.#checkHeader(element);
    } else {
      this.#inflate(element.subarray(LENGTH_BYTES));
    }
    this.#offset += element.length;
    return true;
  }

  #checkHeader(header: Uint8Array): void {
    if (!hasSnappyMagic(header)) {
      this.#refuse(
        `${hexBytes(header.subarray(0, MAGIC.length))} is not how a snappy stream begins`,
      );
    }
    const leastReader = intAt(header, 12);
    if (leastReader > FORMAT_VERSION) {
      this.#refuse(`the stream asks for a reader of version ${String(leastReader)}`);
    }
  }

  #inflate(block: Uint8Array): void {
    let inflated: Uint8Array;
    try {
      inflated = inflateSnappyBlock(
        block,
        Math.min(this.#maxBlockBytes, this.#maxBytes - this.#length),
      );
    } catch (error) {
      if (!(error instanceof SnappyFormatError)) throw error;
      return this.#refuse(error.reason, LENGTH_BYTES + error.offset);
    }
    this.#length += inflated.length;
    this.#inflated.push(inflated);
  }

  #refuse(reason: string, at = 0): never {
    this.#failure = new SnappyFormatError(this.#offset + at, reason);
    throw this.#failure;
  }
}

/** Whether a file with these first bytes, eight or more, may be a snappy stream. */
export function hasSnappyMagic(firstBytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => firstBytes[index] === byte);
}

/** What incompressible bytes at most become. */
function longestBlock(inflatedBytes: number): number {
  return 32 + inflatedBytes + Math.ceil(inflatedBytes / 6);
}

/** 0x82, "SNAPPY", 0 */
const MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];

/** The beginning of another header, where a length could be. */
const MAGIC_AS_LENGTH = 0x82534e41 | 0;

const LENGTH_BYTES = 4;

/** The magic, the version of the writer, and the least version that a reader must have. */
const HEADER_BYTES = 16;
const FORMAT_VERSION = 1;

const DEFAULT_MAX_BLOCK = 1_048_576;
