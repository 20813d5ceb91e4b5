/**
 * Reading and writing a record by its descriptor, field by field. This is the
 * way for archives that are not binary, and the slow second look at a message
 * that the straight-line code of a generated class has refused: it finds the
 * same error and knows the path of the field. It must therefore accept, refuse
 * and produce exactly what the generated code does.
 */
import type { InputArchive, OutputArchive } from "./archive.js";
import { BinaryOutputArchive } from "./binary-output-archive.js";
import { JuteDecodeError, JuteEncodeError } from "./errors.js";
import { DEFAULT_MAX_DEPTH } from "./limits.js";
import { type KeyOptions, sortedByEncoding, sortedByNumber, sortedEntries } from "./map-order.js";
import type { AnyRecordType, FieldDescriptor, FieldType, JuteRecord } from "./record.js";
import { checkRecord, checkValue } from "./values.js";

/** A record as a bag of fields. */
interface Fields {
  [property: string]: unknown;
}

/** Reads the fields of one record from any archive. Errors carry the path of the field. */
export function readFields<T extends JuteRecord>(type: AnyRecordType<T>, archive: InputArchive): T {
  try {
    return readRecordFields(type, archive);
  } catch (error) {
    throw withPath(error, type.descriptor.name);
  }
}

/** The same, with paths that start at the record: it may lie in another one. */
function readRecordFields<T extends JuteRecord>(type: AnyRecordType<T>, archive: InputArchive): T {
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
  const value = readValue(field.type, archive, field.name, field.nonNullElements === true);
  return field.nonNull === true ? archive.nonNull(value) : value;
}

/** `elements`: whether null is ruled out for whatever lies inside of vectors and maps. */
function readValue(
  type: FieldType,
  archive: InputArchive,
  tag: string,
  elements: boolean,
): unknown {
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
      return readVector(type.element, archive, tag, elements);
    case "map":
      return readMap(type.key, type.value, archive, tag, elements);
    case "record": {
      const nested = type.type();
      archive.startRecord(tag);
      const record = readRecordFields(nested, archive);
      archive.endRecord(tag);
      return record;
    }
  }
}

function readVector(
  element: FieldType,
  archive: InputArchive,
  tag: string,
  elements: boolean,
): unknown[] | null {
  const count = archive.startVector(tag, leastSize(element));
  if (count < 0) {
    return null;
  }
  const vector: unknown[] = [];
  for (let i = 0; i < count; i++) {
    try {
      const value = readValue(element, archive, "e1", elements);
      vector.push(elements ? archive.nonNull(value) : value);
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
  elements: boolean,
): Map<unknown, unknown> {
  const count = archive.startMap(tag, leastSize(key) + leastSize(value));
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < count; i++) {
    try {
      const k = archive.nonNull(readValue(key, archive, "k1", elements));
      const v = readValue(value, archive, "v1", elements);
      map.set(k, elements ? archive.nonNull(v) : v);
    } catch (error) {
      throw withPath(error, `{${String(i)}}`);
    }
  }
  archive.endMap(tag);
  return map;
}

/** The minimum number of bytes that a value of this type takes. */
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
export function writeFields(type: AnyRecordType, record: JuteRecord, archive: OutputArchive): void {
  try {
    writeRecordFields(type, record, archive, 0);
  } catch (error) {
    throw withPath(error, type.descriptor.name);
  }
}

/** The same, with paths that start at the record: it may lie in another one. */
function writeRecordFields(
  type: AnyRecordType,
  record: JuteRecord,
  archive: OutputArchive,
  outerDepth: number,
): void {
  const { descriptor } = type;
  checkRecord(descriptor.name, record);
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
      checkValue(field.type, value, field.nonNull);
      const elements = field.nonNullElements === true;
      writeValue(field.type, value, archive, field.name, { depth, elements });
    } catch (error) {
      throw withPath(error, `.${field.name}`);
    }
  }
}

/** What holds for all values of one field. */
interface FieldRules {
  /** How many recursive records are around the value. */
  readonly depth: number;
  /** Whether null is ruled out for whatever lies inside of vectors and maps. */
  readonly elements: boolean;
}

function writeValue(
  type: FieldType,
  value: unknown,
  archive: OutputArchive,
  tag: string,
  rules: FieldRules,
): void {
  switch (type.kind) {
    case "boolean":
      archive.writeBool(value as boolean, tag);
      break;
    case "byte":
      archive.writeByte(value as number, tag);
      break;
    case "int":
      archive.writeInt(value as number, tag);
      break;
    case "long":
      archive.writeLong(value as bigint, tag);
      break;
    case "float":
      archive.writeFloat(value as number, tag);
      break;
    case "double":
      archive.writeDouble(value as number, tag);
      break;
    case "ustring":
      archive.writeString(value as string | null, tag);
      break;
    case "buffer":
      archive.writeBuffer(value as Uint8Array | null, tag);
      break;
    case "vector":
      writeVector(type.element, value as readonly unknown[] | null, archive, tag, rules);
      break;
    case "map":
      writeMap(type, value as ReadonlyMap<unknown, unknown>, archive, tag, rules);
      break;
    case "record": {
      const record = value as JuteRecord;
      archive.startRecord(record, tag);
      writeRecordFields(type.type(), record, archive, rules.depth);
      archive.endRecord(record, tag);
      break;
    }
    default:
      return type satisfies never;
  }
}

function writeVector(
  element: FieldType,
  vector: readonly unknown[] | null,
  archive: OutputArchive,
  tag: string,
  rules: FieldRules,
): void {
  archive.startVector(vector === null ? -1 : vector.length, tag);
  let index = 0;
  for (const item of vector ?? []) {
    try {
      checkValue(element, item, rules.elements);
      writeValue(element, item, archive, "e1", rules);
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
  rules: FieldRules,
): void {
  archive.startMap(map.size, tag);
  let index = 0;
  const options = { strings: archive.strings, remainingDepth: archive.maxDepth - rules.depth };
  for (const { key, encodedKey, value } of entriesInOrder(type.key, map, options, rules.elements)) {
    try {
      if (encodedKey !== undefined && archive instanceof BinaryOutputArchive) {
        archive.writeRaw(encodedKey);
      } else {
        writeValue(type.key, key, archive, "k1", rules);
      }
      checkValue(type.value, value, rules.elements);
      writeValue(type.value, value, archive, "v1", rules);
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
  elements = false,
): readonly OrderedEntry[] {
  checkKeys(key, map);
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
        writeValue(key, k, output, "k1", { depth: 0, elements });
      });
  }
}

/** Before anything is ordered: there is no order between what is no key. */
function checkKeys(type: FieldType, map: ReadonlyMap<unknown, unknown>): void {
  let index = 0;
  for (const key of map.keys()) {
    try {
      if (key === null) {
        throw new JuteEncodeError("null", "null as the key of a map");
      }
      checkValue(type, key);
    } catch (error) {
      throw withPath(error, `{${String(index)}}`);
    }
    index++;
  }
}

function asEntry([key, value]: readonly [unknown, unknown]): OrderedEntry {
  return { key, value };
}

/** Puts one more step in front of the path of an error. */
function withPath(error: unknown, step: string): unknown {
  return error instanceof JuteDecodeError || error instanceof JuteEncodeError
    ? error.withPath(`${step}${error.path ?? ""}`)
    : error;
}
