/** The whole language at once: every-legal-type.jute compiles, type-checks, and carries any value. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordArbitrary, roundTrip } from "@jute-ts/fast-check";
import type { AnyRecordType } from "@jute-ts/runtime";
import { effort } from "../../../../test/effort.js";
import { checkAgreement } from "../../../../test/properties/reference-agreement.js";
import { SchemaWorkshop } from "./compiled-schema.js";

describe("a file that uses every legal type and every nasty name", () => {
  const workshop = new SchemaWorkshop();
  let types: readonly AnyRecordType[] = [];

  beforeAll(async () => {
    const text = readFileSync(join(import.meta.dirname, "every-legal-type.jute"), "utf8");
    await workshop.add("every", [{ path: "every-legal-type.jute", text }]);
    types = await workshop.load("every");
  }, 60_000);

  afterAll(() => {
    workshop.dispose();
  });

  it("becomes one class per record", () => {
    const text = readFileSync(join(import.meta.dirname, "every-legal-type.jute"), "utf8");
    const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const declared = [...code.matchAll(/\bclass\s+\w+\s*\{/g)].length;
    expect(types).toHaveLength(declared);
  });

  it("type-checks under the strictest flags", () => {
    expect(workshop.typeErrors()).toEqual([]);
  }, 120_000);

  const values = effort(10_000, 300);

  it(`round-trips ${String(values)} random values`, () => {
    const numRuns = Math.ceil(values / types.length);
    for (const type of types) fc.assert(roundTrip(type), { numRuns });
  }, 300_000);

  it("agrees with the slow twin, bytes and values, both ways", () => {
    for (const type of types) {
      fc.assert(
        fc.property(recordArbitrary(type), (record) => {
          checkAgreement(type, record);
        }),
        { numRuns: effort(20, 2) },
      );
    }
  }, 300_000);
});
