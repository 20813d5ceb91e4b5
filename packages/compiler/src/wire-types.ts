/**
 * The primitive types of Jute: what each is on the wire, in a signature and in
 * TypeScript. A new wire type starts with a row here; compile errors lead to
 * the archives.
 */
import type { PrimitiveName } from "./schema/model.js";

export interface WireType {
  /** Its letter in Java's `signature()`. */
  readonly signature: string;
  /** Bytes on the wire, or undefined for a length and that many bytes. */
  readonly size: number | undefined;
  /** The type of a field, without null. */
  readonly typeScript: string;
  /** The value of a field that nobody has set; null for the types that know null. */
  readonly initial: string;
  /** The default where null is ruled out. */
  readonly initialNonNull: string;
  /** The archives' methods: at a reserved offset (fixed sizes only), and one by one. */
  readonly put: string;
  readonly at: string;
  readonly write: string;
  readonly read: string;
}

function fixed(
  signature: string,
  size: number,
  typeScript: string,
  initial: string,
  name: string,
): WireType {
  const lower = name.toLowerCase();
  return {
    signature,
    size,
    typeScript,
    initial,
    initialNonNull: initial,
    put: `put${name}`,
    at: `${lower}At`,
    write: `write${name}`,
    read: `read${name}`,
  };
}

/** One row a type. */
export const WIRE_TYPES: Readonly<Record<PrimitiveName, WireType>> = {
  boolean: fixed("z", 1, "boolean", "false", "Bool"),
  byte: fixed("b", 1, "number", "0", "Byte"),
  int: fixed("i", 4, "number", "0", "Int"),
  long: fixed("l", 8, "bigint", "0n", "Long"),
  float: fixed("f", 4, "number", "0", "Float"),
  double: fixed("d", 8, "number", "0", "Double"),
  ustring: {
    signature: "s",
    size: undefined,
    typeScript: "string",
    initial: "null",
    initialNonNull: '""',
    put: "",
    at: "",
    write: "writeString",
    read: "readString",
  },
  buffer: {
    signature: "B",
    size: undefined,
    typeScript: "Uint8Array",
    initial: "null",
    initialNonNull: "new Uint8Array(0)",
    put: "",
    at: "",
    write: "writeBuffer",
    read: "readBufferField",
  },
};
