/**
 * Record classes made at run time from a checked schema, for tools that are given a
 * `.jute` file and bytes. They do what generated classes do, field by field and slower.
 */
import {
  type AnyRecordType,
  BinaryInputArchive,
  BinaryOutputArchive,
  type FieldDescriptor,
  type FieldType,
  type InputArchive,
  type JsonObject,
  type JsonValue,
  type JuteRecord,
  type OutputArchive,
  type PrimitiveKind,
  readFields,
  type ReadOptions,
  type RecordDescriptor,
  type WriteOptions,
  writeFields,
} from "@jute-ts/runtime";
import {
  cloneRecord,
  recordFromJson,
  recordsEqual,
  recordToJson,
  recordToText,
  serializeRecord,
} from "@jute-ts/runtime/codegen";

/** What is needed of a checked schema. The compiler's `Schema` is one. */
export interface SchemaOfRecords {
  readonly modules: readonly { readonly records: readonly SchemaRecord[] }[];
}

export interface SchemaRecord {
  readonly name: string;
  readonly fullName: string;
  readonly signature: string;
  readonly recursive: boolean;
  readonly fields: readonly SchemaField[];
}

export interface SchemaField {
  readonly name: string;
  readonly type: SchemaFieldType;
  readonly optional: boolean;
  readonly nonNull: boolean;
  readonly nonNullElements: boolean;
}

export type SchemaFieldType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: "vector"; readonly element: SchemaFieldType }
  | { readonly kind: "map"; readonly key: SchemaFieldType; readonly value: SchemaFieldType }
  | { readonly kind: "record"; readonly record: SchemaRecord };

/** A class for every record of the schema, those of included files too, by full name. */
export function recordTypesOf(schema: SchemaOfRecords): ReadonlyMap<string, AnyRecordType> {
  const types = new Map<string, AnyRecordType>();
  for (const { records } of schema.modules) {
    for (const record of records) typeOf(record, types);
  }
  return types;
}

function typeOf(record: SchemaRecord, types: Map<string, AnyRecordType>): AnyRecordType {
  const known = types.get(record.fullName);
  if (known !== undefined) return known;
  const made = makeType(record, (type) => fieldType(type, types));
  types.set(record.fullName, made);
  // Vectors may lead back here, so fields are looked at when they are used first.
  return made;
}

function fieldType(type: SchemaFieldType, types: Map<string, AnyRecordType>): FieldType {
  switch (type.kind) {
    case "vector":
      return { kind: "vector", element: fieldType(type.element, types) };
    case "map":
      return {
        kind: "map",
        key: fieldType(type.key, types),
        value: fieldType(type.value, types),
      };
    case "record":
      return { kind: "record", type: () => typeOf(type.record, types) };
    default:
      return { kind: type.kind };
  }
}

function makeType(
  { name, fullName, signature, recursive, fields }: SchemaRecord,
  convert: (type: SchemaFieldType) => FieldType,
): AnyRecordType {
  class SchemaRecordOf implements JuteRecord {
    static readonly descriptor: RecordDescriptor<SchemaRecordOf> = {
      name,
      fullName,
      signature,
      fields: fields.map((field) => descriptorOf(field, convert)),
      ...(recursive ? { recursive: true } : {}),
      type: SchemaRecordOf,
    };

    constructor(init?: object | null) {
      if (init === null) return;
      for (const { property, type, nonNull, optional } of SchemaRecordOf.descriptor.fields) {
        const value = optional === true ? undefined : defaultOf(type, nonNull === true);
        Object.defineProperty(this, property, { value, ...PLAIN });
      }
      if (init !== undefined) Object.assign(this, init);
    }

    static from(init?: object): SchemaRecordOf {
      return init instanceof SchemaRecordOf ? init : new SchemaRecordOf(init);
    }

    static encode(value: object, options?: WriteOptions): Uint8Array {
      return SchemaRecordOf.from(value).encode(options);
    }

    static decode(bytes: Uint8Array, options?: ReadOptions): SchemaRecordOf {
      const input = new BinaryInputArchive(bytes, options);
      const record = readFields(SchemaRecordOf, input);
      input.finish();
      return record;
    }

    static fromJSON(json: JsonValue): SchemaRecordOf {
      return recordFromJson(SchemaRecordOf, json);
    }

    static read(input: BinaryInputArchive): SchemaRecordOf {
      return readFields(SchemaRecordOf, input);
    }

    static write(output: BinaryOutputArchive, record: SchemaRecordOf): void {
      writeFields(SchemaRecordOf, record, output);
    }

    serialize(archive: OutputArchive, tag?: string): void {
      serializeRecord(SchemaRecordOf, this, archive, tag);
    }

    deserialize(archive: InputArchive, tag?: string): void {
      Object.assign(this, archive.readRecord(SchemaRecordOf, tag));
    }

    encode(options?: WriteOptions): Uint8Array {
      const output = new BinaryOutputArchive(options);
      writeFields(SchemaRecordOf, this, output);
      return output.toBytes();
    }

    byteLength(options?: WriteOptions): number {
      return this.encode(options).length;
    }

    equals(other: unknown): boolean {
      return recordsEqual(SchemaRecordOf, this, other);
    }

    clone(): JuteRecord {
      return cloneRecord(SchemaRecordOf, this);
    }

    toJSON(): JsonObject {
      return recordToJson(SchemaRecordOf, this);
    }

    toString(): string {
      return recordToText(SchemaRecordOf, this);
    }
  }
  return SchemaRecordOf;
}

function descriptorOf(
  { name, type, optional, nonNull, nonNullElements }: SchemaField,
  convert: (type: SchemaFieldType) => FieldType,
): FieldDescriptor {
  return {
    name,
    property: TAKEN.has(name) ? `${name}_` : name,
    type: convert(type),
    ...(optional ? { optional: true } : {}),
    ...(nonNull ? { nonNull: true } : {}),
    ...(nonNullElements ? { nonNullElements: true } : {}),
  };
}

function defaultOf(type: FieldType, isNeverNull: boolean): unknown {
  switch (type.kind) {
    case "boolean":
      return false;
    case "long":
      return 0n;
    case "byte":
    case "int":
    case "float":
    case "double":
      return 0;
    case "ustring":
      return isNeverNull ? "" : null;
    case "buffer":
      return isNeverNull ? new Uint8Array(0) : null;
    case "vector":
      return isNeverNull ? [] : null;
    case "map":
      return new Map();
    case "record":
      return new (type.type())();
  }
}

/** An ordinary property. */
const PLAIN = { writable: true, enumerable: true, configurable: true } as const;

/** Names that every record has for something else. */
const TAKEN: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "serialize",
  "deserialize",
  "encode",
  "byteLength",
  "equals",
  "clone",
  "toJSON",
  "toString",
]);
