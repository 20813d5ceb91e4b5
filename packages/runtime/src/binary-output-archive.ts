/**
 * Encodes into one growing buffer. Fixed-size fields are written in runs: one
 * `reserve` checks the room for the whole run, then each `put` stores at a
 * constant offset from it. The generated classes do just that; the `write`
 * methods are the same thing one value at a time, for code written by hand.
 *
 * Invariant: `origin <= position <= bytes.length`, and what lies before `origin`
 * belongs to somebody else and is never written again.
 */
import type { OutputArchive } from "./archive.js";
import { JuteEncodeError } from "./errors.js";
import { DEFAULT_MAX_DEPTH } from "./limits.js";
import type { JuteRecord } from "./record.js";
import { type StringEncoding, stringByteLength, writeLongString, writeUnits } from "./utf8.js";

export interface WriteOptions {
  /** How characters beyond U+FFFF are written. Default `utf8`; `java` gives Apache's own bytes (CESU-8). */
  readonly strings?: StringEncoding | undefined;
  /** How deep recursive records may nest. Default 64. */
  readonly maxDepth?: number | undefined;
}

export interface OutputArchiveOptions extends WriteOptions {
  /** The least size of a buffer, in bytes. Default 1024. Buffers double as needed. */
  readonly initialCapacity?: number | undefined;
}

export class BinaryOutputArchive implements OutputArchive {
  /** The buffer that is written to. Replaced when it grows. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Over all of `bytes`. */
  view: DataView<ArrayBuffer>;
  /** Where the next value goes. */
  position = 0;
  /** Where this archive's content starts. */
  origin = 0;
  /** How characters beyond U+FFFF are written. */
  strings: StringEncoding;

  /** How deep recursive records may nest. */
  maxDepth: number;

  #depth = 0;
  readonly #leastCapacity: number;

  constructor(options?: OutputArchiveOptions) {
    this.#leastCapacity = options?.initialCapacity ?? DEFAULT_CAPACITY;
    const buffer = new ArrayBuffer(this.#leastCapacity);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.strings = options?.strings ?? "utf8";
    this.maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH;
  }

  /** The number of bytes written since the last reset. */
  get length(): number {
    return this.position - this.origin;
  }

  /** Forgets what was written and keeps the buffer. Borrowed views of it become invalid. */
  reset(): void {
    this.position = this.origin;
    this.#depth = 0;
  }

  /** Borrows what was written: valid until the next write or reset. */
  bytesView(): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.origin, this.position - this.origin);
  }

  /** Copies what was written into bytes that the caller owns. */
  toBytes(): Uint8Array {
    return this.bytes.slice(this.origin, this.position);
  }

  /**
   * Opens a frame: an int length, written when the frame ends, and its content.
   * Returns the mark for `endFrame`. Frames may follow each other in one archive.
   */
  startFrame(): number {
    return this.reserve(4);
  }

  /** Closes the frame that `startFrame` opened and writes its length. */
  endFrame(mark: number): void {
    this.view.setInt32(mark, this.position - mark - 4);
  }

  /** Claims `size` bytes and returns the offset of the first. Every one of them must be put. */
  reserve(size: number): number {
    const at = this.position;
    const end = at + size;
    if (end > this.bytes.length) {
      return this.#growAndReserve(size);
    }
    this.position = end;
    return at;
  }

  /** Stores true as 1 and false as 0 at a reserved offset. */
  putBool(at: number, value: boolean): void {
    this.bytes[at] = value ? 1 : 0;
  }

  /** Stores a signed byte at a reserved offset. */
  putByte(at: number, value: number): void {
    if ((value << 24) >> 24 !== value) {
      refuseInteger(value, 8);
    }
    this.bytes[at] = value;
  }

  /** Stores a signed 32-bit integer at a reserved offset. */
  putInt(at: number, value: number): void {
    if ((value | 0) !== value) {
      refuseInteger(value, 32);
    }
    this.view.setInt32(at, value);
  }

  /** Stores a signed 64-bit integer at a reserved offset. */
  putLong(at: number, value: bigint): void {
    longScratch[0] = value;
    if (longScratch[0] !== value) {
      refuseInteger(value, 64);
    }
    this.view.setInt32(at, intScratch[HIGH] as number);
    this.view.setInt32(at + 4, intScratch[LOW] as number);
  }

  /** Stores an IEEE single at a reserved offset. NaN takes its canonical bits, as in Java. */
  putFloat(at: number, value: number): void {
    this.view.setFloat32(at, value);
  }

  /** Stores an IEEE double at a reserved offset. NaN takes its canonical bits, as in Java. */
  putDouble(at: number, value: number): void {
    this.view.setFloat64(at, value);
  }

  writeBool(value: boolean): void {
    this.putBool(this.reserve(1), value);
  }

  writeByte(value: number): void {
    this.putByte(this.reserve(1), value);
  }

  writeInt(value: number): void {
    this.putInt(this.reserve(4), value);
  }

  writeLong(value: bigint): void {
    this.putLong(this.reserve(8), value);
  }

  writeFloat(value: number): void {
    this.putFloat(this.reserve(4), value);
  }

  writeDouble(value: number): void {
    this.putDouble(this.reserve(8), value);
  }

  /** Writes a length and the text, or -1 for null. */
  writeString(value: string | null): void {
    if (value === null) {
      this.view.setInt32(this.reserve(4), -1);
      return;
    }
    const { length } = value;
    if (length > SHORT_STRING) {
      this.#writeLongString(value);
      return;
    }
    // Three bytes for each unit always suffice, so the bytes need no counting beforehand.
    const at = this.reserve(4 + 3 * length);
    const { bytes } = this;
    let to = at + 4;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) {
        to = writeUnits(bytes, to, value, i, this.strings);
        break;
      }
      bytes[to++] = unit;
    }
    this.view.setInt32(at, to - at - 4);
    this.position = to;
  }

  /** Writes a length and the bytes, or -1 for null. The bytes are copied. */
  writeBuffer(value: Uint8Array | null): void {
    if (value === null) {
      this.view.setInt32(this.reserve(4), -1);
      return;
    }
    const { length } = value;
    const at = this.reserve(4 + length);
    this.view.setInt32(at, length);
    this.bytes.set(value, at + 4);
  }

  /** Writes the fields of a record; the wire has nothing around them. */
  writeRecord(record: JuteRecord): void {
    record.serialize(this);
  }

  /** Does nothing: records have no header on the wire. */
  startRecord(): void {
    // The fields follow each other without anything between records.
  }

  /** Does nothing: records have no trailer on the wire. */
  endRecord(): void {
    // The fields follow each other without anything between records.
  }

  /** Writes the number of elements, or -1 for null. */
  startVector(size: number): void {
    this.writeInt(size);
  }

  endVector(): void {
    // Vectors have no trailer on the wire.
  }

  startMap(size: number): void {
    this.writeInt(size);
  }

  endMap(): void {
    // Maps have no trailer on the wire.
  }

  /** Passes on a value, unless it is a null that the schema rules out. */
  nonNull<T>(value: T | null): T {
    if (value === null) {
      throw new JuteEncodeError("null", "null in a field that is never null");
    }
    return value;
  }

  /** Refuses an absent optional field in front of one that is present. */
  requirePresent(value: unknown): void {
    if (value === undefined) {
      throw new JuteEncodeError("optional", "a present field behind an absent one");
    }
  }

  /** Counts one more level of a recursive record, and refuses one that is too deep or contains itself. */
  enter(): void {
    if (++this.#depth > this.maxDepth) {
      throw new JuteEncodeError(
        "depth",
        `records nest deeper than ${String(this.maxDepth)} levels`,
      );
    }
  }

  leave(): void {
    this.#depth--;
  }

  #writeLongString(value: string): void {
    // For very long text, counting the bytes costs less than touching three times its memory.
    const room =
      value.length > COUNTED_STRING ? stringByteLength(value, this.strings) : 3 * value.length;
    const at = this.reserve(4 + room);
    const end = writeLongString(this.bytes, at + 4, value, this.strings);
    this.view.setInt32(at, end - at - 4);
    this.position = end;
  }

  /** Starts over with a fresh buffer of the least size, because the old one now belongs to somebody else. */
  replaceBuffer(): void {
    const buffer = new ArrayBuffer(this.#leastCapacity);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.origin = 0;
    this.position = 0;
  }

  #growAndReserve(size: number): number {
    const used = this.position - this.origin;
    const needed = used + size;
    if (needed > MAX_ARCHIVE) {
      throw new JuteEncodeError("size", `the message would take ${String(needed)} bytes`);
    }
    // A fresh buffer each time: views of the old one may be in the hands of callers.
    const capacity = Math.max(this.#leastCapacity, Math.min(needed * 2, MAX_ARCHIVE));
    const buffer = new ArrayBuffer(capacity);
    const bytes = new Uint8Array(buffer);
    bytes.set(this.bytes.subarray(this.origin, this.position));
    this.bytes = bytes;
    this.view = new DataView(buffer);
    this.origin = 0;
    this.position = needed;
    return used;
  }
}

function refuseInteger(value: number | bigint, bits: number): never {
  throw new JuteEncodeError(
    "range",
    `${String(value)} is not a signed ${String(bits)}-bit integer`,
  );
}

/** Up to here a loop over the characters is faster than any call into the host (bench/primitives). */
const SHORT_STRING = 40;

/** From here on the bytes are counted first, so that at most their number is claimed. */
const COUNTED_STRING = 16_384;

const DEFAULT_CAPACITY = 1024;

/** A Jute length is a signed int, so no message can usefully be longer. */
const MAX_ARCHIVE = 0x7fffffff;

// One bigint split into halves through shared memory: on V8 11 this takes a third of the time of
// DataView's setBigInt64 (bench/primitives).
const longScratch = new BigInt64Array(1);
const intScratch = new Int32Array(longScratch.buffer);

// The halves lie in the byte order of the machine.
longScratch[0] = 1n;
const LOW = intScratch[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
