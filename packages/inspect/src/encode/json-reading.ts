/** Values out of JSON that a person may have written. What is not as expected is a JuteJsonError that says where. */
import { fromBase64, JuteJsonError, type JsonObject, type JsonValue } from "@jute-ts/runtime";

/** An object at this path. */
export function objectAt(json: JsonValue | undefined, path: string): JsonObject {
  if (typeof json === "object" && json !== null && !isList(json)) return json;
  throw new JuteJsonError(path, "an object", json);
}

export function listAt(json: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (json !== undefined && isList(json)) return json;
  throw new JuteJsonError(path, "a list", json);
}

/** A signed 32-bit number. `otherwise` is for what is absent. */
export function intIn(json: JsonObject, name: string, otherwise?: number): number {
  const value = json[name] ?? otherwise;
  if (typeof value === "number" && (value | 0) === value) return value;
  throw new JuteJsonError(name, "a signed 32-bit integer", json[name]);
}

/** A signed 64-bit number: decimal, or hexadecimal with 0x in front, where 0xffffffffffffffff is -1. */
export function longIn(json: JsonObject, name: string, otherwise?: bigint): bigint {
  const value = json[name];
  if (value === undefined && otherwise !== undefined) return otherwise;
  const long = longOf(value);
  if (long === undefined) {
    throw new JuteJsonError(name, "a signed 64-bit integer, decimal or 0x with hex digits", value);
  }
  return long;
}

/** The number in a text or number; undefined for what is none or does not fit in 64 bits. */
function longOf(value: JsonValue | undefined): bigint | undefined {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string") return undefined;
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt.asIntN(64, BigInt(text));
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined;
  const long = BigInt(text);
  return BigInt.asIntN(64, long) === long ? long : undefined;
}

/** A text, or null where it is null or absent. */
export function textIn(json: JsonObject, name: string): string | null {
  const value = json[name] ?? null;
  if (value === null || typeof value === "string") return value;
  throw new JuteJsonError(name, "a string or null", value);
}

/** Bytes in base64; null is null. */
export function bytesOf(json: JsonValue | undefined, path: string): Uint8Array | null {
  if (json === undefined || json === null) return null;
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  if (bytes === undefined) throw new JuteJsonError(path, "base64 or null", json);
  return bytes;
}

/** One after the other, in memory of their own. */
export function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json);
}
