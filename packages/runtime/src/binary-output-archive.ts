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
import type { NativeText } from "./engine.js";
import { DEFAULT_MAX_DEPTH } from "./limits.js";
import { putDouble, putFloat } from "./floats.js";
import { putFourLongs, putLong, putTwoLongs } from "./longs.js";
import type { OutputArchiveOptions, StringEncoding } from "./options.js";
import { grownCapacity, newMemory, type OutputMemory, VIEW_SLACK } from "./output-memory.js";
import type { JuteRecord } from "./record.js";
import { copyToSlab } from "./slab.js";
import { writeEach, writeJoined, writeString } from "./string-output.js";
import { isBytes, mapLength, refuse, refuseInteger, refuseOneOf, vectorLength } from "./values.js";

export class BinaryOutputArchive implements OutputArchive {
  /** The buffer that is written to. Replaced when it grows. */
  bytes: Uint8Array;
  /** The memory behind `bytes`, which start where it starts. */
  buffer: ArrayBuffer;
  /** Over all of `bytes`, and a few bytes after them. */
  view: DataView;
  /** Over all of `bytes`: the host's own encoder, where it is quick. */
  text: NativeText | undefined;
  /** The length of `bytes`. */
  capacity: number;
  /** Where the next value goes. */
  position = 0;
  /** Where this archive's content starts. */
  origin = 0;
  /** How characters beyond U+FFFF are written. */
  strings: StringEncoding;

  /** How deep recursive records may nest. */
  maxDepth: number;
  /** Buffers of at least this many bytes are left where they are, for `parts`. */
  gatherFrom: number;

  #depth = 0;
  /** The buffers that were left in place, with where they belong, counted from `origin`. */
  #gathered: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** The sum of their lengths. */
  #gatheredLength = 0;
  /** Memory that a long message has left, with where its free part starts. */
  #kept: { readonly memory: OutputMemory; readonly origin: number } | undefined;
  readonly #leastCapacity: number;
  readonly #joinStrings: boolean;

  constructor(options?: OutputArchiveOptions) {
    this.#leastCapacity = Math.max(options?.initialCapacity ?? DEFAULT_CAPACITY, VIEW_SLACK);
    this.#joinStrings = options?.joinStrings ?? false;
    const { buffer, bytes, view, text } = newMemory(this.#leastCapacity);
    this.buffer = buffer;
    this.bytes = bytes;
    this.capacity = bytes.length;
    this.view = view;
    this.text = text;
    this.strings = options?.strings ?? "utf8";
    this.maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.gatherFrom = options?.gatherFrom ?? Infinity;
  }

  /** The number of bytes written since the last reset, buffers that were left in place included. */
  get length(): number {
    return this.position - this.origin + this.#gatheredLength;
  }

  /** Forgets what was written and keeps the buffer. Borrowed views of it become invalid. */
  reset(): void {
    this.position = this.origin;
    this.#depth = 0;
    if (this.#gatheredLength > 0) {
      this.#gathered = [];
      this.#gatheredLength = 0;
    }
  }

  /**
   * Borrows what was written: valid until the next write or reset. Not for an
   * archive that has left buffers in place; those have `parts`.
   */
  bytesView(): Uint8Array {
    if (this.#gatheredLength > 0) {
      throw new Error(
        "The message is not in one piece, because buffers were left in place: use parts().",
      );
    }
    return new Uint8Array(this.buffer, this.origin, this.position - this.origin);
  }

  /** Copies what was written into bytes that the caller owns. */
  toBytes(): Uint8Array {
    if (this.#gatheredLength === 0) {
      return copyToSlab(this.bytes, this.origin, this.position);
    }
    const result = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts()) {
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  /**
   * Borrows what was written as the pieces to hand to `writev`: views of this
   * archive's buffer, and between them the callers' own large buffers. Valid
   * until the next write or reset, and as long as those buffers do not change.
   */
  parts(): Uint8Array[] {
    const { buffer } = this;
    const parts: Uint8Array[] = [];
    let from = 0;
    const end = this.position - this.origin;
    for (const { at, bytes } of this.#gathered) {
      parts.push(new Uint8Array(buffer, this.origin + from, at - from), bytes);
      from = at;
    }
    if (from < end || parts.length === 0) {
      parts.push(new Uint8Array(buffer, this.origin + from, end - from));
    }
    return parts;
  }

  /**
   * Forgets what was written, buffers that were left in place included, since `position - origin` was
   * `mark` and the getter of this name gave `remainingDepth`.
   */
  restore(mark: number, remainingDepth: number): void {
    this.position = this.origin + mark;
    this.#depth = this.maxDepth - remainingDepth;
    if (this.#gatheredLength > 0) {
      this.#gatheredLength -= this.#gatheredSince(mark);
      this.#gathered = this.#gathered.filter(({ at }) => at <= mark);
    }
  }

  /**
   * Opens a frame: an int length, written when the frame ends, and its content.
   * Returns the mark for `endFrame`. Frames may follow each other in one archive.
   */
  startFrame(): number {
    const at = this.reserve(4);
    this.view.setInt32(at, 0);
    return at - this.origin;
  }

  /** Closes the frame that `startFrame` opened and writes its length. */
  endFrame(mark: number): void {
    const at = this.origin + mark;
    const gathered = this.#gatheredLength > 0 ? this.#gatheredSince(mark) : 0;
    this.putInt(at, this.position - at - 4 + gathered);
  }

  /** Claims `size` bytes and returns the offset of the first. Every one of them must be put. */
  reserve(size: number): number {
    const at = this.position;
    this.position = at + size;
    return at + size > this.capacity ? this.makeRoom(size) : at;
  }

  /** Stores true as 1 and false as 0 at a reserved offset. */
  putBool(at: number, value: boolean): void {
    if (typeof value !== "boolean") {
      refuse(value, "a boolean");
    }
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

  /** Stores two signed 32-bit integers from a reserved offset on. */
  putTwoInts(at: number, a: number, b: number): void {
    if ((a | 0) !== a || (b | 0) !== b) {
      refuseOneOf([a, b], 32);
    }
    const { view } = this;
    view.setInt32(at, a);
    view.setInt32(at + 4, b);
  }

  /** Stores three signed 32-bit integers from a reserved offset on. */
  putThreeInts(at: number, a: number, b: number, c: number): void {
    if ((a | 0) !== a || (b | 0) !== b || (c | 0) !== c) {
      refuseOneOf([a, b, c], 32);
    }
    const { view } = this;
    view.setInt32(at, a);
    view.setInt32(at + 4, b);
    view.setInt32(at + 8, c);
  }

  /** Stores a signed 64-bit integer at a reserved offset. */
  putLong(at: number, value: bigint): void {
    putLong(this.view, at, value);
  }

  /** Stores two signed 64-bit integers from a reserved offset on. */
  putTwoLongs(at: number, a: bigint, b: bigint): void {
    putTwoLongs(this.view, at, a, b);
  }

  /** Stores four signed 64-bit integers from a reserved offset on. */
  putFourLongs(at: number, a: bigint, b: bigint, c: bigint, d: bigint): void {
    putFourLongs(this.view, at, a, b, c, d);
  }

  /** Stores an IEEE single at a reserved offset. NaN takes its canonical bits, as in Java. */
  putFloat(at: number, value: number): void {
    putFloat(this.view, at, value);
  }

  /** Stores an IEEE double at a reserved offset. NaN takes its canonical bits, as in Java. */
  putDouble(at: number, value: number): void {
    putDouble(this.view, at, value);
  }

  // The next six claim their bytes for good once the value was accepted: one that is refused leaves nothing behind.

  writeBool(value: boolean): void {
    if (typeof value !== "boolean") {
      refuse(value, "a boolean");
    }
    const at = this.reserve(1);
    this.bytes[at] = value ? 1 : 0;
  }

  writeByte(value: number): void {
    if ((value << 24) >> 24 !== value) {
      refuseInteger(value, 8);
    }
    const at = this.reserve(1);
    this.bytes[at] = value;
  }

  writeInt(value: number): void {
    if ((value | 0) !== value) {
      refuseInteger(value, 32);
    }
    const at = this.reserve(4);
    this.view.setInt32(at, value);
  }

  writeLong(value: bigint): void {
    const at = this.reserve(8);
    this.position = at;
    this.putLong(at, value);
    this.position = at + 8;
  }

  writeFloat(value: number): void {
    const at = this.reserve(4);
    this.position = at;
    this.putFloat(at, value);
    this.position = at + 4;
  }

  writeDouble(value: number): void {
    const at = this.reserve(8);
    this.position = at;
    this.putDouble(at, value);
    this.position = at + 8;
  }

  /** Writes a length and the text, or -1 for null. */
  writeString(value: string | null): void {
    writeString(this, value);
  }

  /** Writes a vector of strings, or -1 for null. `nonNullElements`: the schema rules out null in it. */
  writeStrings(values: readonly (string | null)[] | null, nonNullElements = false): void {
    if (values === null) {
      this.putInt(this.reserve(4), -1);
      return;
    }
    this.writeCount(values);
    const joined = this.#joinStrings ? writeJoined(this, values) : 0;
    writeEach(this, values, joined, nonNullElements);
  }

  /** Writes the number of elements of a vector that is not null. */
  writeCount(values: readonly unknown[]): void {
    this.writeInt(vectorLength(values));
  }

  /** Writes the number of entries of a map. */
  writeSize(map: ReadonlyMap<unknown, unknown>): void {
    this.writeInt(mapLength(map));
  }

  /**
   * Writes a length and the bytes, or -1 for null. The bytes are copied, unless `gatherFrom` says otherwise.
   * Their memory may be shared or resizable. If it is detached, the engine's TypeError is thrown.
   */
  writeBuffer(value: Uint8Array | null): void {
    if (value === null) {
      this.putInt(this.reserve(4), -1);
      return;
    }
    if (!isBytes(value)) {
      refuse(value, "a Uint8Array or null");
    }
    const { length } = value;
    if (length >= this.gatherFrom && length > 0) {
      this.putInt(this.reserve(4), length);
      this.#gatheredLength += length;
      this.#gathered.push({ at: this.position - this.origin, bytes: value });
      return;
    }
    const at = this.reserve(4 + length);
    this.view.setInt32(at, length);
    this.bytes.set(value, at + 4);
  }

  /** Appends bytes that are encoded already. */
  writeRaw(encoded: Uint8Array): void {
    const at = this.reserve(encoded.length);
    this.bytes.set(encoded, at);
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
      throw new JuteEncodeError("optional", "a present field after an absent one");
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

  /** How many more levels of recursive records fit below the one that is being written. */
  get remainingDepth(): number {
    return this.maxDepth - this.#depth;
  }

  leave(): void {
    this.#depth--;
  }

  /**
   * Starts over, because this buffer now belongs to somebody else: in the rest of the one that a long message
   * has left, or in a fresh one of the least size.
   */
  replaceBuffer(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    this.#use(kept?.memory ?? newMemory(this.#leastCapacity));
    this.origin = kept?.origin ?? 0;
    this.position = this.origin;
  }

  /** The bytes that were left in place after this mark. */
  #gatheredSince(mark: number): number {
    let sum = 0;
    for (const { at, bytes } of this.#gathered) {
      sum += at > mark ? bytes.length : 0;
    }
    return sum;
  }

  /** For `reserve`, which has moved on by `size` bytes that are not there. */
  makeRoom(size: number): number {
    // No private method: V8 checks those on every call, and that counts where `reserve` is inlined.
    this.position -= size;
    const used = this.position - this.origin;
    const needed = used + size;
    // A fresh buffer each time: views of the old one may be in the hands of callers.
    const memory = newMemory(Math.max(this.#leastCapacity, grownCapacity(needed, size)));
    memory.bytes.set(this.bytes.subarray(this.origin, this.position));
    if (needed > this.#leastCapacity && this.capacity <= MOST_KEPT) {
      const { buffer, bytes, view, text } = this;
      this.#kept = { memory: { buffer, bytes, view, text }, origin: this.origin };
    }
    this.#use(memory);
    this.position = needed;
    return used;
  }

  #use({ buffer, bytes, view, text }: OutputMemory): void {
    this.buffer = buffer;
    this.bytes = bytes;
    this.capacity = bytes.length;
    this.view = view;
    this.text = text;
    this.origin = 0;
  }
}

const DEFAULT_CAPACITY = 1024;

/** The largest memory, in bytes, that is kept while a long message is written elsewhere. */
const MOST_KEPT = 65_536;
