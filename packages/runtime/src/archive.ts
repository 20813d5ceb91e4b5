/**
 * The archives of Jute as interfaces, with the method names of Apache's Java.
 * `tag` is the field's name; the binary archives ignore it, archives for people
 * (traces, dumps) show it.
 */
import type { AnyRecordType, JuteRecord } from "./record.js";
import type { StringEncoding } from "./options.js";

/** Reads one value after the other. Positional: the caller knows the schema. */
export interface InputArchive {
  readBool(tag?: string): boolean;
  /** Signed, -128 to 127. */
  readByte(tag?: string): number;
  readInt(tag?: string): number;
  readLong(tag?: string): bigint;
  readFloat(tag?: string): number;
  readDouble(tag?: string): number;
  readString(tag?: string): string | null;
  /** Bytes that the caller owns. */
  readBuffer(tag?: string): Uint8Array | null;
  /** The bytes for a field of a record: borrowed or copied, as the archive was told. */
  readBufferField(tag?: string): Uint8Array | null;
  readRecord<T extends JuteRecord>(type: AnyRecordType<T>, tag?: string): T;
  startRecord(tag?: string): void;
  endRecord(tag?: string): void;
  /**
   * The number of elements, or -1 for null. `elementSize` is the minimum number of
   * bytes that an element takes on the wire, for archives that check the count by it.
   */
  startVector(tag?: string, elementSize?: number): number;
  endVector(tag?: string): void;
  /** The number of entries. Null reads as empty, as in Java. */
  startMap(tag?: string, entrySize?: number): number;
  endMap(tag?: string): void;
  /** True when nothing is left, so that a trailing optional field is absent. */
  atEnd(): boolean;
  /** Counts one level of a recursive record; throws when it is too deep. */
  enter(): void;
  leave(): void;
  /** Passes on a value that was just read, unless it is a null that the schema rules out. */
  nonNull<T>(value: T | null): T;
}

/** Writes one value after the other. */
export interface OutputArchive {
  /** How deep recursive records may nest. */
  readonly maxDepth: number;
  /** How characters beyond U+FFFF are written; it decides the order of map keys that hold strings. */
  readonly strings: StringEncoding;
  writeBool(value: boolean, tag?: string): void;
  writeByte(value: number, tag?: string): void;
  writeInt(value: number, tag?: string): void;
  writeLong(value: bigint, tag?: string): void;
  writeFloat(value: number, tag?: string): void;
  writeDouble(value: number, tag?: string): void;
  writeString(value: string | null, tag?: string): void;
  writeBuffer(value: Uint8Array | null, tag?: string): void;
  writeRecord(record: JuteRecord, tag?: string): void;
  startRecord(record: JuteRecord, tag?: string): void;
  endRecord(record: JuteRecord, tag?: string): void;
  /** `size` is the number of elements, or -1 for null; nothing but `endVector` follows null. */
  startVector(size: number, tag?: string): void;
  endVector(tag?: string): void;
  startMap(size: number, tag?: string): void;
  endMap(tag?: string): void;
}
