/** What a text says at a glance against what the parser says of it. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, resolveInclude } from "@jute-ts/compiler/analysis";
import { possibleIncludes } from "./possible-includes.js";
import { classesIn, type ScannedClass } from "./scan.js";

const folder = path.resolve(import.meta.dirname, "../../../jute-defs");
const TEXTS = readdirSync(folder)
  .filter((name) => name.endsWith(".jute"))
  .map((name) => readFileSync(path.join(folder, name), "utf8"));

function parsedClasses(text: string): readonly ScannedClass[] {
  return parse({ path: "a.jute", text }).ast.items.flatMap((item) =>
    item.kind === "module"
      ? item.classes.map(({ name, nameSpan }) => ({ name, module: item.name, at: nameSpan.start }))
      : [],
  );
}

/** What can stand between any two words. */
const gap = fc.constantFrom(
  " ",
  "\n",
  "/* class Not { */",
  "// module not.this {\n",
  "/**/",
  '/* " */',
  '// "x\n',
);
const name = fc.constantFrom("A", "Bc", "class1", "modules", "D_e");

/** A module as its words, with a gap after each. */
const schema = fc
  .record({
    includes: fc.array(fc.constantFrom('"b.jute"', '"../c.jute"', '"class module {"')),
    module: fc.array(name, { minLength: 1, maxLength: 3 }),
    classes: fc.uniqueArray(name, { minLength: 1 }),
  })
  .chain(({ includes, module, classes }) => {
    const words = [
      ...includes.flatMap((included) => ["include", included]),
      "module",
      ...module.flatMap((part, index) => (index === 0 ? [part] : [".", part])),
      "{",
      ...classes.flatMap((each) => ["class", each, "{", "int", "x", ";", "}"]),
      "}",
    ];
    return fc
      .array(gap, { minLength: words.length, maxLength: words.length })
      .map((gaps) => words.map((word, index) => word + (gaps[index] ?? " ")).join(""));
  });

describe("the classes of a text", () => {
  it.each(TEXTS)("are those that the parser finds in ZooKeeper's schemas", (text) => {
    expect(classesIn(text)).toEqual(parsedClasses(text));
    expect(classesIn(text).length).toBeGreaterThan(0);
  });

  it("are those that the parser finds, with comments and line breaks between any words", () => {
    fc.assert(
      fc.property(schema, (text) => {
        const { errors } = parse({ path: "a.jute", text });
        expect(errors).toEqual([]);
        expect(classesIn(text)).toEqual(parsedClasses(text));
      }),
    );
  });

  it("are found after a mistake, too", () => {
    const text = "module a { class B { int x } class C { strin; } clas D { int y; } class E";
    expect(classesIn(text).map((each) => each.name)).toEqual(["B", "C", "E"]);
  });
});

describe("the possible includes of a text", () => {
  it("have all that the parser finds, whatever is broken", () => {
    const piece = fc.constantFrom('"', "include", ' "b.jute" ', "\n", "/*", "*/", "//", "x", "{");
    fc.assert(
      fc.property(
        fc.oneof(
          schema,
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const included = parse({ path: "/d/a.jute", text }).ast.items.flatMap((item) =>
            item.kind === "include" ? resolveInclude("/d/a.jute", item.path) : [],
          );
          expect(possibleIncludes("/d/a.jute", text)).toEqual(expect.arrayContaining(included));
        },
      ),
    );
  });
});
