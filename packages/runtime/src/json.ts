/**
 * Records as JSON that loses nothing: longs are decimal strings, bytes are
 * base64, maps are lists of pairs (a key may be of any type), and the floating
 * point values that JSON lacks are the strings "NaN", "Infinity", "-Infinity"
 * and "-0". Objects are keyed by the names of the `.jute` file.
 */
import { fromBase64, toBase64 } from "./base64.js";
import { explainEncoding } from "./explain.js";
import type { JsonObject, JsonValue } from "./json-value.js";
import type { AnyRecordType, FieldDescriptor, FieldType, JuteRecord } from "./record.js";
import { checkValue } from "./values.js";

/** JSON that does not describe a record of the expected type. */
export class JuteJsonError extends Error {
  override readonly name = "JuteJsonError";
  /** The field, e.g. `CreateRequest.acl[0].perms`. */
  readonly path: string;

  constructor(path: string, expected: string, found: unknown) {
    super(`${path}: expected ${expected}, found ${show(found)}`);
    this.path = path;
  }
}

function show(value: unknown): string {
  const text = textOf(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What was found need not be JSON: a bigint is none, nor is an object in a circle. */
function textOf(value: unknown): string {
  if (typeof value === "bigint") {
    return `the bigint ${String(value)}`;
  }
  try {
    // Nothing comes of undefined and of functions, whatever its type says.
    const text: unknown = JSON.stringify(value);
    return typeof text === "string" ? text : "nothing";
  } catch {
    return "what is no JSON";
  }
}

interface Fields {
  [property: string]: unknown;
}

/**
 * The JSON form of a record. Absent optional fields are left out. Throws a
 * `JuteEncodeError` where a field holds what `encode` would refuse.
 */
export function recordToJson(type: AnyRecordType, record: JuteRecord): JsonObject {
  try {
    return fieldsToJson(type, record);
  } catch (error) {
    throw explainEncoding(error, type, record);
  }
}

function fieldsToJson(type: AnyRecordType, record: JuteRecord): JsonObject {
  const fields = record as unknown as Fields;
  const json: { [name: string]: JsonValue } = {};
  for (const field of type.descriptor.fields) {
    const value = fields[field.property];
    if (value === undefined && field.optional === true) {
      continue;
    }
    const { nonNull, nonNullElements } = field;
    json[field.name] = valueToJson(field.type, value, nonNull === true, nonNullElements === true);
  }
  return json;
}

/** `elements`: whether null is ruled out for whatever lies inside of vectors and maps. */
function valueToJson(
  type: FieldType,
  value: unknown,
  nonNull: boolean,
  elements: boolean,
): JsonValue {
  checkValue(type, value, nonNull);
  if (value === null) {
    return null;
  }
  switch (type.kind) {
    case "boolean":
      return value as boolean;
    case "byte":
    case "int":
      return value as number;
    case "ustring":
      return value as string;
    case "long":
      return (value as bigint).toString();
    case "float":
    case "double":
      return numberToJson(value as number);
    case "buffer":
      return toBase64(value as Uint8Array);
    case "vector":
      return (value as readonly unknown[]).map((item) =>
        valueToJson(type.element, item, elements, elements),
      );
    case "map":
      return [...(value as ReadonlyMap<unknown, unknown>)].map(([k, v]) => [
        valueToJson(type.key, k, true, elements),
        valueToJson(type.value, v, elements, elements),
      ]);
    case "record":
      return fieldsToJson(type.type(), value as JuteRecord);
  }
}

function numberToJson(value: number): JsonValue {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : Object.is(value, -0)
      ? "-0"
      : String(value);
}

/**
 * The record that `json` describes. Fields that are left out keep their
 * defaults; names that the record does not have are refused.
 */
export function recordFromJson<T extends JuteRecord>(
  type: AnyRecordType<T>,
  json: JsonValue,
  path: string = type.descriptor.name,
): T {
  if (typeof json !== "object" || json === null || isList(json)) {
    throw new JuteJsonError(path, "an object", json);
  }
  const record = new type();
  const target = record as unknown as Fields;
  const known = new Map(type.descriptor.fields.map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(json)) {
    const field = known.get(name);
    if (field === undefined) {
      throw new JuteJsonError(`${path}.${name}`, "no such field", value);
    }
    target[field.property] = fieldFromJson(field, value, `${path}.${name}`);
  }
  return record;
}

function fieldFromJson(field: FieldDescriptor, json: JsonValue, path: string): unknown {
  if (json === null && field.nonNull === true) {
    throw new JuteJsonError(path, "a value that is not null", json);
  }
  return valueFromJson(field.type, json, path, field.nonNullElements === true);
}

function elementFromJson(
  type: FieldType,
  json: JsonValue,
  path: string,
  elements: boolean,
): unknown {
  if (json === null && elements) {
    throw new JuteJsonError(path, "a value that is not null", json);
  }
  return valueFromJson(type, json, path, elements);
}

function valueFromJson(type: FieldType, json: JsonValue, path: string, elements: boolean): unknown {
  switch (type.kind) {
    case "boolean":
      return check(json, typeof json === "boolean", path, "true or false");
    case "byte":
      return check(json, isInteger(json, 8), path, "an integer from -128 to 127");
    case "int":
      return check(json, isInteger(json, 32), path, "a signed 32-bit integer");
    case "long":
      return longFromJson(json, path);
    case "float":
      return Math.fround(numberFromJson(json, path));
    case "double":
      return numberFromJson(json, path);
    case "ustring":
      return check(json, json === null || typeof json === "string", path, "a string or null");
    case "buffer":
      return bytesFromJson(json, path);
    case "vector":
      if (json === null) {
        return null;
      }
      return listFromJson(json, path, "a list or null").map((item, i) =>
        elementFromJson(type.element, item, `${path}[${String(i)}]`, elements),
      );
    case "map":
      return mapFromJson(type, json, path, elements);
    case "record":
      return recordFromJson(type.type(), json, path);
  }
}

function mapFromJson(
  type: FieldType & { kind: "map" },
  json: JsonValue,
  path: string,
  elements: boolean,
): Map<unknown, unknown> {
  return new Map(
    listFromJson(json, path, "a list of [key, value] pairs").map((item, i) => {
      const at = `${path}{${String(i)}}`;
      const pair = listFromJson(item, at, "a [key, value] pair");
      const [key, value] = pair;
      if (pair.length !== 2 || key === undefined || value === undefined) {
        throw new JuteJsonError(at, "a [key, value] pair", item);
      }
      if (key === null) {
        throw new JuteJsonError(at, "a key that is not null", item);
      }
      return [
        valueFromJson(type.key, key, at, elements),
        elementFromJson(type.value, value, at, elements),
      ];
    }),
  );
}

const LONG = /^-?[0-9]{1,20}$/;

function longFromJson(json: JsonValue, path: string): bigint {
  const expected = "a signed 64-bit integer as a decimal string";
  const digits = typeof json === "number" && Number.isSafeInteger(json) ? String(json) : json;
  if (typeof digits !== "string" || !LONG.test(digits)) {
    throw new JuteJsonError(path, expected, json);
  }
  const value = BigInt(digits);
  return check(value, BigInt.asIntN(64, value) === value, path, expected, json);
}

function numberFromJson(json: JsonValue, path: string): number {
  switch (json) {
    case "NaN":
      return NaN;
    case "Infinity":
      return Infinity;
    case "-Infinity":
      return -Infinity;
    case "-0":
      return -0;
    default:
      return check(json, typeof json === "number", path, "a number") as number;
  }
}

function bytesFromJson(json: JsonValue, path: string): Uint8Array | null {
  if (json === null) {
    return null;
  }
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  if (bytes === undefined) {
    throw new JuteJsonError(path, "base64 or null", json);
  }
  return bytes;
}

function listFromJson(json: JsonValue, path: string, expected: string): readonly JsonValue[] {
  if (!isList(json)) {
    throw new JuteJsonError(path, expected, json);
  }
  return json;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json);
}

function isInteger(json: JsonValue, bits: 8 | 32): boolean {
  return typeof json === "number" && (json << (32 - bits)) >> (32 - bits) === json;
}

function check<T>(
  value: T,
  holds: boolean,
  path: string,
  expected: string,
  found: unknown = value,
): T {
  if (!holds) {
    throw new JuteJsonError(path, expected, found);
  }
  return value;
}
