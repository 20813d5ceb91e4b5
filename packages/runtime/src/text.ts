/** Records as text for people: logs, error messages, a debugger's console. */
import { quantity } from "./quantity.js";
import type { JuteEncodeError } from "./errors.js";
import type { AnyRecordType, FieldType, JuteRecord } from "./record.js";
import { checkValue } from "./values.js";

/** How many records are shown inside each other. */
const SHOWN_DEPTH = 8;

/** How many bytes of a buffer are shown. */
const SHOWN_BYTES = 16;

/** How many elements of a vector or map are shown. */
const SHOWN_ELEMENTS = 16;

/**
 * One line, e.g. `ACL { perms: 31, id: Id { scheme: "world", id: "anyone" } }`.
 * Long values are cut and say so. Shows what is wrong in a record as well, and never throws.
 */
export function recordToText(type: AnyRecordType, record: JuteRecord): string {
  return fieldsToText(type, record, 0);
}

function fieldsToText(type: AnyRecordType, record: JuteRecord, depth: number): string {
  const { name, fields } = type.descriptor;
  if (depth === SHOWN_DEPTH) {
    return `${name} { … }`;
  }
  const values = record as unknown as { [property: string]: unknown };
  const shown = fields
    .filter((field) => values[field.property] !== undefined)
    .map((field) => `${field.name}: ${valueToText(field.type, values[field.property], depth)}`);
  return `${name} { ${shown.join(", ")} }`;
}

function valueToText(type: FieldType, value: unknown, depth: number): string {
  if (value === null || value === undefined) {
    return "null";
  }
  try {
    checkValue(type, value);
  } catch (error) {
    return `<${(error as JuteEncodeError).reason}>`;
  }
  switch (type.kind) {
    case "ustring":
      return JSON.stringify(value);
    case "buffer":
      return bytesToText(value as Uint8Array);
    case "vector": {
      const vector = value as readonly unknown[];
      const items = vector
        .slice(0, SHOWN_ELEMENTS)
        .map((item) => valueToText(type.element, item, depth));
      return `[${withRest(items, vector.length)}]`;
    }
    case "map": {
      const map = value as ReadonlyMap<unknown, unknown>;
      const entries = [...map]
        .slice(0, SHOWN_ELEMENTS)
        .map(
          ([k, v]) => `${valueToText(type.key, k, depth)} => ${valueToText(type.value, v, depth)}`,
        );
      return `{${withRest(entries, map.size)}}`;
    }
    case "record":
      return fieldsToText(type.type(), value as JuteRecord, depth + 1);
    case "float":
    case "double":
      return Object.is(value, -0) ? "-0" : (value as number).toString();
    case "boolean":
    case "byte":
    case "int":
    case "long":
      return (value as boolean | number | bigint).toString();
  }
}

function withRest(shown: readonly string[], size: number): string {
  const rest = size - shown.length;
  return [...shown, ...(rest > 0 ? [`… ${String(rest)} more`] : [])].join(", ");
}

function bytesToText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const more = bytes.length > SHOWN_BYTES ? "…" : "";
  const count = quantity(bytes.length, "byte");
  return bytes.length === 0 ? `<${count}>` : `<${count}: ${hex}${more}>`;
}
