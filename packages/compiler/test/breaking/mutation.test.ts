/**
 * Random edits of random schemas, and what became of the bytes: what the old schema writes is read by
 * the new one, and the other way round, by a codec that knows nothing but the rules of the wire.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { compareSchemas } from "../../src/breaking/index.js";
import { checkSources } from "../../src/schema/check.js";
import type { RecordSchema, Schema } from "../../src/schema/model.js";
import { readRecord, sample, writeRecord } from "./plain-codec.js";

interface Field {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

const type = fc.constantFrom(
  ...["boolean", "byte", "int", "long", "float", "double", "ustring", "buffer"],
  ...["Inner", "vector<int>", "vector<Inner>", "map<int, ustring>", "vector<vector<byte>>"],
);
const fields = fc
  .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), type), {
    minLength: 1,
    maxLength: 6,
    selector: ([name]) => name,
  })
  .map((all): readonly Field[] => all.map(([name, of]) => ({ name, type: of, optional: false })));

type Edit = (fields: readonly Field[]) => readonly Field[];
const place = fc.nat(5);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  // Rename.
  fc.tuple(place, fc.constantFrom("x", "y", "z")).map(
    ([at, name]): Edit =>
      (all) =>
        all.map((field, index) => (index === at ? { ...field, name } : field)),
  ),
  // Insert.
  fc
    .tuple(place, type, fc.constantFrom("p", "q"))
    .map(([at, of, name]): Edit => (all) => [
      ...all.slice(0, at),
      { name, type: of, optional: false },
      ...all.slice(at),
    ]),
  // Delete.
  place.map(
    (at): Edit =>
      (all) =>
        all.length > 1 ? all.filter((_, index) => index !== at) : all,
  ),
  // Move to the end.
  place.map((at): Edit => (all) => [
    ...all.filter((_, index) => index !== at),
    ...all.filter((_, index) => index === at),
  ]),
  // Retype.
  fc.tuple(place, type).map(
    ([at, of]): Edit =>
      (all) =>
        all.map((field, index) => (index === at ? { ...field, type: of } : field)),
  ),
  // Append something optional.
  fc
    .tuple(type, fc.constantFrom("r", "s"))
    .map(([of, name]): Edit => (all) => [...all, { name, type: of, optional: true }]),
);

function schemaOf(all: readonly Field[], inner = "Inner"): Schema | undefined {
  const lines = all.map(
    ({ name, type: of, optional }) =>
      `${of.replace("Inner", inner)} ${name};${optional ? " // @jute:optional" : ""}`,
  );
  const text = `module m {\nclass ${inner} { int i; ustring s; }\nclass A {\n${lines.join("\n")}\n}\n}\n`;
  return checkSources([{ path: "a.jute", text }]).schema;
}

function recordA(schema: Schema): RecordSchema {
  const record = schema.modules[0]?.records.find(({ name }) => name === "A");
  if (record === undefined) throw new Error("there is no class A");
  return record;
}

/** Whether values that one side writes arrive at the other, whichever of its optional fields it sends. */
function understands(writer: RecordSchema, reader: RecordSchema): boolean {
  const required = writer.fields.filter(({ optional }) => !optional).length;
  const counts = Array.from(
    { length: writer.fields.length - required + 1 },
    (_, more) => required + more,
  );
  return counts.every((count) => [100, 200].every((seed) => arrives(writer, reader, count, seed)));
}

function arrives(writer: RecordSchema, reader: RecordSchema, count: number, seed: number): boolean {
  const sent = writer.fields.slice(0, count);
  const values = sent.map((field, index) => sample(field.type, seed + index));
  const read = readRecord(reader, writeRecord(writer, values));
  if (read === undefined) return false;
  return sent.every((field, index) => {
    // Names count where both sides have them; a renamed field is found by its place.
    const byName = reader.fields.findIndex(({ name }) => name === field.name);
    const at = byName < 0 ? index : byName;
    // What an older reader does not know it need not read, when it is optional.
    if (at >= reader.fields.length) return field.optional;
    return JSON.stringify(read[at]) === JSON.stringify(values[index]);
  });
}

it("agrees with what the bytes of random edits do", () => {
  const seen = { wire: 0, kept: 0 };
  fc.assert(
    fc.property(
      fields,
      fc.array(edit, { minLength: 0, maxLength: 2 }),
      fc.constantFrom("Inner", "Other"),
      (old, edits, inner) => {
        const names = new Set<string>();
        const edited = edits
          .reduce((all, each) => each(all), old)
          .filter(({ name }) => !names.has(name) && names.add(name));
        const before = schemaOf(old);
        const after = schemaOf(edited, inner);
        // Some edits leave an optional field before another one.
        fc.pre(before !== undefined && after !== undefined);
        const changes = compareSchemas(before, after);
        const breaks = changes.some(({ level }) => level === "wire");
        const a = recordA(before);
        const b = recordA(after);
        const isUnderstood = understands(a, b) && understands(b, a);
        seen[breaks ? "wire" : "kept"]++;
        expect(!breaks, JSON.stringify(changes)).toBe(isUnderstood);
      },
    ),
    { numRuns: effort(20_000, 500) },
  );
  expect(Math.min(seen.wire, seen.kept)).toBeGreaterThan(100);
});
