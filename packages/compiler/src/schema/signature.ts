/**
 * Java's structural fingerprint of a record, e.g. `LStat(lllliiiliil)`: equal
 * on two sides exactly when their records look the same on the wire and bear
 * the same class names.
 *
 * Java has no recursive records, so there ours is a choice: a record inside
 * itself stands as `LName()`. And Java cannot hold a constant of more than
 * 65,535 bytes: where the text would be longer, every record nested in it
 * stands as `LName()`, which also bounds the work on knotted schemas.
 */
import { wireType } from "../wire-types.js";
import type { FieldSchema, RecordSchema, TypeSchema } from "./model.js";

/**
 * Works out one signature. `finished` holds those of all records it nests,
 * other than records that lead back to this one.
 */
export function signatureOf(
  record: RecordSchema,
  finished: ReadonlyMap<RecordSchema, string>,
): string {
  let remaining = longestConstant;
  const around: RecordSchema[] = [];

  const ofRecord = (nested: RecordSchema): string => {
    const known = finished.get(nested);
    if (known !== undefined) {
      remaining -= known.length;
      return known;
    }
    remaining -= nested.name.length + 3;
    if (around.includes(nested)) return emptySignature(nested);
    if (remaining < 0 || around.length >= deepestExpansion) throw new TooLong();
    around.push(nested);
    const text = `L${nested.name}(${ofFields(nested.fields, ofRecord)})`;
    around.pop();
    return text;
  };

  try {
    const text = ofRecord(record);
    if (text.length <= longestConstant) return text;
  } catch (reason) {
    if (!(reason instanceof TooLong)) throw reason;
  }
  return `L${record.name}(${ofFields(record.fields, emptySignature)})`;
}

function ofFields(
  fields: readonly FieldSchema[],
  ofRecord: (record: RecordSchema) => string,
): string {
  const parts = fields.map((field) => ofType(field.type, ofRecord));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // Engines put off concatenation and walk over all of its parts with each use, which is slow for many small ones;
  // joined texts are whole at once. Long ones are left as they are, because together they would take much memory.
  return length <= LONGEST_JOINED ? parts.join("") : parts.reduce((text, part) => text + part, "");
}

function ofType(type: TypeSchema, ofRecord: (record: RecordSchema) => string): string {
  switch (type.kind) {
    case "record":
      return ofRecord(type.record);
    case "vector":
      return `[${ofType(type.element, ofRecord)}]`;
    case "map":
      return `{${ofType(type.key, ofRecord)}${ofType(type.value, ofRecord)}}`;
    default:
      return wireType(type.kind).signature;
  }
}

function emptySignature(record: RecordSchema): string {
  return `L${record.name}()`;
}

class TooLong extends Error {}

const longestConstant = 65_535;
const LONGEST_JOINED = 2048;
const deepestExpansion = 500;
