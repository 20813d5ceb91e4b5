/**
 * Decodes in place. Every length and count is checked against the limits and
 * against the bytes that are left before anything is allocated for it, so a
 * message can never make its reader allocate more than a small multiple of the
 * message itself.
 *
 * Fixed-size fields are read in runs: one `take` checks the bounds of the whole
 * run, then each `…At` loads from a constant offset.
 */
import { bytesLeft, bytesNeeded, quantity } from "./quantity.js";
import type { InputArchive } from "./archive.js";
import { doubleAt, floatAt, intAt, longAt, stagedLongs, stageLongs } from "./big-endian.js";
import { JuteDecodeError } from "./errors.js";
import { explainDecodeError } from "./explain.js";
import { DEFAULT_MAX_DEPTH, maxLength } from "./limits.js";
import { memoryOf, offsetOf } from "./memory-of.js";
import type { ReadOptions } from "./options.js";
import type { AnyRecordType, JuteRecord } from "./record.js";
import { readString, readStrings } from "./string-input.js";
import { requireBytes } from "./values.js";

const noBytes = new Uint8Array(0);
const noMemory = noBytes.buffer;

export class BinaryInputArchive implements InputArchive {
  /** The bytes that are read. */
  bytes: Uint8Array = noBytes;
  /** The offset of the next value in `bytes`. */
  position = 0;
  /** The offset after the last readable byte. */
  end = 0;
  /** The offset of the first byte of the message in `bytes`. */
  start = 0;
  /** The longest string or buffer that is accepted, in bytes. */
  maxLength: number;
  maxDepth: number;
  copyBuffers: boolean;
  replaceInvalid: boolean;
  ignoreTrailing: boolean;

  // The memory of the bytes that buffers are borrowed from again and again, and where they start in it. To
  // ask a Uint8Array for the two takes as long as to make a view.
  #borrowedFrom: Uint8Array = noBytes;
  #memory: ArrayBufferLike = noMemory;
  #offset = 0;

  #depth = 0;
  /** How many more elements of long arrays are believed before they are there. */
  #elementBudget = 0;

  constructor(bytes?: Uint8Array, options?: ReadOptions) {
    this.maxLength = 0;
    this.maxDepth = 0;
    this.copyBuffers = false;
    this.replaceInvalid = false;
    this.ignoreTrailing = false;
    this.configure(options);
    if (bytes !== undefined) {
      this.reset(bytes);
    }
  }

  /** Replaces all options. */
  configure(options: ReadOptions | undefined): void {
    this.maxLength = maxLength(options?.maxBuffer, options?.extraSize);
    this.maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.copyBuffers = options?.buffers === "copy";
    this.replaceInvalid = options?.invalidUtf8 === "replace";
    this.ignoreTrailing = options?.trailing === "ignore";
  }

  /**
   * Starts to read other bytes. They are borrowed: they must not change while they are read. Their memory may
   * be shared or resizable. If it is detached, reading throws a `JuteDecodeError`, or the engine's TypeError.
   */
  reset(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      requireBytes(bytes);
    }
    this.bytes = bytes;
    this.setBounds(0, bytes.length);
  }

  /** Moves to another message in the same bytes. */
  setBounds(start: number, end: number): void {
    this.start = start;
    this.position = start;
    this.end = end;
    this.#depth = 0;
    this.#elementBudget = end - start;
  }

  /** Releases the input, so that this archive keeps no memory alive. */
  release(): void {
    this.bytes = noBytes;
    this.position = 0;
    this.end = 0;
    if (this.#borrowedFrom !== noBytes) {
      this.#borrowedFrom = noBytes;
      this.#memory = noMemory;
    }
  }

  /** The number of bytes that are left. */
  get remaining(): number {
    return this.end - this.position;
  }

  atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Refuses bytes that are left, unless the options say that they do not matter. */
  finish(): void {
    if (this.position !== this.end) {
      this.#checkTrailing();
    }
  }

  #checkTrailing(): void {
    if (!this.ignoreTrailing) {
      const left = this.end - this.position;
      const follow = left === 1 ? "follows" : "follow";
      this.fail(
        "trailing",
        this.position,
        `${quantity(left, "byte")} ${follow} the end of the record`,
      );
    }
  }

  /** Passes over `size` bytes and returns the offset of the first. */
  take(size: number): number {
    const at = this.position;
    const next = at + size;
    if (next > this.end) {
      this.#truncated(size);
    }
    this.position = next;
    return at;
  }

  boolAt(at: number): boolean {
    return this.bytes[at] !== 0;
  }

  byteAt(at: number): number {
    return ((this.bytes[at] as number) << 24) >> 24;
  }

  intAt(at: number): number {
    // The same as the function of this name, written out: one call less for the optimizer to see
    // through keeps whole records within what it is willing to inline.
    const { bytes } = this;
    return (
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    );
  }

  longAt(at: number): bigint {
    return longAt(this.bytes, at);
  }

  /** Loads `count` longs that lie side by side, for `stagedLong` from `index` on; indexes go from 0 to 15. */
  stageLongs(index: number, at: number, count: number): void {
    stageLongs(index, this.bytes, at, count);
  }

  /** The long that was staged under this index. */
  stagedLong(index: number): bigint {
    return stagedLongs[index] as bigint;
  }

  floatAt(at: number): number {
    return floatAt(this.bytes, at);
  }

  doubleAt(at: number): number {
    return doubleAt(this.bytes, at);
  }

  /** Any byte but 0 is true, as in Java. */
  readBool(): boolean {
    return this.boolAt(this.take(1));
  }

  readByte(): number {
    return this.byteAt(this.take(1));
  }

  readInt(): number {
    return this.intAt(this.take(4));
  }

  readLong(): bigint {
    return this.longAt(this.take(8));
  }

  readFloat(): number {
    return this.floatAt(this.take(4));
  }

  readDouble(): number {
    return this.doubleAt(this.take(8));
  }

  /** Reads a string. A length of -1 is null; other negative lengths are errors. */
  readString(): string | null {
    return readString(this);
  }

  /**
   * Reads a vector of strings. The names of a long vector are parts of texts of at
   * most 4 KiB. `nonNullElements`: the schema rules out null in it.
   */
  readStrings(nonNullElements: true): string[] | null;
  readStrings(nonNullElements?: boolean): (string | null)[] | null;
  readStrings(nonNullElements = false): (string | null)[] | null {
    return readStrings(this, nonNullElements);
  }

  /** Copies the next buffer out of the input: the caller owns it. */
  readBuffer(): Uint8Array | null {
    const view = this.readBufferView();
    // As in `copyOf`. Of a Buffer, too, it makes a plain Uint8Array, where `slice` makes a Buffer.
    return view === null ? null : new Uint8Array(view);
  }

  /** Borrows the next buffer: it points into the input and changes when the input does. */
  readBufferView(): Uint8Array | null {
    const length = this.readLength();
    if (length < 0) {
      return null;
    }
    const at = this.position;
    this.position = at + length;
    return this.#borrowedFrom === this.bytes
      ? new Uint8Array(this.#memory, this.#offset + at, length)
      : this.#borrow(at, length);
  }

  #borrow(at: number, length: number): Uint8Array {
    const { bytes } = this;
    const memory = memoryOf(bytes);
    const offset = offsetOf(bytes);
    if (bytes.length - at - length >= MORE_TO_BORROW) {
      this.#borrowedFrom = bytes;
      this.#memory = memory;
      this.#offset = offset;
    }
    return new Uint8Array(memory, offset + at, length);
  }

  /**
   * Borrows all bytes that are left, as after a header whose body is decoded elsewhere. They have no
   * length in front of them. They point into the input and change when it does.
   */
  readRest(): Uint8Array {
    const at = this.position;
    const { end } = this;
    this.position = end;
    return this.#borrow(at, end - at);
  }

  /** Reads a buffer for a record: borrowed or copied as the options of this archive say. */
  readBufferField(): Uint8Array | null {
    return this.copyBuffers ? this.readBuffer() : this.readBufferView();
  }

  /** Reads one record of this type, at this position, with the field's path in every error. */
  readRecord<T extends JuteRecord>(type: AnyRecordType<T>): T {
    const at = this.position;
    const depth = this.#depth;
    try {
      return type.read(this);
    } catch (error) {
      this.position = at;
      this.#depth = depth;
      throw explainDecodeError(error, type, this);
    }
  }

  startRecord(): void {
    // Records have no header on the wire.
  }

  endRecord(): void {
    // Records have no trailer on the wire.
  }

  /** Reads the number of elements, -1 for null. Every element takes `elementSize` bytes at least. */
  startVector(_tag?: string, elementSize = 1): number {
    return this.readCount(elementSize);
  }

  endVector(): void {
    // Vectors have no trailer on the wire.
  }

  /** Reads the number of entries, each of `entrySize` bytes at least. Null reads as empty, as in Java. */
  startMap(_tag?: string, entrySize = 2): number {
    return Math.max(this.readCount(entrySize), 0);
  }

  endMap(): void {
    // Maps have no trailer on the wire.
  }

  /**
   * Reads a count, -1 for null, of elements that take at least `elementSize`
   * bytes each. A count that the rest of the input cannot hold is refused here,
   * before anything is allocated for it.
   */
  readCount(elementSize: number): number {
    const at = this.take(4);
    const count = intAt(this.bytes, at);
    if (count < -1) {
      this.fail("count", at, `a count of ${String(count)} is negative`);
    }
    if (count * elementSize > this.end - this.position) {
      this.fail(
        "count",
        at,
        `${quantity(count, "element")} cannot lie in ${bytesLeft(this.end - this.position)}`,
      );
    }
    return count;
  }

  /**
   * An array for `count` elements. Vectors in vectors can all claim the same
   * bytes, so counts are believed only until they have claimed one element for
   * each byte of the message; from then on arrays grow with what is really there.
   */
  newArray<T>(count: number): T[] {
    if (count <= SMALL_ARRAY) {
      return new Array<T>(count);
    }
    const believed = Math.min(count, Math.max(this.#elementBudget, SMALL_ARRAY));
    this.#elementBudget -= believed;
    return new Array<T>(believed);
  }

  /** Passes on what was just read, unless it is a null that the schema rules out. */
  nonNull<T>(value: T | null): T {
    if (value === null) {
      // Null is nothing but its length, which has just been read.
      this.fail("null", this.position - 4, "null in a field that is never null");
    }
    return value;
  }

  /** Like `readCount`, where the schema rules out null. */
  readNonNullCount(elementSize: number): number {
    const count = this.readCount(elementSize);
    return this.nonNull(count < 0 ? null : count);
  }

  /** Counts one more level of a recursive record. */
  enter(): void {
    if (++this.#depth > this.maxDepth) {
      this.fail("depth", this.position, `records nest deeper than ${String(this.maxDepth)} levels`);
    }
  }

  leave(): void {
    this.#depth--;
  }

  /** Raises a decode error for the value at `offset`, an offset in `bytes`. */
  fail(kind: JuteDecodeError["kind"], offset: number, reason: string): never {
    throw new JuteDecodeError(kind, offset - this.start, reason);
  }

  /** Reads the length of a string or buffer, -1 for null, and makes sure that its bytes are there. */
  readLength(): number {
    const at = this.position;
    const start = at + 4;
    const left = this.end - start;
    if (left < 0) {
      this.#truncated(4);
    }
    const length = intAt(this.bytes, at);
    this.position = start;
    if ((length > left || length > this.maxLength || length < 0) && length !== -1) {
      this.#refuseLength(at, length);
    }
    return length;
  }

  #refuseLength(at: number, length: number): never {
    if (length < 0) {
      this.fail("length", at, `a length of ${String(length)} is negative`);
    }
    if (length > this.maxLength) {
      this.fail(
        "length",
        at,
        `a length of ${String(length)} is above the limit of ${String(this.maxLength)} (raise maxBuffer to allow it)`,
      );
    }
    this.fail(
      "truncated",
      at,
      `a length of ${String(length)} reaches beyond ${bytesLeft(this.end - this.position)}`,
    );
  }

  #truncated(size: number): never {
    this.fail("truncated", this.position, bytesNeeded(size, this.end - this.position));
  }
}

/** Arrays of up to so many elements are made at once in any case: growing them takes twice the time. */
const SMALL_ARRAY = 1024;

/**
 * Whether it pays to remember what a buffer was borrowed from depends on whether more are to come. They may
 * where at least so many bytes follow.
 */
const MORE_TO_BORROW = 512;
