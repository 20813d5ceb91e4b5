/** The values of fields, as generated records hold them. */
import {
  isBytes,
  isMap as isAnyMap,
  type JuteRecord,
  type RecordDescriptor,
} from "@jute-ts/runtime";

export { isBytes };

/** What a field of a generated record may hold. */
export type FieldValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | null
  | FieldValue[]
  | Map<FieldValue, FieldValue>
  | JuteRecord;

/** Whether this is a Map, of whatever realm. */
export function isMap(value: FieldValue): value is Map<FieldValue, FieldValue> {
  return isAnyMap(value);
}

export function isRecord(value: FieldValue): value is JuteRecord {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !isBytes(value) &&
    !isMap(value)
  );
}

/** The descriptor of the class that made this record. */
export function descriptorOf(record: JuteRecord): RecordDescriptor {
  return (record.constructor as unknown as { readonly descriptor: RecordDescriptor }).descriptor;
}

/** What a record holds in one property; `undefined` is an absent optional field. */
export function propertyOf(record: JuteRecord, property: string): FieldValue | undefined {
  return (record as unknown as Readonly<Record<string, FieldValue | undefined>>)[property];
}
