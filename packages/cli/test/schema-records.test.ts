/** Classes made of a schema at run time do what the generated ones of the same schema do. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { checkSources } from "@jute-ts/compiler";
import { recordArbitrary } from "@jute-ts/fast-check";
import { recordTypesOf } from "@jute-ts/inspect";
import type { AnyRecordType } from "@jute-ts/runtime";
import * as records from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const folder = path.resolve(import.meta.dirname, "../../../jute-defs");
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".jute"))
  .map((name) => ({ path: name, text: readFileSync(path.join(folder, name), "utf8") }));
const { schema } = checkSources(sources);
if (schema === undefined) throw new Error("the schema has errors");
const made = recordTypesOf(schema);

const generated = (Object.values(records) as readonly unknown[]).filter(
  (each): each is AnyRecordType => typeof each === "function" && "descriptor" in each,
);
const pairs = generated.flatMap((type) => {
  const other = made.get(type.descriptor.fullName);
  return other === undefined ? [] : [[type.descriptor.name, type, other] as const];
});

/** What a call gives, or the text of what it throws. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return String(error);
  }
}

describe("a class that is made of the schema at run time", () => {
  it("is there for every generated one", () => {
    expect(pairs.length).toBe(made.size);
  });

  it.each(pairs)("%s", (_name, type, other) => {
    fc.assert(
      fc.property(recordArbitrary(type), fc.nat(), fc.nat(), (record, cut, at) => {
        const bytes = type.encode(record);
        const twin = other.decode(bytes);
        expect(other.encode(twin)).toEqual(bytes);
        expect(twin.toJSON()).toEqual(record.toJSON());
        expect(twin.toString()).toBe(record.toString());
        expect(twin.byteLength()).toBe(bytes.length);
        expect(twin.clone().equals(twin)).toBe(true);
        // What is wrong is said in the same words, with the field.
        const short = bytes.subarray(0, cut % (bytes.length + 1));
        const decoded = (each: AnyRecordType): unknown =>
          outcome(() => each.decode(short).toJSON());
        expect(decoded(other)).toEqual(decoded(type));
        const fields = type.descriptor.fields;
        const { property = "" } = fields[at % Math.max(1, fields.length)] ?? {};
        const wrong = { none: true };
        const encoded = (each: AnyRecordType): unknown =>
          outcome(() => each.encode(Object.assign(each.decode(bytes), { [property]: wrong })));
        if (property !== "") expect(encoded(other)).toEqual(encoded(type));
      }),
      { numRuns: 20 },
    );
  });
});
