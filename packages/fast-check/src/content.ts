/**
 * Whether two values hold the same wire content. Where a `Map` or `===` compares
 * bytes, vectors and records by identity, this compares what they hold. It is
 * written apart from the runtime's `equals`, which is under test here.
 */
import type { JuteRecord } from "@jute-ts/runtime";
import { descriptorOf, isBytes, isMap, propertyOf, type FieldValue } from "./field-value.js";

/** Distinguishes null from empty, 0 from -0, and one lone surrogate from another. */
export function sameContent(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b);
  }
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((element, i) => sameContent(element, b[i]))
    );
  }
  if (isBytes(a)) return isBytes(b) && sameBytes(a, b);
  if (isMap(a)) return isMap(b) && sameEntries(a, b);
  return !Array.isArray(b) && !isBytes(b) && !isMap(b) && sameFields(a, b);
}

/** Whether both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** The wire orders entries by key, so their order in the Map is no content. */
function sameEntries(a: Map<FieldValue, FieldValue>, b: Map<FieldValue, FieldValue>): boolean {
  if (a.size !== b.size) return false;
  const byKey = new Map([...b].map(([key, value]) => [contentKey(key), value]));
  return [...a].every(([key, value]) => {
    const text = contentKey(key);
    return byKey.has(text) && sameContent(value, byKey.get(text));
  });
}

function sameFields(a: JuteRecord, b: JuteRecord): boolean {
  const { fullName, fields } = descriptorOf(a);
  return (
    descriptorOf(b).fullName === fullName &&
    fields.every(({ property }) => sameContent(propertyOf(a, property), propertyOf(b, property)))
  );
}

/** A string that is equal for two values exactly when their content is, for keys of maps. */
export function contentKey(value: FieldValue | undefined): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(contentKey).join()}]`;
  if (isBytes(value)) return `bytes(${value.join()})`;
  if (isMap(value)) {
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
