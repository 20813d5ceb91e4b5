/**
 * The table of wire types against the runtime that the emitted code calls. Most of it is checked by the
 * compiler: a row that the runtime does not have, or a type of the runtime without a row, does not compile.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { PrimitiveKind } from "@jute-ts/runtime";
import type * as codegen from "@jute-ts/runtime/codegen";
import { isPrimitiveName, type PrimitiveName, WIRE_TYPES, type WireType } from "./wire-types.js";

type Row = (typeof WIRE_TYPES)[PrimitiveName];
type FixedRow = Extract<Row, { size: number }>;
type VariableRow = Extract<Row, { size: undefined }>;

/** The names that rows use for types of TypeScript. */
interface Types {
  boolean: boolean;
  number: number;
  bigint: bigint;
  string: string | null;
  Uint8Array: Uint8Array | null;
}

type Read<Name extends PrimitiveName> =
  codegen.BinaryInputArchive[(typeof WIRE_TYPES)[Name]["read"]];
type Write<Name extends PrimitiveName> =
  codegen.BinaryOutputArchive[(typeof WIRE_TYPES)[Name]["write"]];
type TypeOf<Name extends PrimitiveName> = Types[(typeof WIRE_TYPES)[Name]["typeScript"]];

describe("the table of wire types", () => {
  it("has what a row must have, and a row for each primitive type of the runtime", () => {
    expectTypeOf(WIRE_TYPES).toExtend<Readonly<Record<PrimitiveName, WireType>>>();
    expectTypeOf<PrimitiveName>().toEqualTypeOf<PrimitiveKind>();
  });

  it("names methods of the archives, with the type that a field has", () => {
    expectTypeOf<FixedRow["at"]>().toExtend<keyof codegen.BinaryInputArchive>();
    expectTypeOf<FixedRow["put"]>().toExtend<keyof codegen.BinaryOutputArchive>();
    expectTypeOf<{ [Name in PrimitiveName]: ReturnType<Read<Name>> }>().toEqualTypeOf<{
      [Name in PrimitiveName]: TypeOf<Name>;
    }>();
    expectTypeOf<{ [Name in PrimitiveName]: Parameters<Write<Name>>[0] }>().toEqualTypeOf<{
      [Name in PrimitiveName]: TypeOf<Name>;
    }>();
  });

  it("names functions of the runtime", () => {
    expectTypeOf<Row["mapOrder"]>().toExtend<keyof typeof codegen>();
    expectTypeOf<VariableRow["length"]>().toExtend<keyof typeof codegen>();
  });

  it("knows its own words only", () => {
    expect(isPrimitiveName("ustring")).toBe(true);
    for (const other of ["string", "vector", "toString", "__proto__"]) {
      expect(isPrimitiveName(other)).toBe(false);
    }
  });
});
