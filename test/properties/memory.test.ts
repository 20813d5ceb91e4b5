/**
 * How much memory a message can make its reader allocate. Nothing is allocated
 * for a length or count that the rest of the input could not hold, and counts
 * that it could hold are believed until they have claimed one element for each
 * byte, so what remains is the price of the values themselves. The dearest are
 * empty maps and records of one byte: 4 bytes and 1 byte on the wire, some 190 and
 * 40 in V8. That is the worst case, whether the message is accepted or refused.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SchemaWorkshop } from "../../packages/compiler/test/languages/compiled-schema.js";
import type { Measurement } from "./decode-memory.js";
import { hostileMessages } from "./hostile-messages.js";

/** Bytes of memory, garbage included, per byte of input. */
const LIMIT = 64;

const workshop = new SchemaWorkshop();
let measurements: readonly Measurement[] = [];

beforeAll(async () => {
  const languages = join(import.meta.dirname, "../../packages/compiler/test/languages");
  const text = readFileSync(join(languages, "every-legal-type.jute"), "utf8");
  await workshop.add("every", [{ path: "every-legal-type.jute", text }]);
  const output = execFileSync(
    process.execPath,
    [
      "--expose-gc",
      // Room for all of it, so that no garbage is collected while it is counted.
      "--min-semi-space-size=512",
      "--max-semi-space-size=512",
      "--initial-old-space-size=4096",
      "--conditions=@jute-ts/source",
      "--import",
      "tsx",
      join(import.meta.dirname, "decode-memory.ts"),
      join(workshop.directory, "every"),
    ],
    { encoding: "utf8" },
  );
  measurements = JSON.parse(output) as Measurement[];
}, 120_000);

afterAll(() => {
  workshop.dispose();
});

it.each(hostileMessages)("$name: memory stays a small multiple of the input", ({ name }) => {
  const measured = measurements.find(({ message }) => message === name);
  if (measured === undefined) throw new Error("not measured");
  const { allocatedBytes, inputBytes } = measured;
  expect(inputBytes).toBeGreaterThan(1_000_000);
  expect(allocatedBytes / inputBytes).toBeLessThan(LIMIT);
});

it("the messages are what they are called: some are records, others are refused for their counts", () => {
  const outcomes = Object.fromEntries(measurements.map((m) => [m.message, m.outcome]));
  for (const { name } of hostileMessages) {
    const refused = name.includes("broken") || name.includes("claiming") || name.includes("deeper");
    if (refused) expect(outcomes[name], name).toMatch(/^(length|count|depth)$/);
    else expect(outcomes[name], name).toBe("record");
  }
});
