/** What all generated classes have in common: declared once here, and given to each by `describe`. */
import type { InputArchive, OutputArchive } from "./archive.js";
import { cloneRecord, recordsEqual } from "./equality.js";
import { explainEncoding, serializeRecord } from "./explain.js";
import { recordToJson } from "./json.js";
import type { JsonObject } from "./json-value.js";
import type { WriteOptions } from "./options.js";
import type { AnyRecordType, FieldDescriptor, JuteRecord, RecordDescriptor } from "./record.js";
import { recordToText } from "./text.js";

/**
 * The members that a generated class does not spell out: `describe` puts them into its prototype, and an
 * interface of its name that extends this one tells TypeScript so.
 */
export interface RecordMembers<T extends JuteRecord = JuteRecord> extends JuteRecord {
  clone(): T;
}

/** A generated class, before it has the members of its records. */
type DescribedType<T extends JuteRecord> = AnyRecordType<T> & {
  readonly prototype: T;
  /** The bytes that `write` takes for a record. */
  readonly lengthOf: (record: T, options?: WriteOptions) => number;
};

/** A descriptor without what follows from the rest of it. */
export interface RecordDescription {
  readonly fullName: string;
  readonly signature: string;
  readonly fields: readonly FieldDescription[];
  readonly recursive?: true;
}

/** A field whose property is left out where it has the field's name. */
export interface FieldDescription extends Omit<FieldDescriptor, "property"> {
  readonly property?: string;
}

/**
 * The descriptor of a generated class, which gets the members of `RecordMembers` in passing. A class body calls
 * it for the initial value of `static descriptor`, marked as pure. That is true of a class that nobody uses, since
 * nothing else changes; and what initializes a class that is used, no bundler drops.
 */
export function describe<T extends JuteRecord>(
  type: DescribedType<T>,
  description: RecordDescription,
): RecordDescriptor<T> {
  for (const [name, value] of Object.entries(membersOf(type))) {
    // As if the class had it.
    Object.defineProperty(type.prototype, name, { value, writable: true, configurable: true });
  }
  const { fullName, fields } = description;
  return {
    name: fullName.slice(fullName.lastIndexOf(".") + 1),
    ...description,
    fields: fields.map((field) => ({ property: field.name, ...field })),
    type,
  };
}

/** Each names the class that was described, not the one of `this`, which may be derived from it. */
function membersOf<T extends JuteRecord>(type: DescribedType<T>): RecordMembers<T> & ThisType<T> {
  // Found once: the same call finds another class's each time, which takes half as long as a short sum.
  const { lengthOf } = type;
  return {
    serialize(archive: OutputArchive, tag?: string): void {
      serializeRecord(type, this, archive, tag);
    },
    deserialize(archive: InputArchive, tag?: string): void {
      Object.assign(this, archive.readRecord(type, tag));
    },
    encode(options?: WriteOptions): Uint8Array {
      return type.encode(this, options);
    },
    byteLength(options?: WriteOptions): number {
      try {
        return lengthOf(this, options);
      } catch (error) {
        throw explainEncoding(error, type, this, options);
      }
    },
    equals(other: unknown): boolean {
      return recordsEqual(type, this, other);
    },
    clone(): T {
      return cloneRecord(type, this);
    },
    toJSON(): JsonObject {
      return recordToJson(type, this);
    },
    toString(): string {
      return recordToText(type, this);
    },
  };
}
