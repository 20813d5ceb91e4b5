import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { formatSource } from "../../src/format/index.js";
import { checkSources } from "../../src/schema/check.js";
import { parse } from "../../src/syntax/parse.js";
import { lex } from "../../src/syntax/tokens.js";
import { randomLayout } from "./random-layout.js";

const style = fc.record({
  indentWidth: fc.constantFrom(1, 2, 3, 4, 8, undefined),
  useTabs: fc.boolean(),
  endOfLine: fc.constantFrom("\n", "\r\n", undefined),
});
const runs = { numRuns: effort(5_000, 200) };

function formatted(text: string, options = {}): string {
  const result = formatSource({ path: "a.jute", text }, options);
  expect(result.diagnostics).toEqual([]);
  return result.text ?? "";
}

/** Everything that a file says, its comments included, and nothing of where it says it. */
function meaning(text: string): unknown {
  const { ast, errors } = parse({ path: "a.jute", text });
  expect(errors).toEqual([]);
  return JSON.parse(
    JSON.stringify(ast, (key, value: unknown) => (/span$/i.test(key) ? undefined : value)),
  );
}

/** The comments in their order; blanks at the ends of their lines do not count. */
function comments(text: string): readonly string[] {
  return lex(text).comments.map(({ image }) =>
    image
      .split(/\r\n|\n|\r/)
      .map((line) => line.trim())
      .join("\n"),
  );
}

/** The text without its block comments, whose lines are laid out by whoever wrote them. */
function withoutBlocks(text: string): string {
  const blocks = lex(text).comments.filter(({ image }) => image.startsWith("/*"));
  return blocks.reduceRight(
    (rest, { startOffset, image }) =>
      `${rest.slice(0, startOffset)} ${rest.slice(startOffset + image.length)}`,
    text,
  );
}

describe("a formatted file", () => {
  it("means what it meant", () => {
    fc.assert(
      fc.property(randomLayout, style, (text, options) => {
        expect(meaning(formatted(text, options))).toEqual(meaning(text));
      }),
      runs,
    );
  });

  it("has all its comments", () => {
    fc.assert(
      fc.property(randomLayout, style, (text, options) => {
        expect(comments(formatted(text, options))).toEqual(comments(text));
      }),
      runs,
    );
  });

  it("stays as it is when it is formatted again", () => {
    fc.assert(
      fc.property(randomLayout, style, (text, options) => {
        const once = formatted(text, options);
        expect(formatted(once, options)).toBe(once);
      }),
      runs,
    );
  });

  it("has neither trailing blanks nor two empty lines, and ends with a line break", () => {
    fc.assert(
      fc.property(randomLayout, style, (text, options) => {
        const once = formatted(withoutBlocks(text), options);
        expect(once).not.toMatch(/[ \t]\r?\n|\n\r?\n\r?\n/);
        expect(once).toMatch(/[^\r\n]\r?\n$/);
      }),
      runs,
    );
  });
});

describe("the files of this repository", () => {
  const folder = new URL("../../../../jute-defs/", import.meta.url);
  const sources = readdirSync(folder).map((path) => ({
    path,
    text: readFileSync(new URL(path, folder), "utf8"),
  }));

  it("give the same schema after formatting", () => {
    const schemaOf = (files: typeof sources): string =>
      JSON.stringify(checkSources(files).schema, (key, value: unknown) =>
        key === "span" || key === "record" ? undefined : value,
      );
    const after = sources.map(({ path, text }) => ({ path, text: formatted(text) }));
    expect(schemaOf(after)).toBe(schemaOf(sources));
  });

  it.each(sources)("are formatted: $path", ({ text }) => {
    expect(formatted(text)).toBe(text);
  });
});
