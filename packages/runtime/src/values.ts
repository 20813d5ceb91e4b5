/**
 * What a field may hold. Every look at what a value is goes through here, so that
 * no two parts of this project disagree about it: what `encode` takes, an archive
 * of somebody's own, JSON, `equals` and `clone` take as well.
 *
 * `instanceof` knows only the classes of its own realm, but values come from
 * others too: a test runner, an iframe or `node:vm` has a Uint8Array and a Map of
 * its own.
 */
import { JuteEncodeError } from "./errors.js";
import type { FieldType } from "./record.js";

type Getter = (this: unknown) => unknown;

// They look at what an object is made of, which neither its realm nor its prototype changes.
const typedArrayName = getter(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);
const mapSize = getter(Map.prototype, "size");

function getter(of: object, name: PropertyKey): Getter {
  return (Object.getOwnPropertyDescriptor(of, name) as { readonly get: Getter }).get;
}

/** Whether this is a Uint8Array, of whatever realm. A Node Buffer is one. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || typedArrayName.call(value) === "Uint8Array";
}

/** Whether this is a Map, of whatever realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map || isForeignMap(value);
}

function isForeignMap(value: unknown): boolean {
  // What it says of itself comes first: to ask what is no map for its size costs a microsecond.
  if (Object.prototype.toString.call(value) !== "[object Map]") {
    return false;
  }
  try {
    mapSize.call(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuses what is no value of this type, and null where the schema rules it out.
 * What lies inside a vector, a map or a record is not looked at.
 */
export function checkValue(type: FieldType, value: unknown, nonNull = false): void {
  if (nonNull && value === null) {
    throw new JuteEncodeError("null", "null in a field that is never null");
  }
  switch (type.kind) {
    case "boolean":
      expect(value, typeof value === "boolean", "a boolean");
      break;
    case "byte":
      checkInteger(value, 8);
      break;
    case "int":
      checkInteger(value, 32);
      break;
    case "long":
      checkInteger(value, 64);
      break;
    case "float":
    case "double":
      expect(value, typeof value === "number", "a number");
      break;
    case "ustring":
      expect(value, value === null || typeof value === "string", "a string or null");
      break;
    case "buffer":
      expect(value, value === null || isBytes(value), "a Uint8Array or null");
      break;
    case "vector":
      expect(value, value === null || Array.isArray(value), "an array or null");
      break;
    case "map":
      expect(value, isMap(value), "a Map");
      break;
    case "record":
      checkRecord(type.type().descriptor.name, value);
      break;
    default:
      return type satisfies never;
  }
}

/** Refuses what cannot be read from: no message is malformed then, its reader was called wrongly. */
export function requireBytes(value: unknown): void {
  if (!isBytes(value)) {
    throw new TypeError(`${describe(value)} is not a Uint8Array`);
  }
}

/** Refuses what is no record, nor a plain object with the same fields, which has the same bytes. */
export function checkRecord(name: string, value: unknown): void {
  expect(value, typeof value === "object" && value !== null, `a record ${name}`);
}

function checkInteger(value: unknown, bits: 8 | 32 | 64): void {
  if (!isInteger(value, bits)) {
    refuseInteger(value, bits);
  }
}

function isInteger(value: unknown, bits: 8 | 32 | 64): boolean {
  if (bits === 64) {
    return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
  }
  const unused = 32 - bits;
  return typeof value === "number" && (value << unused) >> unused === value;
}

function expect(value: unknown, holds: boolean, what: string): void {
  if (!holds) {
    refuse(value, what);
  }
}

/** Raises the error for a value that is not `what`. */
export function refuse(value: unknown, what: string): never {
  throw new JuteEncodeError(
    value === null || value === undefined ? "null" : "type",
    `${describe(value)} is not ${what}`,
  );
}

/** Raises the error for what is no integer of so many bits. */
export function refuseInteger(value: unknown, bits: 8 | 32 | 64): never {
  if (typeof value !== (bits === 64 ? "bigint" : "number")) {
    refuse(value, bits === 64 ? "a bigint" : "a number");
  }
  throw new JuteEncodeError(
    "range",
    `${String(value)} is not a signed ${String(bits)}-bit integer`,
  );
}

/** Raises the error for the first of these that is no integer of so many bits. */
export function refuseOneOf(values: readonly unknown[], bits: 32 | 64): void {
  for (const value of values) {
    checkInteger(value, bits);
  }
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return `the ${typeof value} ${shortened(String(value))}`;
    case "undefined":
      return "undefined";
    default:
      return value === null ? "null" : `a value of type ${typeof value}`;
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The number of elements of a vector. */
export function vectorLength(value: readonly unknown[]): number {
  if (!Array.isArray(value)) {
    refuse(value, "an array or null");
  }
  return value.length;
}

/** The number of entries of a map. */
export function mapLength(value: ReadonlyMap<unknown, unknown>): number {
  if (!isMap(value)) {
    refuse(value, "a Map");
  }
  return value.size;
}

/** The number of bytes of a buffer. */
export function bufferLength(value: Uint8Array): number {
  if (!isBytes(value)) {
    refuse(value, "a Uint8Array or null");
  }
  return value.length;
}
