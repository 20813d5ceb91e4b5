/**
 * Looks for a valid record after one that is not. The lengths in between cannot
 * be trusted, so a record may begin at every byte: it is one if its length, its
 * last byte and its checksum fit and its zxid is higher than the last good one.
 *
 * A file can be made of nothing but beginnings that claim to be long, so the
 * checksum of a range must not cost what its length is. Sums over all bytes are
 * kept at every 32nd of them; the checksum of any range follows from those at its
 * two ends. The search is linear in the file, and holds the bytes of at most one
 * record and some.
 */
import { ADLER_MODULUS } from "./adler32.js";
import { longAt } from "./big-endian.js";
import {
  claimedChecksum,
  claimedLength,
  RECORD_HEAD_BYTES,
  RECORD_TAIL,
  RECORD_TAIL_BYTES,
  TXN_HEADER_BYTES,
  ZXID_OFFSET,
} from "./txn-log.js";

export class TxnRecordSearch {
  readonly #lastZxid: bigint;
  readonly #maxTxnBytes: number;
  readonly #window = new SummedWindow();
  /** The offset in the file of the next byte to come, which is where the window ends. */
  #offset: number;
  #found: number | undefined;
  #allZero = true;
  #zeros = 0;

  /** Searches the bytes from `offset` of the file on for a record with a zxid above `lastZxid`. */
  constructor(offset: number, lastZxid: bigint, maxTxnBytes: number) {
    this.#offset = offset;
    this.#lastZxid = lastZxid;
    this.#maxTxnBytes = maxTxnBytes;
  }

  /** Where the first valid record is, so far. */
  get found(): number | undefined {
    return this.#found;
  }

  /** Whether there was no byte but zeros. */
  get allZero(): boolean {
    return this.#allZero;
  }

  push(chunk: Uint8Array): void {
    let at = this.#allZero ? this.#passZeros(chunk) : 0;
    // By slices, so that the window is never much larger than what it waits for.
    while (at < chunk.length && this.#found === undefined) {
      const slice = chunk.subarray(at, at + SLICE);
      this.#window.append(slice);
      this.#offset += slice.length;
      at += slice.length;
      this.#search(false);
    }
  }

  /** Returns the number of zeros that the chunk begins with. Logs end in up to 64 MiB of them, so they are only counted. */
  #passZeros(chunk: Uint8Array): number {
    const at = leadingZeros(chunk);
    this.#offset += at;
    this.#zeros += at;
    if (at < chunk.length) {
      this.#allZero = false;
      this.#window.append(new Uint8Array(Math.min(this.#zeros, MOST_LEADING_ZEROS)));
    }
    return at;
  }

  /** Says that no more bytes come, so a record that would need more is none. */
  finish(): void {
    if (this.#found === undefined) this.#search(true);
  }

  #search(isEnd: boolean): void {
    const window = this.#window;
    while (window.end - window.start >= RECORD_HEAD_BYTES) {
      const size = this.#sizeOfCandidate();
      if (size !== undefined) {
        const isComplete = size <= window.end - window.start;
        if (!isComplete && !isEnd) return;
        if (isComplete && this.#isRecord(size)) {
          this.#found = this.#offset - (window.end - window.start);
          return;
        }
      }
      window.start++;
    }
  }

  /** The size of the record that may begin at the window's start; undefined if none can. */
  #sizeOfCandidate(): number | undefined {
    const { bytes, start } = this.#window;
    const length = claimedLength(bytes, start);
    if (length < TXN_HEADER_BYTES || length > this.#maxTxnBytes) return undefined;
    if (claimedChecksum(bytes, start) === undefined) return undefined;
    return RECORD_HEAD_BYTES + length + RECORD_TAIL_BYTES;
  }

  #isRecord(size: number): boolean {
    const { bytes, start } = this.#window;
    const end = start + size;
    const txn = start + RECORD_HEAD_BYTES;
    return (
      bytes[end - RECORD_TAIL_BYTES] === RECORD_TAIL &&
      longAt(bytes, txn + ZXID_OFFSET) > this.#lastZxid &&
      this.#window.checksum(txn, end - RECORD_TAIL_BYTES) === claimedChecksum(bytes, start)
    );
  }
}

/**
 * Bytes with the sums that give the checksum of any range of them. With S(i) the
 * sum of the bytes before i, and T(i) the sum of S(1) to S(i), the halves of the
 * Adler-32 of p to q are 1 + S(q) - S(p) and (q - p)(1 - S(p)) + T(q) - T(p),
 * modulo 65521. Where the sums began does not matter.
 */
class SummedWindow {
  /** What is before `start` is done with. */
  bytes = new Uint8Array(0);
  start = 0;
  end = 0;

  /** S and T at every multiple of STEP in `bytes`, and at `end`. */
  #s = new Uint16Array(1);
  #t = new Uint16Array(1);
  #sAtEnd = 0;
  #tAtEnd = 0;

  append(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    let s = this.#sAtEnd;
    let t = this.#tAtEnd;
    let at = this.end;
    for (const byte of chunk) {
      s = (s + byte) % ADLER_MODULUS;
      t = (t + s) % ADLER_MODULUS;
      at++;
      if (at % STEP === 0) {
        this.#s[at / STEP] = s;
        this.#t[at / STEP] = t;
      }
    }
    this.#sAtEnd = s;
    this.#tAtEnd = t;
    this.end = at;
  }

  /** The Adler-32 of the bytes from `from` to `to`. */
  checksum(from: number, to: number): number {
    const p = this.#sumsAt(from);
    const q = this.#sumsAt(to);
    const a = modulo(1 + q.s - p.s);
    const b = modulo((to - from) * (1 - p.s) + q.t - p.t);
    return ((b << 16) | a) >>> 0;
  }

  #sumsAt(index: number): { readonly s: number; readonly t: number } {
    const step = Math.floor(index / STEP);
    let s = this.#s[step] as number;
    let t = this.#t[step] as number;
    for (let at = step * STEP; at < index; at++) {
      s = (s + (this.bytes[at] as number)) % ADLER_MODULUS;
      t = (t + s) % ADLER_MODULUS;
    }
    return { s, t };
  }

  /** Drops what is done with, if that is at least half, or else grows: each byte is moved a bounded number of times. */
  #makeRoom(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const steps = Math.floor(this.start / STEP);
    const kept = this.end - steps * STEP;
    const isRoomEnough = steps * STEP >= this.bytes.length / 2 && kept + count <= this.bytes.length;
    const capacity = isRoomEnough ? this.bytes.length : Math.max(2 * kept, kept + count);
    const bytes = isRoomEnough ? this.bytes : new Uint8Array(capacity);
    const s = isRoomEnough ? this.#s : new Uint16Array(Math.floor(capacity / STEP) + 1);
    const t = isRoomEnough ? this.#t : new Uint16Array(Math.floor(capacity / STEP) + 1);
    const lastStep = Math.floor(this.end / STEP) + 1;
    bytes.set(this.bytes.subarray(steps * STEP, this.end));
    s.set(this.#s.subarray(steps, lastStep));
    t.set(this.#t.subarray(steps, lastStep));
    this.bytes = bytes;
    this.#s = s;
    this.#t = t;
    this.start -= steps * STEP;
    this.end = kept;
  }
}

/** The number of zeros that the bytes begin with, counted four at a time where they are aligned. */
function leadingZeros(bytes: Uint8Array): number {
  const { length, byteOffset } = bytes;
  let at = 0;
  while (at < length && (byteOffset + at) % 4 !== 0 && bytes[at] === 0) at++;
  if ((byteOffset + at) % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, byteOffset + at, (length - at) >> 2);
    let zeros = 0;
    while (zeros < words.length && words[zeros] === 0) zeros++;
    at += 4 * zeros;
  }
  while (at < length && bytes[at] === 0) at++;
  return at;
}

function modulo(value: number): number {
  const rest = value % ADLER_MODULUS;
  return rest < 0 ? rest + ADLER_MODULUS : rest;
}

/** Sums are kept for every so many bytes: an eighth of the bytes' own memory. */
const STEP = 32;

const SLICE = 16_384;

/** A record's checksum and all but the last byte of its length may be zero, but no more. */
const MOST_LEADING_ZEROS = RECORD_HEAD_BYTES - 1;
