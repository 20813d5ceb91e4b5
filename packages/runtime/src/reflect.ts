/**
 * Reading and writing a record by its descriptor, field by field. This is the
 * way for archives that are not binary, and the slow second look at a message
 * that the straight-line code of a generated class has refused: it finds the
 * same error and knows the path of the field. It must therefore accept, refuse
 * and produce exactly what the generated code does.
 */
import type { InputArchive, OutputArchive } from "./archive.js";
import type { BinaryInputArchive } from "./binary-input-archive.js";
import { BinaryOutputArchive, type WriteOptions } from "./binary-output-archive.js";
import { JuteDecodeError, JuteEncodeError } from "./errors.js";
import { DEFAULT_MAX_DEPTH } from "./limits.js";
import { type KeyOptions, sortedByEncoding, sortedByNumber, sortedEntries } from "./map-order.js";
import type { AnyRecordType, FieldDescriptor, FieldType, JuteRecord } from "./record.js";

/** A record as a bag of fields. */
interface Fields {
  [property: string]: unknown;
}

/** Reads the fields of one record from any archive. Errors carry the path of the field. */
export function readFields<T extends JuteRecord>(type: AnyRecordType<T>, archive: InputArchive): T {
  const { descriptor } = type;
  const record = new type(null);
  const fields = record as unknown as Fields;
  if (descriptor.recursive === true) {
    archive.enter();
  }
  for (const field of descriptor.fields) {
    try {
      fields[field.property] =
        field.optional === true && archive.atEnd() ? undefined : readField(field, archive);
    } catch (error) {
      throw withPath(error, `.${field.name}`);
    }
  }
  if (descriptor.recursive === true) {
    archive.leave();
  }
  return record;
}

function readField(field: FieldDescriptor, archive: InputArchive): unknown {
  return field.nonNull === true
    ? archive.nonNull(readValue(field.type, archive, field.name))
    : readValue(field.type, archive, field.name);
}

function readValue(type: FieldType, archive: InputArchive, tag: string): unknown {
  switch (type.kind) {
    case "boolean":
      return archive.readBool(tag);
    case "byte":
      return archive.readByte(tag);
    case "int":
      return archive.readInt(tag);
    case "long":
      return archive.readLong(tag);
    case "float":
      return archive.readFloat(tag);
    case "double":
      return archive.readDouble(tag);
    case "ustring":
      return archive.readString(tag);
    case "buffer":
      return archive.readBufferField(tag);
    case "vector":
      return readVector(type.element, archive, tag);
    case "map":
      return readMap(type.key, type.value, archive, tag);
    case "record": {
      const nested = type.type();
      archive.startRecord(tag);
      const record = readFields(nested, archive);
      archive.endRecord(tag);
      return record;
    }
  }
}

function readVector(element: FieldType, archive: InputArchive, tag: string): unknown[] | null {
  const count = archive.startVector(tag, leastSize(element));
  if (count < 0) {
    return null;
  }
  const vector: unknown[] = [];
  for (let i = 0; i < count; i++) {
    try {
      vector.push(readValue(element, archive, "e1"));
    } catch (error) {
      throw withPath(error, `[${String(i)}]`);
    }
  }
  archive.endVector(tag);
  return vector;
}

function readMap(
  key: FieldType,
  value: FieldType,
  archive: InputArchive,
  tag: string,
): Map<unknown, unknown> {
  const count = archive.startMap(tag, leastSize(key) + leastSize(value));
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < count; i++) {
    try {
      const k = archive.nonNull(readValue(key, archive, "k1"));
      map.set(k, readValue(value, archive, "v1"));
    } catch (error) {
      throw withPath(error, `{${String(i)}}`);
    }
  }
  archive.endMap(tag);
  return map;
}

/** The least number of bytes that a value of this type takes. */
function leastSize(type: FieldType): number {
  switch (type.kind) {
    case "boolean":
    case "byte":
      return 1;
    case "int":
    case "float":
    case "ustring":
    case "buffer":
    case "vector":
    case "map":
      return 4;
    case "long":
    case "double":
      return 8;
    case "record": {
      const { fields } = type.type().descriptor;
      return fields.reduce((sum, f) => sum + (f.optional === true ? 0 : leastSize(f.type)), 0);
    }
  }
}

/** Writes the fields of one record to any archive. Errors carry the path of the field. */
export function writeFields(
  type: AnyRecordType,
  record: JuteRecord,
  archive: OutputArchive,
  outerDepth = 0,
): void {
  const { descriptor } = type;
  const depth = outerDepth + (descriptor.recursive === true ? 1 : 0);
  if (depth > archive.maxDepth) {
    throw new JuteEncodeError(
      "depth",
      `records nest deeper than ${String(archive.maxDepth)} levels`,
    );
  }
  const fields = record as unknown as Fields;
  let absent: string | undefined;
  for (const field of descriptor.fields) {
    try {
      const value = fields[field.property];
      if (field.optional === true && value === undefined) {
        absent ??= field.name;
        continue;
      }
      if (absent !== undefined) {
        throw new JuteEncodeError("optional", `present, although ${absent} before it is absent`);
      }
      if (field.nonNull === true && value === null) {
        throw new JuteEncodeError("null", "null in a field that is never null");
      }
      writeValue(field.type, value, archive, field.name, depth);
    } catch (error) {
      throw withPath(error, `.${field.name}`);
    }
  }
}

function writeValue(
  type: FieldType,
  value: unknown,
  archive: OutputArchive,
  tag: string,
  depth: number,
): void {
  switch (type.kind) {
    case "boolean":
      archive.writeBool(expect(value, typeof value === "boolean", "a boolean"), tag);
      break;
    case "byte":
      archive.writeByte(expect(value, typeof value === "number", "a number"), tag);
      break;
    case "int":
      archive.writeInt(expect(value, typeof value === "number", "a number"), tag);
      break;
    case "long":
      archive.writeLong(expect(value, typeof value === "bigint", "a bigint"), tag);
      break;
    case "float":
      archive.writeFloat(expect(value, typeof value === "number", "a number"), tag);
      break;
    case "double":
      archive.writeDouble(expect(value, typeof value === "number", "a number"), tag);
      break;
    case "ustring":
      archive.writeString(
        expect(value, value === null || typeof value === "string", "a string or null"),
        tag,
      );
      break;
    case "buffer":
      archive.writeBuffer(
        expect(value, value === null || value instanceof Uint8Array, "a Uint8Array or null"),
        tag,
      );
      break;
    case "vector":
      writeVector(
        type.element,
        expect(value, value === null || Array.isArray(value), "an array or null"),
        archive,
        tag,
        depth,
      );
      break;
    case "map":
      writeMap(type, expect(value, value instanceof Map, "a Map"), archive, tag, depth);
      break;
    case "record": {
      const nested = type.type();
      const record = expect<JuteRecord>(
        value,
        value instanceof nested,
        `an instance of ${nested.descriptor.name}`,
      );
      archive.startRecord(record, tag);
      writeFields(nested, record, archive, depth);
      archive.endRecord(record, tag);
    }
  }
}

function writeVector(
  element: FieldType,
  vector: readonly unknown[] | null,
  archive: OutputArchive,
  tag: string,
  depth: number,
): void {
  archive.startVector(vector === null ? -1 : vector.length, tag);
  let index = 0;
  for (const item of vector ?? []) {
    try {
      writeValue(element, item, archive, "e1", depth);
    } catch (error) {
      throw withPath(error, `[${String(index)}]`);
    }
    index++;
  }
  archive.endVector(tag);
}

function writeMap(
  type: FieldType & { kind: "map" },
  map: ReadonlyMap<unknown, unknown>,
  archive: OutputArchive,
  tag: string,
  depth: number,
): void {
  archive.startMap(map.size, tag);
  let index = 0;
  const options = { strings: archive.strings, remainingDepth: archive.maxDepth - depth };
  for (const { key, encodedKey, value } of entriesInOrder(type.key, map, options)) {
    try {
      if (key === null) {
        throw new JuteEncodeError("null", "null as the key of a map");
      }
      if (encodedKey !== undefined && archive instanceof BinaryOutputArchive) {
        archive.writeRaw(encodedKey);
      } else {
        writeValue(type.key, key, archive, "k1", depth);
      }
      writeValue(type.value, value, archive, "v1", depth);
    } catch (error) {
      throw withPath(error, `{${String(index)}}`);
    }
    index++;
  }
  archive.endMap(tag);
}

interface OrderedEntry {
  readonly key: unknown;
  readonly value: unknown;
  /** The bytes of the key, where they decide the order. */
  readonly encodedKey?: Uint8Array;
}

/** The entries of a map in the order in which they go on the wire. */
export function entriesInOrder(
  key: FieldType,
  map: ReadonlyMap<unknown, unknown>,
  options: KeyOptions = { remainingDepth: DEFAULT_MAX_DEPTH },
): readonly OrderedEntry[] {
  switch (key.kind) {
    case "boolean":
    case "byte":
    case "int":
    case "long":
    case "ustring":
      return sortedEntries(map as ReadonlyMap<string, unknown>).map(asEntry);
    case "float":
    case "double":
      return sortedByNumber(map as ReadonlyMap<number, unknown>).map(asEntry);
    case "buffer":
    case "vector":
    case "map":
    case "record":
      return sortedByEncoding(options, map, (output, k) => {
        writeValue(key, k, output, "k1", 0);
      });
  }
}

function asEntry([key, value]: readonly [unknown, unknown]): OrderedEntry {
  return { key, value };
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller has just checked the type
function expect<T>(value: unknown, holds: boolean, what: string): T {
  if (!holds) {
    throw new JuteEncodeError(
      value === null || value === undefined ? "null" : "type",
      `${describeValue(value)} is not ${what}`,
    );
  }
  return value as T;
}

function describeValue(value: unknown): string {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return `the ${typeof value} ${String(value)}`;
    case "undefined":
      return "undefined";
    default:
      return value === null ? "null" : `a value of type ${typeof value}`;
  }
}

/** Puts one more step in front of the path of an error. */
function withPath(error: unknown, step: string): unknown {
  return error instanceof JuteDecodeError || error instanceof JuteEncodeError
    ? error.withPath(`${step}${error.path ?? ""}`)
    : error;
}

/**
 * The error to raise when the generated code of `type` failed with `error` on
 * the record that starts at the archive's position: with the path of the field
 * and the offset of the very value, where the straight-line code knows only the run.
 */
export function explainDecodeError(
  error: unknown,
  type: AnyRecordType,
  input: BinaryInputArchive,
): unknown {
  const { name } = type.descriptor;
  if (error instanceof RangeError) {
    // The stack ran out before the limit on depth was reached, so the limit is higher than this host allows.
    const reason = "records nest deeper than the stack of this host allows: lower maxDepth";
    return new JuteDecodeError("depth", 0, reason, name);
  }
  if (!(error instanceof JuteDecodeError)) {
    return error;
  }
  try {
    readFields(type, input);
  } catch (second) {
    return withPath(second, name);
  }
  // Only what follows the record can be wrong, and that has no field.
  return error.path === undefined ? error.withPath(name) : error;
}

/**
 * The error to raise when encoding `record` failed with `error`: what is wrong
 * with which field, where that can be told.
 */
export function explainEncoding(
  error: unknown,
  type: AnyRecordType,
  record: JuteRecord,
  options?: WriteOptions,
): unknown {
  try {
    writeFields(type, record, new BinaryOutputArchive(options));
  } catch (second) {
    return withPath(second, type.descriptor.name);
  }
  return error;
}

/**
 * Writes a record to any archive: straight-line code for the binary one, field
 * by field for others. A binary archive is left as it was when a value is refused.
 */
export function serializeRecord(
  type: AnyRecordType,
  record: JuteRecord,
  archive: OutputArchive,
  tag?: string,
): void {
  if (archive instanceof BinaryOutputArchive) {
    const at = archive.position;
    try {
      type.write(archive, record);
    } catch (error) {
      archive.position = at;
      throw explainEncoding(error, type, record, archive);
    }
    return;
  }
  archive.startRecord(record, tag);
  writeFields(type, record, archive);
  archive.endRecord(record, tag);
}
