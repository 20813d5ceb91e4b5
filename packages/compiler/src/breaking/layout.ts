/** Whether two types have the same bytes for the same values, whatever their names. */
import type { FieldSchema, RecordSchema, TypeSchema } from "../schema/model.js";

/** Names of the old schema's records, with what they are called in the new one. */
export type Renames = ReadonlyMap<string, string>;

/** Whether a type is the same by name; what is inside of a record is that record's affair. */
export function isSameType(before: TypeSchema, after: TypeSchema, renames: Renames): boolean {
  if (before.kind === "record" && after.kind === "record") {
    const { fullName } = before.record;
    return (renames.get(fullName) ?? fullName) === after.record.fullName;
  }
  return haveSameShape(before, after, (a, b) => isSameType(a, b, renames));
}

/** Whether the bytes are the same, to the last record inside. */
export function hasSameBytes(before: TypeSchema, after: TypeSchema): boolean {
  const compared = new Map<RecordSchema, Set<RecordSchema>>();
  const same = (a: TypeSchema, b: TypeSchema): boolean => {
    if (a.kind !== "record" || b.kind !== "record") return haveSameShape(a, b, same);
    const partners = compared.get(a.record) ?? new Set();
    // Records may lead back to themselves: what is being compared already is the same so far.
    if (partners.has(b.record)) return true;
    compared.set(a.record, partners.add(b.record));
    return haveSameFields(a.record.fields, b.record.fields, same);
  };
  return same(before, after);
}

function haveSameFields(
  before: readonly FieldSchema[],
  after: readonly FieldSchema[],
  same: (a: TypeSchema, b: TypeSchema) => boolean,
): boolean {
  if (before.length !== after.length) return false;
  return before.every((a, index) => {
    const b = after[index];
    return (
      b !== undefined &&
      a.optional === b.optional &&
      a.nonNull === b.nonNull &&
      a.nonNullElements === b.nonNullElements &&
      same(a.type, b.type)
    );
  });
}

function haveSameShape(
  a: TypeSchema,
  b: TypeSchema,
  same: (a: TypeSchema, b: TypeSchema) => boolean,
): boolean {
  if (a.kind === "vector" && b.kind === "vector") return same(a.element, b.element);
  if (a.kind === "map" && b.kind === "map") return same(a.key, b.key) && same(a.value, b.value);
  return a.kind === b.kind && a.kind !== "record";
}

/** A type as a Jute file has it, with full names. */
export function typeText(type: TypeSchema): string {
  switch (type.kind) {
    case "record":
      return type.record.fullName;
    case "vector":
      return `vector<${typeText(type.element)}>`;
    case "map":
      return `map<${typeText(type.key)}, ${typeText(type.value)}>`;
    default:
      return type.kind;
  }
}
