/**
 * Schemas that nobody wrote: each run compiles a batch of random ones,
 * type-checks them in one program, loads them, and compares every class with
 * the slow twin. A failure prints the seed, the schema, and how to run it again.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SourceFile } from "../../src/syntax/source-file.js";
import { recordArbitrary, roundTrip } from "@jute-ts/fast-check";
import { checkAgreement } from "../../../../test/properties/reference-agreement.js";
import { SchemaWorkshop } from "./compiled-schema.js";
import { randomSchema } from "./random-schema.js";
import { effort } from "../../../../test/effort.js";
import { testSeed } from "../../../../test/seed.js";

const seed = testSeed();
const schemaCount = Number(process.env["JUTE_SCHEMAS"] ?? effort(24, 2));
const replay = `replay with: JUTE_SEED=${String(seed)} JUTE_SCHEMAS=${String(schemaCount)} npm test -- random-schema`;

describe(`${String(schemaCount)} random schemas (${replay})`, () => {
  const workshop = new SchemaWorkshop();
  const schemas = fc
    .sample(randomSchema, { seed, numRuns: schemaCount })
    .map((sources, i) => ({ folder: `schema${String(i)}`, sources }));

  afterAll(() => {
    workshop.dispose();
  });

  it("compile without an error", async () => {
    for (const { folder, sources } of schemas) {
      await explain(sources, () => workshop.add(folder, sources));
    }
  }, 120_000);

  it("type-check under the strictest flags", () => {
    expect(workshop.typeErrors(), replay).toEqual([]);
  }, 180_000);

  it("round-trip and agree with the slow twin", async () => {
    for (const { folder, sources } of schemas) {
      await explain(sources, async () => {
        for (const type of await workshop.load(folder)) {
          fc.assert(roundTrip(type), { seed, numRuns: 12 });
          const agreement = fc.property(recordArbitrary(type), (record) => {
            checkAgreement(type, record);
          });
          fc.assert(agreement, { seed, numRuns: 6 });
        }
      });
    }
  }, 300_000);
});

async function explain(sources: readonly SourceFile[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const texts = sources.map(({ path, text }) => `// ${path}\n${text}`).join("\n");
    throw new Error(`${String(error)}\n\n${replay}\nThe schema:\n${texts}`, { cause: error });
  }
}
