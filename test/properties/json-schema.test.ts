/**
 * The JSON Schemas that `jute generate --target json-schema` makes, judged by another project's validator: they
 * accept what records write as JSON, and what has been changed exactly when it can still be read and encoded.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSources, compile } from "@jute-ts/compiler";
import { recordArbitrary } from "@jute-ts/fast-check";
import { recordTypesOf } from "@jute-ts/inspect";
import { registry } from "@jute-ts/records";
import {
  type AnyRecordType,
  JuteEncodeError,
  JuteJsonError,
  type JsonValue,
} from "@jute-ts/runtime";
import { effort } from "../effort.js";

const folder = new URL("../../jute-defs/", import.meta.url);
const zookeeper = readdirSync(folder).map((path) => ({
  path,
  text: readFileSync(new URL(path, folder), "utf8"),
}));
/** What ZooKeeper's records lack: numbers with a fraction, maps, records in themselves, several optional fields. */
const own = {
  path: "own.jute",
  text: `module m {
    class Every {
      byte tiny; boolean flag; int number; long big; float single; double exact; ustring text; buffer bytes;
      vector<vector<byte>> rows; map<int, map<ustring, buffer>> table; map<double, Node> nodes;
      // @jute:nonnull
      ustring surely;
      // @jute:nonnull-elements
      map<ustring, vector<ustring>> lists;
      // @jute:optional
      float perhaps;
      // @jute:optional
      vector<Node> later;
      // @jute:optional
      ustring last;
    }
    class Node { vector<Node> children; }
  }`,
};
const ownTypes = recordTypesOf(schemaOf(own));
const types = [...registry, ...ownTypes.values()];
const validators = await validatorsOf([...zookeeper, own]);

it("there is a schema for each of ZooKeeper's 72 records", () => {
  expect([...validators.keys()].sort()).toEqual(
    types.map((type) => type.descriptor.fullName).sort(),
  );
  expect([...registry]).toHaveLength(72);
});

describe.each(types.map((type) => ({ type, name: type.descriptor.fullName })))(
  "the schema of $name",
  ({ type, name }) => {
    const validate = validators.get(name) ?? expect.fail(name);
    const jsonOf = recordArbitrary(type).map(
      (record) => JSON.parse(JSON.stringify(record)) as JsonValue,
    );

    it("accepts what a record writes", () => {
      fc.assert(
        fc.property(jsonOf, (json) => {
          expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
        }),
        { numRuns: effort(100, 8) },
      );
    });

    it("accepts what was changed exactly when it can be read and encoded", () => {
      const change = fc.record({
        place: fc.nat(),
        value: fc.oneof(fc.constantFrom(...ODD), longs),
      });
      fc.assert(
        fc.property(jsonOf, change, (json, { place, value }) => {
          const changed = replaced(json, place, value);
          const accepted = validate(changed);
          expect(accepted, `${JSON.stringify(changed)} ${JSON.stringify(validate.errors)}`).toBe(
            canBeEncoded(type, changed),
          );
        }),
        { numRuns: effort(200, 16) },
      );
    });
  },
);

describe("a field of each type", () => {
  const kinds = "byte boolean int long float double ustring buffer vector<int> map<ustring,long>";
  const classes = kinds.split(" ").map((kind, at) => `class F${String(at)} { ${kind} value; }`);
  const source = { path: "f.jute", text: `module f { ${classes.join("\n")} }` };

  it("takes the same values as the record", async () => {
    const validatorOf = await validatorsOf([source]);
    for (const [name, type] of recordTypesOf(schemaOf(source))) {
      for (const value of ODD) {
        const json = { value };
        const verdict = validatorOf.get(name)?.(json);
        expect(verdict, `${name} ${JSON.stringify(value)}`).toBe(canBeEncoded(type, json));
      }
    }
  });
});

/** Values that some types take and others do not. */
const ODD: readonly JsonValue[] = [
  ...[null, true, false, 0, -1, 1.5, 127, 128, -128, -129, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1e300],
  ...[
    -(2 ** 31) - 1,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
    "",
    "a",
    "-0",
    "NaN",
    "Infinity",
    "-Infinity",
  ],
  ...["YQ==", "YWI=", "YWJj", "YQ", "YQ=", "Y===", "YQ-_", "9223372036854775807", "+1", " 1", "1n"],
  ...["9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0x1", "1.0", "-"],
  ...[
    "09223372036854775807",
    "009223372036854775807",
    "00000000000000000001",
    "000000000000000000001",
  ],
  ...[[], {}, [null], ["a"], [["a", 1]], [[null, null]], [[1, []]], [[1, [], 2]], { x: 1 }],
];

/** Around the ends of 64 bits, with any digit changed. */
const longs = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.bigInt(2n ** 63n - 2n ** 50n, 2n ** 63n + 2n ** 50n),
    fc.nat(18),
    fc.nat(9),
  )
  .map(([sign, value, at, digit]) => {
    const digits = String(value);
    return `${sign}${digits.slice(0, at)}${String(digit)}${digits.slice(at + 1)}`;
  });

/** `json` with the value at one place replaced: an element, a field, or a new field. */
function replaced(json: JsonValue, place: number, value: JsonValue): JsonValue {
  if (typeof json !== "object" || json === null) return value;
  if (Array.isArray(json)) {
    const items = json as readonly JsonValue[];
    const index = place % (items.length + 2);
    if (index === items.length) return [...items, value];
    return index > items.length
      ? value
      : items.map((item, at) => (at === index ? replaced(item, place >> 3, value) : item));
  }
  const entries = Object.entries(json);
  const index = place % (entries.length + 2);
  if (index === entries.length) return Object.fromEntries([...entries, ["unheard", value]]);
  if (index > entries.length) {
    // Leaves a field out.
    const without = (place >> 3) % Math.max(entries.length, 1);
    return Object.fromEntries(entries.filter((_entry, at) => at !== without));
  }
  return Object.fromEntries(
    entries.map(([name, item], at) => [
      name,
      at === index ? replaced(item, place >> 3, value) : item,
    ]),
  );
}

function canBeEncoded(type: AnyRecordType, json: JsonValue): boolean {
  try {
    type.fromJSON(json).encode();
    return true;
  } catch (error) {
    if (error instanceof JuteJsonError || error instanceof JuteEncodeError) return false;
    throw error;
  }
}

function schemaOf(source: { readonly path: string; readonly text: string }) {
  const { schema, diagnostics } = checkSources([source]);
  return schema ?? expect.fail(diagnostics.map(({ message }) => message).join("\n"));
}

/** A validator for each record, by its full name. References are followed from file to file. */
async function validatorsOf(
  sources: readonly { readonly path: string; readonly text: string }[],
): Promise<ReadonlyMap<string, ValidateFunction>> {
  const { files } = await compile(sources, { target: "json-schema" });
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  const base = "https://example.test/";
  for (const { path, text } of files) ajv.addSchema(JSON.parse(text) as object, base + path);
  const index = files.find(({ path }) => path === "records.schema.json");
  const { $defs } = JSON.parse(index?.text ?? "") as {
    readonly $defs: Record<string, { $ref: string }>;
  };
  return new Map(
    Object.entries($defs).map(([name, { $ref }]) => {
      const validate = ajv.getSchema(new URL($ref, base).href) ?? expect.fail($ref);
      return [name, validate];
    }),
  );
}
