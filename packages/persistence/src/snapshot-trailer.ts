/**
 * What follows the body of a snapshot file: a seal, then perhaps the tree's
 * digest and a seal, then perhaps the last processed zxid and a seal. A seal is
 * the checksum of everything before it in the file, earlier seals included, and
 * the string "/". ZooKeeper 3.5 ends with the first, 3.6 to 3.8 with the second,
 * 3.9 with the third; each section can be switched off.
 *
 * Nothing names the sections. That digests can be off is what makes it matter how
 * many bytes are left: the last processed zxid with its seal has 21, a digest more.
 */
import { quantity } from "./quantity.js";
import { asciiBytes } from "./ascii-bytes.js";
import type { Adler32 } from "./adler32.js";
import { intAt, longAt, putInt, putLong } from "./big-endian.js";
import { SnapshotFormatError } from "./snapshot-format-error.js";

export interface SnapshotDigest {
  /** The txn after which the tree had this digest; 0 says that there is none. */
  readonly zxid: bigint;
  /** A signed long, as TxnDigest has it. */
  readonly digest: bigint;
  /** How it was computed: 2 since ZooKeeper 3.6. Digests below that are kept as text. */
  readonly version: number;
}

export interface SnapshotTrailer {
  /** What the tree hashed to; there since ZooKeeper 3.6 where digests are on. */
  readonly digest?: SnapshotDigest | undefined;
  /** The last txn in the tree; there since ZooKeeper 3.9. The name of the file has it in any case. */
  readonly lastProcessedZxid?: bigint | undefined;
}

/** The trailer, for a file whose bytes so far have gone into `adler`, which it completes. */
export function encodeTrailer(trailer: SnapshotTrailer, adler: Adler32): Uint8Array {
  const parts = [seal(adler)];
  if (trailer.digest !== undefined) {
    parts.push(sealed(encodeDigest(trailer.digest), adler));
  }
  if (trailer.lastProcessedZxid !== undefined) {
    const zxid = new Uint8Array(LONG_BYTES);
    putLong(zxid, 0, trailer.lastProcessedZxid);
    parts.push(sealed(zxid, adler));
  }
  return concatenate(parts);
}

/**
 * The trailer in these bytes, which begin at `offset` of the file; `adler` has
 * taken in all before them. Throws SnapshotFormatError.
 */
export function decodeTrailer(
  bytes: Uint8Array,
  offset: number,
  adler: Adler32,
): SnapshotTrailer & { readonly seals: number } {
  const reader = new TrailerReader(bytes, offset, adler);
  reader.seal();
  const digest = reader.left > 0 && reader.left !== ZXID_SECTION ? reader.digest() : undefined;
  if (digest !== undefined) reader.seal();
  const lastProcessedZxid = reader.left > 0 ? reader.lastProcessedZxid() : undefined;
  if (lastProcessedZxid !== undefined) reader.seal();
  reader.end();
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(lastProcessedZxid === undefined ? {} : { lastProcessedZxid }),
    seals: reader.seals,
  };
}

class TrailerReader {
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  readonly #adler: Adler32;
  #at = 0;
  /** What has gone into the checksum. */
  #summed = 0;
  seals = 0;

  constructor(bytes: Uint8Array, offset: number, adler: Adler32) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#adler = adler;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  seal(): void {
    this.#adler.update(this.#bytes.subarray(this.#summed, this.#at));
    this.#summed = this.#at;
    const at = this.#take(SEAL_BYTES, "a seal");
    this.seals++;
    const { value } = this.#adler;
    const found = longAt(this.#bytes, at);
    if (found !== value) {
      this.#refuse(
        "seal",
        at,
        `seal ${String(this.seals)} says ${String(found)} where the checksum is ${String(value)}`,
      );
    }
    if (intAt(this.#bytes, at + LONG_BYTES) !== 1 || this.#bytes[at + SEAL_BYTES - 1] !== SLASH) {
      this.#refuse("seal", at, `seal ${String(this.seals)} is not followed by "/"`);
    }
  }

  digest(): SnapshotDigest {
    const start = this.#take(LONG_BYTES + INT_BYTES, "a digest");
    const zxid = longAt(this.#bytes, start);
    const version = intAt(this.#bytes, start + LONG_BYTES);
    const digest =
      version < FIRST_BINARY_DIGEST
        ? this.#textDigest()
        : longAt(this.#bytes, this.#take(LONG_BYTES, "a digest"));
    return { zxid, digest, version };
  }

  lastProcessedZxid(): bigint {
    return longAt(this.#bytes, this.#take(LONG_BYTES, "the last processed zxid"));
  }

  end(): void {
    if (this.left > 0) {
      const follow = this.left === 1 ? "follows" : "follow";
      this.#refuse("trailing", this.#at, `${quantity(this.left, "byte")} ${follow} the last seal`);
    }
  }

  /** Signed hexadecimal digits; null counts as 0. */
  #textDigest(): bigint {
    const at = this.#take(INT_BYTES, "a digest");
    const length = intAt(this.#bytes, at);
    if (length === -1) return 0n;
    if (length < 0 || length > LONGEST_TEXT_DIGEST) {
      this.#refuse("digest", at, `a digest of ${String(length)} characters is none`);
    }
    const start = this.#take(length, "a digest");
    const text = String.fromCharCode(...this.#bytes.subarray(start, start + length));
    const digits = /^([+-]?)([0-9a-fA-F]+)$/.exec(text);
    const size = digits === null ? NO_LONG : BigInt(`0x${digits[2] ?? ""}`);
    const digest = digits?.[1] === "-" ? -size : size;
    if (BigInt.asIntN(64, digest) !== digest) {
      this.#refuse("digest", at, `the digest ${JSON.stringify(text)} is no hexadecimal long`);
    }
    return digest;
  }

  #take(size: number, what: string): number {
    const at = this.#at;
    if (size > this.left) {
      this.#refuse("truncated", at, `the file ends inside ${what}`);
    }
    this.#at += size;
    return at;
  }

  #refuse(kind: SnapshotFormatError["kind"], at: number, reason: string): never {
    throw new SnapshotFormatError(kind, this.#offset + at, reason);
  }
}

function encodeDigest({ zxid, digest, version }: SnapshotDigest): Uint8Array {
  const text = version < FIRST_BINARY_DIGEST ? BigInt.asIntN(64, digest).toString(16) : undefined;
  const size = text === undefined ? LONG_BYTES : INT_BYTES + text.length;
  const bytes = new Uint8Array(LONG_BYTES + INT_BYTES + size);
  putLong(bytes, 0, zxid);
  putInt(bytes, LONG_BYTES, version);
  if (text === undefined) {
    putLong(bytes, LONG_BYTES + INT_BYTES, digest);
  } else {
    putInt(bytes, LONG_BYTES + INT_BYTES, text.length);
    bytes.set(asciiBytes(text), LONG_BYTES + 2 * INT_BYTES);
  }
  return bytes;
}

function sealed(section: Uint8Array, adler: Adler32): Uint8Array {
  return concatenate([section, seal(adler.update(section))]);
}

/** A seal is part of what the next one covers. */
function seal(adler: Adler32): Uint8Array {
  const bytes = new Uint8Array(SEAL_BYTES);
  putLong(bytes, 0, adler.value);
  putInt(bytes, LONG_BYTES, 1);
  bytes[SEAL_BYTES - 1] = SLASH;
  adler.update(bytes);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

const INT_BYTES = 4;
const LONG_BYTES = 8;
const SLASH = 0x2f;

/** A long, and "/" after its length. */
const SEAL_BYTES = LONG_BYTES + INT_BYTES + 1;

const ZXID_SECTION = LONG_BYTES + SEAL_BYTES;

/** From this version on a digest is a long. */
const FIRST_BINARY_DIGEST = 2;

/** The smallest number that is above every long. */
const NO_LONG = 1n << 63n;

/** A sign and 16 digits. */
const LONGEST_TEXT_DIGEST = 17;

/** No trailer has more bytes than this. */
export const MAX_TRAILER_BYTES: number =
  SEAL_BYTES + LONG_BYTES + 2 * INT_BYTES + LONGEST_TEXT_DIGEST + SEAL_BYTES + ZXID_SECTION;
