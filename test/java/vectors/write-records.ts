/**
 * Our half of the comparison in the other direction: prints random values of
 * every record, as lines of record, hex and JSON with tabs between, for Java to
 * read (ReadBack.java). The strings are standard UTF-8, since Java cannot read
 * the form that it writes, and hold no lone surrogates, since Java replaces them.
 */
import { registry } from "@jute-ts/records";
import {
  type AnyRecordType,
  type FieldDescriptor,
  type FieldType,
  type JsonObject,
  type JsonValue,
} from "@jute-ts/runtime";

const CASES_PER_RECORD = 50;
const SEED = 20_160_615;

const TEXTS = [
  "",
  "/",
  "/a/b",
  "/配置",
  "caf\u00e9",
  "cafe\u0301",
  "\0",
  "\uffff",
  "😀/🐘",
  "\u{10ffff}",
  '"\\\n\t',
  "a".repeat(300),
];
const INTS = [0, 1, -1, 127, 128, 65_535, 2 ** 31 - 1, -(2 ** 31)];
const LONGS = [0n, 1n, -1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

const random = randomNumbers(SEED);

for (const type of registry) {
  for (let index = 0; index < CASES_PER_RECORD; index++) {
    const json = recordValue(type);
    const bytes = type.fromJSON(json).encode();
    const hex = Buffer.from(bytes).toString("hex");
    console.log(`${type.descriptor.fullName}\t${hex}\t${asciiJson(json)}`);
  }
}

/** Every field is present, optional ones included: Java's classes know of no others. */
function recordValue({ descriptor }: AnyRecordType): JsonObject {
  return Object.fromEntries(descriptor.fields.map((field) => [field.name, fieldValue(field)]));
}

function fieldValue({ type, nonNull, nonNullElements }: FieldDescriptor): JsonValue {
  for (;;) {
    const value = valueOf(type);
    if (value === null && nonNull === true) continue;
    if (Array.isArray(value) && nonNullElements === true && value.includes(null)) continue;
    return value;
  }
}

function valueOf(type: FieldType): JsonValue {
  switch (type.kind) {
    case "boolean":
      return below(2) === 1;
    case "int":
      return below(2) === 0 ? oneOf(INTS) : below(2 ** 32) - 2 ** 31;
    case "long":
      return String(oneOf(LONGS));
    case "ustring":
      return below(8) === 0 ? null : oneOf(TEXTS) + oneOf(TEXTS);
    case "buffer":
      return below(8) === 0
        ? null
        : Buffer.from(list(below(50), () => below(256))).toString("base64");
    case "vector":
      return below(8) === 0 ? null : list(below(6), () => valueOf(type.element));
    case "record":
      return recordValue(type.type());
    default:
      throw new Error(`no record of ZooKeeper has a ${type.kind}`);
  }
}

/** JSON as JsonArchive.java writes it: everything beyond ASCII is escaped. */
function asciiJson(value: JsonValue): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function list<T>(length: number, make: () => T): T[] {
  return Array.from({ length }, make);
}

function oneOf<T>(values: readonly T[]): T {
  return values[below(values.length)] as T;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
