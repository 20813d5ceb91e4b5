import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { checkSources } from "../schema/check.js";
import { parse } from "./parse.js";

const words = [
  ...["{", "}", "<", ">", ";", ",", "."],
  ...["module", "class", "include", "int", "ustring", "vector", "map", "list", "string"],
  ...["a", "B", "m.B", '"x.jute"', '"', '""', "//", "/*", "*/", "_", "1", "=", "@jute:optional"],
  ...["\n", "\uFEFF", "é", "\u{1F600}", "\ud800", "\0"],
  ...["int x;", "class A {", "module m {", "class A { int x; }"],
];

const soup = fc
  .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom("", " ")), { maxLength: 60 })
  .map((parts) => parts.flat().join(""));

describe("the parser", () => {
  it("gets through any soup of tokens, and points into the text", () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { diagnostics, schema } = checkSources([{ path: "a.jute", text }]);
        expect(schema === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
        for (const { span } of diagnostics) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: effort(1000, 200) },
    );
  });

  it("gets through any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        checkSources([{ path: "a.jute", text }]);
      }),
    );
  });

  it("names a reason whenever it refuses, and none when it accepts", () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { ast, errors } = parse({ path: "a.jute", text });
        if (errors.length === 0) expect(ast.items.length).toBeGreaterThan(0);
      }),
      { numRuns: effort(500, 100) },
    );
  });

  it("refuses types that are nested beyond all measure, without running out of stack", () => {
    const nested = (depth: number): string =>
      `module m { class A { ${"vector<".repeat(depth)}int${">".repeat(depth)} x; int y; } }`;
    expect(parse({ path: "a.jute", text: nested(200) }).errors).toEqual([]);
    const { errors } = parse({ path: "a.jute", text: nested(100_000) });
    expect(errors.map(({ code }) => code)).toEqual(["JUTE061"]);
    for (const text of ["vector<", "map<", "{", "class A {", "module m {", "a.", "/*", "int x"]) {
      const mess = `module m { class A { ${text.repeat(4_000)}`;
      expect(parse({ path: "a.jute", text: mess }).errors.length).toBeGreaterThan(0);
    }
  });

  it("accepts a byte order mark at the start, and counts it in positions", () => {
    const { ast, errors } = parse({
      path: "a.jute",
      text: "\uFEFFmodule m { class A { int x; } }",
    });
    expect(errors).toEqual([]);
    const [item] = ast.items;
    expect(item?.kind === "module" ? item.nameSpan.start : undefined).toBe(8);
  });
});
