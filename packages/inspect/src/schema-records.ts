/**
 * Record classes made at run time from a checked schema, for tools that are given a
 * `.jute` file and bytes. They do what generated classes do, field by field and slower.
 */
import {
  type AnyRecordType,
  type BinaryInputArchive,
  type BinaryOutputArchive,
  type FieldDescriptor,
  type FieldType,
  type JsonValue,
  type PrimitiveKind,
  readFields,
  type ReadOptions,
  type RecordDescriptor,
  type WriteOptions,
  writeFields,
} from "@jute-ts/runtime";
import {
  describe,
  explainDecoding,
  explainEncoding,
  finishDecoding,
  finishEncoding,
  type Record as RecordMembers,
  recordFromJson,
  startDecoding,
  startEncoding,
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
  { fullName, signature, recursive, fields }: SchemaRecord,
  convert: (type: SchemaFieldType) => FieldType,
): AnyRecordType {
  // `describe` gives the class what the interface says it has, as it does for generated ones.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unsafe-declaration-merging
  interface SchemaRecordOf extends RecordMembers<SchemaRecordOf> {}

  // eslint-disable-next-line @typescript-eslint/no-extraneous-class, @typescript-eslint/no-unsafe-declaration-merging
  class SchemaRecordOf {
    static readonly descriptor: RecordDescriptor<SchemaRecordOf> = describe(this, {
      fullName,
      signature,
      fields: fields.map((field) => descriptorOf(field, convert)),
      ...(recursive ? { recursive: true } : {}),
    });

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
      const record = SchemaRecordOf.from(value);
      const output = startEncoding(options);
      try {
        writeFields(SchemaRecordOf, record, output);
      } catch (error) {
        throw explainEncoding(error, SchemaRecordOf, record, options);
      }
      return finishEncoding(output);
    }

    static decode(bytes: Uint8Array, options?: ReadOptions): SchemaRecordOf {
      const input = startDecoding(bytes, options);
      try {
        return finishDecoding(input, readFields(SchemaRecordOf, input));
      } catch (error) {
        throw explainDecoding(error, SchemaRecordOf, input);
      }
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

    static lengthOf(record: SchemaRecordOf, options?: WriteOptions): number {
      return SchemaRecordOf.encode(record, options).length;
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
