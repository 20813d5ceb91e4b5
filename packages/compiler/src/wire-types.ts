/**
 * The primitive types of Jute: what each is in a schema, on the wire, in a signature and in
 * TypeScript. A new wire type starts with a row here: the words of the language and the emitted
 * code follow from it, and wire-types.test.ts does not compile until the runtime knows it, too.
 */

/** One row a type, by the word for it in a schema. */
export const WIRE_TYPES = {
  byte: {
    signature: "b",
    size: 1,
    typeScript: "number",
    initial: "0",
    nullable: false,
    read: "readByte",
    write: "writeByte",
    at: "byteAt",
    put: "putByte",
    mapOrder: "sortedEntries",
  },
  boolean: {
    signature: "z",
    size: 1,
    typeScript: "boolean",
    initial: "false",
    nullable: false,
    read: "readBool",
    write: "writeBool",
    at: "boolAt",
    put: "putBool",
    mapOrder: "sortedEntries",
  },
  int: {
    signature: "i",
    size: 4,
    typeScript: "number",
    initial: "0",
    nullable: false,
    read: "readInt",
    write: "writeInt",
    at: "intAt",
    put: "putInt",
    mapOrder: "sortedEntries",
  },
  long: {
    signature: "l",
    size: 8,
    typeScript: "bigint",
    initial: "0n",
    nullable: false,
    read: "readLong",
    write: "writeLong",
    at: "longAt",
    put: "putLong",
    mapOrder: "sortedEntries",
  },
  float: {
    signature: "f",
    size: 4,
    typeScript: "number",
    initial: "0",
    nullable: false,
    read: "readFloat",
    write: "writeFloat",
    at: "floatAt",
    put: "putFloat",
    mapOrder: "sortedByNumber",
  },
  double: {
    signature: "d",
    size: 8,
    typeScript: "number",
    initial: "0",
    nullable: false,
    read: "readDouble",
    write: "writeDouble",
    at: "doubleAt",
    put: "putDouble",
    mapOrder: "sortedByNumber",
  },
  ustring: {
    signature: "s",
    size: undefined,
    typeScript: "string",
    initial: '""',
    nullable: true,
    read: "readString",
    write: "writeString",
    length: "stringByteLength",
    isText: true,
    mapOrder: "sortedEntries",
  },
  buffer: {
    signature: "B",
    size: undefined,
    typeScript: "Uint8Array",
    initial: "new Uint8Array(0)",
    nullable: true,
    read: "readBufferField",
    write: "writeBuffer",
    length: "bufferLength",
    isText: false,
    mapOrder: "sortedByEncoding",
  },
} as const;

export type PrimitiveName = keyof typeof WIRE_TYPES;

/** What a row says. The names are those of `@jute-ts/runtime/codegen`. */
export type WireType = FixedWireType | VariableWireType;

interface WireTypeOfAnySize {
  /** Its letter in Java's `signature()`. */
  readonly signature: string;
  /** The type of a field, without null. */
  readonly typeScript: string;
  /** The value of a field that nobody has set, where it is not null. */
  readonly initial: string;
  /** Whether the wire has a null of this type. */
  readonly nullable: boolean;
  /** Methods of the archives that read and write one value. */
  readonly read: string;
  readonly write: string;
  /** The function that puts the keys of a map into Java's order. */
  readonly mapOrder: "sortedEntries" | "sortedByNumber" | "sortedByEncoding";
}

export interface FixedWireType extends WireTypeOfAnySize {
  /** Bytes on the wire. */
  readonly size: number;
  /** Methods of the archives that read and write at an offset. */
  readonly at: string;
  readonly put: string;
}

/** A length, and that many bytes. */
export interface VariableWireType extends WireTypeOfAnySize {
  readonly size: undefined;
  /** The function that gives the number of bytes after the length. */
  readonly length: string;
  /** Whether that number depends on how strings are encoded. */
  readonly isText: boolean;
}

/** The words of all primitive types. */
export const primitiveNames: readonly string[] = Object.keys(WIRE_TYPES);

export function isPrimitiveName(word: string): word is PrimitiveName {
  return Object.hasOwn(WIRE_TYPES, word);
}

/** The words of the types that the wire has a null for. */
export const nullableTypes: readonly string[] = [
  ...primitiveNames.filter((name) => isPrimitiveName(name) && WIRE_TYPES[name].nullable),
  "vector",
];

/** Whether the wire has a null for values of this kind of type. A null map reads as empty, as in Java. */
export function hasNull(kind: string): boolean {
  return nullableTypes.includes(kind);
}

/** The row of a type. */
export function wireType(name: PrimitiveName): WireType {
  return WIRE_TYPES[name];
}
