import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSources } from "../schema/check.js";
import type { Schema } from "../schema/model.js";
import { changeKinds, compareSchemas } from "./index.js";

function schemaOf(text: string): Schema {
  const { schema, diagnostics } = checkSources([{ path: "a.jute", text }]);
  if (schema === undefined) throw new Error(JSON.stringify(diagnostics));
  return schema;
}

/** The codes of the changes from one body of a class to another. */
function codes(before: string, after: string): readonly string[] {
  const inner = "class B { int i; ustring s; } class C { int j; ustring t; }";
  const [old, current] = [before, after].map((body) =>
    schemaOf(`module m { ${inner} class A { ${body} } }`),
  );
  if (old === undefined || current === undefined) throw new Error("no schema");
  return compareSchemas(old, current).map(({ code }) => code);
}

describe("a change of fields", () => {
  it.each([
    ["nothing", "int a; long b;", "int a; /* new words */ long b;", []],
    ["insertion", "int a; int c;", "int a; int b; int c;", ["JUTE201"]],
    ["insertion of a like one", "int a;", "int b; int a;", ["JUTE201"]],
    ["deletion", "int a; int b;", "int a;", ["JUTE202"]],
    ["a move", "int a; int b; int c;", "int b; int c; int a;", ["JUTE203"]],
    ["another type", "int a;", "long a;", ["JUTE204"]],
    ["a type inside", "vector<int> a;", "vector<long> a;", ["JUTE204"]],
    ["string to buffer", "ustring a;", "buffer a;", ["JUTE204"]],
    ["an appended field", "int a;", "int a; int b;", ["JUTE205"]],
    ["an appended optional field", "int a;", "int a; int b; // @jute:optional\n", ["JUTE221"]],
    ["an optional field", "int a; int b;", "int a; int b; // @jute:optional\n", ["JUTE206"]],
    ["no null", "ustring a;", "ustring a; // @jute:nonnull\n", ["JUTE207"]],
    ["a name", "int a; int b;", "int a; int c;", ["JUTE210"]],
    ["two names", "int a; long b;", "int c; long d;", ["JUTE210", "JUTE210"]],
    ["a name and a type", "int a;", "long b;", ["JUTE205", "JUTE202"]],
    ["a class alike", "B a;", "C a;", ["JUTE213"]],
    ["a name and a class alike", "B a;", "C b;", ["JUTE210", "JUTE213"]],
  ])("%s", (_, before, after, expected) => {
    expect(codes(before, after)).toEqual(expected);
  });
});

describe("fields that were moved", () => {
  /** All but the most that stand in the same order in both, found by trying each way. */
  function leastMoved(before: readonly string[], after: readonly string[]): number {
    const most = (i: number, j: number): number => {
      if (i === before.length || j === after.length) return 0;
      if (before[i] === after[j]) return 1 + most(i + 1, j + 1);
      return Math.max(most(i + 1, j), most(i, j + 1));
    };
    return before.length - most(0, 0);
  }

  it("are as few as can be", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const before = names.map((name) => `int ${name};`).join(" ");
    const orders = fc.shuffledSubarray(names, { minLength: names.length });
    fc.assert(
      fc.property(orders, (after) => {
        const found = codes(before, after.map((name) => `int ${name};`).join(" "));
        expect(found).toEqual(Array(leastMoved(names, after)).fill("JUTE203"));
      }),
      { numRuns: 200 },
    );
  });

  it("are found among very many fields without a table of all pairs", () => {
    const fields = Array.from({ length: 40_000 }, (_, index) => `int f${index};`);
    const [first = "", ...others] = fields;
    // The table would have 6.4 GB.
    expect(codes(fields.join(" "), [...others, first].join(" "))).toEqual(["JUTE203"]);
  });
});

describe("a change of classes", () => {
  const change = (before: string, after: string) =>
    compareSchemas(schemaOf(before), schemaOf(after)).map(({ code }) => code);
  const user = (name: string) => `module n { class U { ${name} a; vector<${name}> b; } }`;

  it.each([
    [
      "another name",
      "module m { class A { int a; } }",
      "module m { class B { int a; } }",
      ["JUTE211"],
    ],
    [
      "another module",
      "module m { class A { int a; } }",
      "module o { class A { int a; } }",
      ["JUTE211"],
    ],
    [
      "nothing alike",
      "module m { class A { int a; } }",
      "module m { class B { long a; } }",
      ["JUTE220", "JUTE212"],
    ],
    [
      "another name of a class in use",
      `module m { class A { int a; } } ${user("m.A")}`,
      `module m { class B { int a; } } ${user("m.B")}`,
      ["JUTE211"],
    ],
    [
      "a field of a class in use",
      `module m { class A { int a; } } ${user("m.A")}`,
      `module m { class A { long a; } } ${user("m.A")}`,
      ["JUTE204"],
    ],
    [
      "a class inside itself",
      "module m { class A { vector<A> a; } }",
      "module m { class B { vector<B> a; } }",
      ["JUTE211"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(change(before, after)).toEqual(expected);
  });
});

describe("a framed record", () => {
  const schema = schemaOf("module m { class A { int a; } class B { vector<A> b; int c; } }");
  it.each([
    ["m.Z", /no class "m.Z"/],
    ["m.A", /something may follow it in "b" of "m.B"/],
  ])("cannot be %s", (name, reason) => {
    expect(() => compareSchemas(schema, schema, { framed: [name] })).toThrow(reason);
  });
});

it("the table of changes stands in docs/breaking.md as it is", () => {
  const page = readFileSync(new URL("../../../../docs/breaking.md", import.meta.url), "utf8");
  const rows = Array.from(
    page.matchAll(/^\| (JUTE2\d+) *\| (\w+) *\| (.*?) *\| (.*?) *\|$/gm),
    (cells) => cells.slice(1),
  );
  expect(rows).toEqual(
    Object.values(changeKinds).map(({ code, level, summary, reason }) => [
      code,
      level,
      summary,
      reason,
    ]),
  );
});
