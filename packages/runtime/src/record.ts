/**
 * What a generated record class looks like to code that does not know which
 * record it holds: archives, arbitraries, tools. Descriptors are plain data, so
 * that everything which is not on the encode or decode path can be written once
 * against them instead of being generated seventy times.
 *
 * This file and the archives need each other's types, and no order helps: an archive reads
 * records, and a record reads itself from an archive. It is the one ring of files in the repository.
 */
import type { InputArchive, OutputArchive } from "./archive.js";
import type { BinaryInputArchive } from "./binary-input-archive.js";
import type { BinaryOutputArchive } from "./binary-output-archive.js";
import type { JsonObject, JsonValue } from "./json-value.js";
import type { ReadOptions, WriteOptions } from "./options.js";

/** An instance of a generated class. The counterpart of Java's `org.apache.jute.Record`. */
export interface JuteRecord {
  /** Writes every field, in order, to any archive. */
  serialize(archive: OutputArchive, tag?: string): void;
  /** Replaces every field by what the archive holds. On an error the fields keep their old values. */
  deserialize(archive: InputArchive, tag?: string): void;
  /** Encodes into bytes that the caller owns. */
  encode(options?: WriteOptions): Uint8Array;
  /** The exact number of bytes that `encode` yields under the same options. */
  byteLength(options?: WriteOptions): number;
  /** Deep equality: same class, same wire content. NaN equals NaN; 0 and -0 differ. */
  equals(other: unknown): boolean;
  /** A deep copy that shares nothing with this record, bytes included. */
  clone(): JuteRecord;
  toJSON(): JsonObject;
  toString(): string;
}

/** A generated class, seen as a value. */
export interface RecordType<T extends JuteRecord = JuteRecord, Init = never> {
  /** Null leaves nested records unset, for a decoder that is about to fill them. */
  new (init?: Init | null): T;
  readonly descriptor: RecordDescriptor<T>;
  /** Returns `init` itself when it already is a record, otherwise a new one. */
  from(init: Init | undefined): T;
  /** Decodes exactly one record that fills `bytes`. */
  decode(bytes: Uint8Array, options?: ReadOptions): T;
  encode(value: Init, options?: WriteOptions): Uint8Array;
  fromJSON(json: JsonValue): T;
  /** Straight-line binary decoding at the archive's position. */
  read(input: BinaryInputArchive): T;
  /** Straight-line binary encoding at the archive's position. */
  write(output: BinaryOutputArchive, record: T): void;
}

/** Any generated class, whatever its constructor takes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor parameter is contravariant, so only `any` accepts every class
export type AnyRecordType<T extends JuteRecord = JuteRecord> = RecordType<T, any>;

/** The names and types of a record. `signature` equals what Java's `signature()` returns. */
export interface RecordDescriptor<T extends JuteRecord = JuteRecord> {
  /** The class as the `.jute` file names it, e.g. `Stat`. */
  readonly name: string;
  /** With its module, e.g. `org.apache.zookeeper.data.Stat`. */
  readonly fullName: string;
  readonly signature: string;
  readonly fields: readonly FieldDescriptor[];
  /** Part of a cycle of records, so that its nesting is bounded by a limit and not by the schema. */
  readonly recursive?: true;
  /** The generated class. */
  readonly type: AnyRecordType<T>;
}

export interface FieldDescriptor {
  /** The field as the `.jute` file names it. */
  readonly name: string;
  /** The property that holds it; differs from `name` only where `name` is taken. */
  readonly property: string;
  readonly type: FieldType;
  /** May be missing at the end of the record; then its value is `undefined`. */
  readonly optional?: true;
  /** Marked as never null: reading or writing null is an error. */
  readonly nonNull?: true;
  /** No element of its vectors and no value of its maps is null, at any depth. */
  readonly nonNullElements?: true;
}

export type PrimitiveKind =
  "boolean" | "byte" | "int" | "long" | "float" | "double" | "ustring" | "buffer";

export type FieldType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: "vector"; readonly element: FieldType }
  | { readonly kind: "map"; readonly key: FieldType; readonly value: FieldType }
  /** A function, because records may refer to each other before both exist. */
  | { readonly kind: "record"; readonly type: () => AnyRecordType };
