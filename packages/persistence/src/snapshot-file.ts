/**
 * A snapshot file: a header, a body, and the seals that say whether both are what
 * was written. What the body holds is none of this file's business: it goes to
 * whatever finds its end.
 */
import { Adler32 } from "./adler32.js";
import { intAt } from "./big-endian.js";
import {
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  hexBytes,
  SNAPSHOT_MAGIC,
} from "./file-header.js";
import { SnapshotFormatError } from "./snapshot-format-error.js";
import {
  decodeTrailer,
  encodeTrailer,
  MAX_TRAILER_BYTES,
  type SnapshotTrailer,
} from "./snapshot-trailer.js";

/** Where the body of a snapshot goes. A SnapshotBodyDecoder is one. */
export interface SnapshotSink {
  /** Takes the next bytes, borrowed for the call, and returns how many of them belong to the body. */
  push(bytes: Uint8Array): number;
  /** Whether the body has ended. */
  readonly done: boolean;
}

export interface SnapshotFileOptions {
  /** How many bytes the file may have, once it is inflated. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** Frames a body: first `header`, then each chunk of it through `body`, then `trailer`. */
export class SnapshotFileEncoder {
  readonly #adler = new Adler32();

  /** What the file begins with. */
  header(): Uint8Array {
    return this.body(encodeFileHeader(SNAPSHOT_MAGIC, -1n));
  }

  /** Returns the chunk itself, to be written: it has gone into the checksum. */
  body(chunk: Uint8Array): Uint8Array {
    this.#adler.update(chunk);
    return chunk;
  }

  /**
   * The seals, and what is between them. Give what the readers expect: a digest if
   * digests are on there, a last processed zxid for ZooKeeper 3.9. The zxid alone is
   * for readers whose digests are off: any other Java takes it for a digest and
   * refuses the file.
   */
  trailer(trailer: SnapshotTrailer): Uint8Array {
    return encodeTrailer(trailer, this.#adler);
  }
}

/**
 * Takes a file in chunks of any size. What its body holds can be trusted only
 * when `finish` has returned: the seals come last.
 */
export class SnapshotFileDecoder {
  readonly #body: SnapshotSink;
  readonly #maxBytes: number;
  readonly #adler = new Adler32();
  /** The header while it is incomplete, then the trailer. */
  #held = new Uint8Array(0);
  #offset = 0;
  #headerLeft = FILE_HEADER_BYTES;

  constructor(body: SnapshotSink, options?: SnapshotFileOptions) {
    this.#body = body;
    this.#maxBytes = options?.maxBytes ?? Infinity;
  }

  /**
   * Borrows the bytes for the call. Throws SnapshotFormatError, or what the body's sink throws.
   * Nothing can be read after that.
   */
  push(bytes: Uint8Array): void {
    if (this.#offset + bytes.length > this.#maxBytes) {
      const reason = `the file goes on beyond the limit of ${String(this.#maxBytes)} bytes`;
      throw new SnapshotFormatError("limit", this.#offset, reason);
    }
    let at = this.#takeHeader(bytes);
    if (!this.#body.done && at < bytes.length) {
      const used = this.#body.push(bytes.subarray(at));
      this.#adler.update(bytes.subarray(at, at + used));
      this.#offset += used;
      at += used;
    }
    if (at < bytes.length) this.#takeTrailer(bytes.subarray(at));
  }

  /** Says that the file has ended. Returns what is between the seals, and how many of those there are. */
  finish(): SnapshotTrailer & { readonly seals: number } {
    if (this.#headerLeft > 0 || !this.#body.done) {
      throw new SnapshotFormatError(
        "truncated",
        this.#offset,
        this.#headerLeft > 0 ? "the file ends inside its header" : "the file ends inside its body",
      );
    }
    return decodeTrailer(this.#held, this.#offset - this.#held.length, this.#adler);
  }

  /** Returns the number of bytes that belong to the header. */
  #takeHeader(bytes: Uint8Array): number {
    if (this.#headerLeft === 0) return 0;
    const rest = bytes.subarray(0, this.#headerLeft);
    this.#hold(rest);
    this.#headerLeft -= rest.length;
    if (this.#headerLeft === 0) {
      this.#checkHeader(this.#held);
      this.#adler.update(this.#held);
      this.#held = new Uint8Array(0);
    }
    return rest.length;
  }

  #checkHeader(header: Uint8Array): void {
    if (intAt(header, 0) !== SNAPSHOT_MAGIC) {
      const reason = `${hexBytes(header.subarray(0, 4))} is not 0x5a4b534e ("ZKSN"), with which every snapshot begins,`;
      throw new SnapshotFormatError("magic", 0, reason);
    }
    const version = intAt(header, 4);
    if (version !== FORMAT_VERSION) {
      const reason = `version ${String(version)} is not ${String(FORMAT_VERSION)}, the only one there is,`;
      throw new SnapshotFormatError("version", 4, reason);
    }
  }

  #takeTrailer(bytes: Uint8Array): void {
    if (this.#held.length + bytes.length > MAX_TRAILER_BYTES) {
      const reason = "more bytes follow the last znode than seals and a digest have";
      throw new SnapshotFormatError("trailing", this.#offset, reason);
    }
    this.#hold(bytes);
  }

  #hold(bytes: Uint8Array): void {
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    this.#offset += bytes.length;
  }
}

/**
 * Whether a plain file may be a whole snapshot, from its size and its last bytes,
 * five or more: the check by which Java passes over what was not written to its
 * end. Only reading the file tells whether it is one.
 */
export function isSnapshotCandidate(lastBytes: Uint8Array, totalBytes: number): boolean {
  const start = lastBytes.length - END_OF_SEAL.length;
  return (
    totalBytes >= LEAST_SIZE &&
    start >= 0 &&
    END_OF_SEAL.every((byte, index) => lastBytes[start + index] === byte)
  );
}

/** The string "/". */
const END_OF_SEAL = [0, 0, 0, 1, 0x2f];

/** As in Java; a real one has 100 bytes more. */
const LEAST_SIZE = 10;
