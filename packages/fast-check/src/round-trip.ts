/**
 * The one property that every generated record must have: what goes in comes out,
 * by way of bytes, of JSON and of a copy. It speaks through thrown errors only, so
 * it works under any test runner.
 */
import fc, { type IPropertyWithHooks } from "fast-check";
import type {
  AnyRecordType,
  JsonValue,
  JuteRecord,
  ReadOptions,
  WriteOptions,
} from "@jute-ts/runtime";
import { contentKey, sameBytes, sameContent } from "./content.js";
import { descriptorOf, isBytes, isMap, propertyOf, type FieldValue } from "./field-value.js";
import { recordArbitrary, type RecordArbitraryOptions } from "./record-arbitrary.js";

/**
 * A property for `fc.assert`: any instance of `type` survives encoding (in both
 * string forms, borrowed and copied), JSON and cloning; `byteLength` is exact; and
 * neither a clone nor a copying decode shares memory with what it came from.
 */
export function roundTrip<C extends AnyRecordType>(
  type: C,
  options: RecordArbitraryOptions = {},
): IPropertyWithHooks<[InstanceType<C>]> {
  return fc.property(recordArbitrary(type, options), (record) => {
    checkRoundTrip(type, record);
  });
}

/** Throws an error that names the first broken promise. */
function checkRoundTrip(type: AnyRecordType, record: JuteRecord): void {
  const content = contentKey(record);
  for (const write of WRITE_OPTIONS) {
    for (const read of READ_OPTIONS) checkBytes(type, record, write, read);
  }
  const text = JSON.stringify(record);
  const parsed = JSON.parse(text) as JsonValue;
  expectSame(type.fromJSON(parsed), record, `fromJSON(${text})`);

  const clone = record.clone();
  expectSame(clone, record, "clone()");
  const shared = firstShared(clone, record);
  if (shared !== undefined) throw new Error(`clone() shares ${shared} with the original`);

  if (typeof record.toString() !== "string") throw new Error("toString() yields no string");
  if (contentKey(record) !== content) throw new Error("the record itself has been changed");
}

function checkBytes(
  type: AnyRecordType,
  record: JuteRecord,
  write: WriteOptions,
  read: ReadOptions,
): void {
  const how = `decode(encode(${JSON.stringify(write)}), ${JSON.stringify(read)})`;
  const bytes = record.encode(write);
  const promised = record.byteLength(write);
  if (bytes.length !== promised) {
    throw new Error(`byteLength is ${String(promised)}, encode gave ${String(bytes.length)} bytes`);
  }
  const decoded: JuteRecord = type.decode(bytes, read);
  expectSame(decoded, record, how);
  if (!sameBytes(decoded.encode(write), bytes)) {
    throw new Error(`${how} encodes to other bytes than the original`);
  }
  if (read.buffers === "copy") {
    // Losing the input must not change what was copied out of it.
    bytes.fill(0xa5);
    expectSame(decoded, record, `${how}, with the input overwritten since,`);
  }
}

function expectSame(actual: JuteRecord, expected: JuteRecord, how: string): void {
  // The content is compared here too, because `equals` is itself under test.
  if (!sameContent(actual, expected)) {
    throw new Error(`${how} differs: ${actual.toString()} instead of ${expected.toString()}`);
  }
  if (!actual.equals(expected) || !expected.equals(actual)) {
    throw new Error(`${how} has the same content, but equals() says otherwise`);
  }
}

/** The first object that both records reach, as a path in the first one. */
function firstShared(a: JuteRecord, b: JuteRecord): string | undefined {
  const ofB = new Set<object>();
  for (const [object] of objectsIn(b, "")) ofB.add(object);
  for (const [object, path] of objectsIn(a, descriptorOf(a).name)) {
    if (ofB.has(object)) return path;
  }
  return undefined;
}

/** Every mutable object that belongs to a value: records, containers, and the memory behind bytes. */
function* objectsIn(value: FieldValue | undefined, path: string): Generator<[object, string]> {
  if (value === null || typeof value !== "object") return;
  if (isBytes(value)) {
    // Nothing can be written to an empty buffer, so sharing one is harmless.
    if (value.length > 0) yield [value.buffer, path];
    return;
  }
  yield [value, path];
  if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) yield* objectsIn(element, `${path}[${String(i)}]`);
  } else if (isMap(value)) {
    for (const [key, entry] of value) {
      yield* objectsIn(key, `${path}.key`);
      yield* objectsIn(entry, `${path}.value`);
    }
  } else {
    for (const { property } of descriptorOf(value).fields) {
      yield* objectsIn(propertyOf(value, property), `${path}.${property}`);
    }
  }
}

const WRITE_OPTIONS: readonly WriteOptions[] = [{ strings: "utf8" }, { strings: "java" }];

const READ_OPTIONS: readonly ReadOptions[] = [{ buffers: "borrow" }, { buffers: "copy" }];
