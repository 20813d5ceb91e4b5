/**
 * Decodes a record and writes down where each value lay: for tools that show
 * bytes to people, such as decoders of captures, logs and snapshots.
 */
import type { InputArchive } from "./archive.js";
import { BinaryInputArchive } from "./binary-input-archive.js";
import { JuteDecodeError } from "./errors.js";
import type { ReadOptions } from "./options.js";
import type { AnyRecordType, JuteRecord, PrimitiveKind } from "./record.js";
import { readFields } from "./reflect.js";

/** One value of a message and the bytes that it was read from. */
export interface TracedValue {
  /** The field, e.g. `acl[0].id.scheme`. For a vector or map it stands for the count alone. */
  readonly path: string;
  readonly kind: PrimitiveKind | "vector" | "map";
  /** Counted from the start of the bytes that were given. */
  readonly offset: number;
  /** In bytes; a string or buffer includes its length. */
  readonly length: number;
  /** The value; for a vector or map the number of elements, or null. */
  readonly value: boolean | number | bigint | string | Uint8Array | null;
}

export interface TracedRecord<T extends JuteRecord> {
  readonly record: T;
  /** In the order of the bytes, which they cover without a gap. */
  readonly values: readonly TracedValue[];
}

/**
 * Decodes the one record that fills `bytes`, like its class's `decode`, and
 * tells where each value lay. Throws a `JuteDecodeError` in the same cases.
 */
export function traceRecord<T extends JuteRecord>(
  type: AnyRecordType<T>,
  bytes: Uint8Array,
  options?: ReadOptions,
): TracedRecord<T> {
  const input = new BinaryInputArchive(bytes, options);
  const archive = new TracingArchive(input);
  const record = readFields(type, archive);
  input.finish();
  return { record, values: archive.values };
}

/** What could be read of a record that may be damaged, and may be followed by other bytes. */
export interface TracedPrefix<T extends JuteRecord> {
  /** Undefined where the record could not be read to its end. */
  readonly record: T | undefined;
  /** In the order of the bytes, without a gap: all values before the damage. */
  readonly values: readonly TracedValue[];
  /** How many bytes the values take, counted from the first. */
  readonly length: number;
  /** Why there is no record. Its offset counts from the first byte. */
  readonly error: JuteDecodeError | undefined;
}

/**
 * Traces the record at the start of `bytes`, whatever follows it, as far as it
 * can be read. Throws no JuteDecodeError: damage is part of the result.
 */
export function tracePrefix<T extends JuteRecord>(
  type: AnyRecordType<T>,
  bytes: Uint8Array,
  options?: ReadOptions,
): TracedPrefix<T> {
  const archive = new TracingArchive(new BinaryInputArchive(bytes, options));
  let record: T | undefined;
  let error: JuteDecodeError | undefined;
  try {
    record = readFields(type, archive);
  } catch (thrown) {
    if (!(thrown instanceof JuteDecodeError)) throw thrown;
    error = thrown;
  }
  const { values } = archive;
  const last = values.at(-1);
  return { record, values, length: last === undefined ? 0 : last.offset + last.length, error };
}

/** A vector or map that is being read. */
interface Container {
  readonly path: string;
  /** Of the next element. */
  index: number;
}

class TracingArchive implements InputArchive {
  readonly values: TracedValue[] = [];
  readonly #input: BinaryInputArchive;
  /** The records and containers around the next value, outermost first. */
  readonly #around: (Container | string)[] = [];

  constructor(input: BinaryInputArchive) {
    this.#input = input;
  }

  readBool(tag = ""): boolean {
    return this.#trace("boolean", tag, () => this.#input.readBool());
  }

  readByte(tag = ""): number {
    return this.#trace("byte", tag, () => this.#input.readByte());
  }

  readInt(tag = ""): number {
    return this.#trace("int", tag, () => this.#input.readInt());
  }

  readLong(tag = ""): bigint {
    return this.#trace("long", tag, () => this.#input.readLong());
  }

  readFloat(tag = ""): number {
    return this.#trace("float", tag, () => this.#input.readFloat());
  }

  readDouble(tag = ""): number {
    return this.#trace("double", tag, () => this.#input.readDouble());
  }

  readString(tag = ""): string | null {
    return this.#trace("ustring", tag, () => this.#input.readString());
  }

  readBuffer(tag = ""): Uint8Array | null {
    return this.#trace("buffer", tag, () => this.#input.readBuffer());
  }

  readBufferField(tag = ""): Uint8Array | null {
    return this.#trace("buffer", tag, () => this.#input.readBufferField());
  }

  readRecord<T extends JuteRecord>(type: AnyRecordType<T>, tag = ""): T {
    this.startRecord(tag);
    const record = readFields(type, this);
    this.endRecord();
    return record;
  }

  startRecord(tag = ""): void {
    this.#around.push(this.#pathOf(tag));
  }

  endRecord(): void {
    this.#around.pop();
  }

  startVector(tag = "", elementSize?: number): number {
    const path = this.#pathOf(tag);
    const count = this.#traceCount("vector", path, () => this.#input.startVector(tag, elementSize));
    if (count >= 0) {
      this.#around.push({ path, index: 0 });
    }
    return count;
  }

  endVector(): void {
    this.#around.pop();
  }

  startMap(tag = "", entrySize?: number): number {
    const path = this.#pathOf(tag);
    const count = this.#traceCount("map", path, () => this.#input.startMap(tag, entrySize));
    this.#around.push({ path, index: 0 });
    return count;
  }

  endMap(): void {
    this.#around.pop();
  }

  atEnd(): boolean {
    return this.#input.atEnd();
  }

  enter(): void {
    this.#input.enter();
  }

  leave(): void {
    this.#input.leave();
  }

  nonNull<T>(value: T | null): T {
    return this.#input.nonNull(value);
  }

  #trace<T extends TracedValue["value"]>(kind: PrimitiveKind, tag: string, read: () => T): T {
    const path = this.#pathOf(tag);
    const offset = this.#offset();
    const value = read();
    this.values.push({ path, kind, offset, length: this.#offset() - offset, value });
    return value;
  }

  #traceCount(kind: "vector" | "map", path: string, read: () => number): number {
    const offset = this.#offset();
    const count = read();
    const value = count < 0 ? null : count;
    this.values.push({ path, kind, offset, length: this.#offset() - offset, value });
    return count;
  }

  #offset(): number {
    return this.#input.position - this.#input.start;
  }

  /** The path of the next value. Inside a container the tag only says whether it is a key. */
  #pathOf(tag: string): string {
    const around = this.#around.at(-1);
    if (around === undefined) {
      return tag;
    }
    if (typeof around === "string") {
      return around === "" ? tag : `${around}.${tag}`;
    }
    switch (tag) {
      case "k1":
        return `${around.path}{${String(around.index)}}.key`;
      case "v1":
        return `${around.path}{${String(around.index++)}}.value`;
      default:
        return `${around.path}[${String(around.index++)}]`;
    }
  }
}
