/**
 * A string that is equal for two values exactly when the wire content is equal.
 * Where a `Map` or `===` compares bytes, vectors and records by identity, this
 * compares what they hold.
 */
import type { JuteRecord } from "@jute-ts/runtime";
import { descriptorOf, propertyOf, type FieldValue } from "./field-value.js";

/** Distinguishes null from empty, 0 from -0, and one lone surrogate from another. */
export function contentKey(value: FieldValue | undefined): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(contentKey).join()}]`;
  if (value instanceof Uint8Array) return `bytes(${value.join()})`;
  if (value instanceof Map) {
    // The wire orders entries by key, so their order in the Map is no content.
    const entries = [...value].map(([k, v]) => `${contentKey(k)}=>${contentKey(v)}`);
    return `map(${entries.sort().join()})`;
  }
  if (typeof value === "object") return recordKey(value);
  // JSON escapes lone surrogates, so they stay apart.
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${String(value)}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function recordKey(record: JuteRecord): string {
  const { fullName, fields } = descriptorOf(record);
  const values = fields.map(({ property }) => contentKey(propertyOf(record, property)));
  return `${fullName}(${values.join()})`;
}
