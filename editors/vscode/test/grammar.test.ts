/** The colours of Jute files, against the compiler's own syntax tree and, where there is none, by hand. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { randomLayout } from "../../../packages/compiler/test/format/random-layout.js";
import { effort } from "../../../test/effort.js";
import { expectedScopes } from "./expected-scopes.js";
import { juteTokenizer, type ScopedToken } from "./tokenize.js";

const root = path.resolve(import.meta.dirname, "../../..");

let tokenize: (text: string) => readonly ScopedToken[];

beforeAll(async () => {
  tokenize = await juteTokenizer();
});

/** Compares every character of every word with what the syntax tree says of it. */
function compare(text: string): number {
  const scopesAt = new Map<number, readonly string[]>();
  for (const { text: part, start, scopes } of tokenize(text)) {
    for (let at = start; at < start + part.length; at++) scopesAt.set(at, scopes);
  }
  const words = expectedScopes(text);
  for (const { text: word, start, scope } of words) {
    for (let at = start; at < start + word.length; at++) {
      if (/[\r\n]/.test(text.charAt(at))) continue;
      const scopes = scopesAt.get(at) ?? [];
      const hasIt = scopes.some((each) => each.startsWith(scope));
      if (!hasIt) expect.fail(`"${word}" at ${start} is ${scopes.join(" ")} and no ${scope}`);
    }
  }
  const illegal = [...scopesAt.values()].flat().filter((scope) => scope.startsWith("invalid"));
  expect(illegal).toEqual([]);
  return words.length;
}

/** The text of each token that is more than space, with the last word of its scope. */
function colours(text: string): readonly string[] {
  return tokenize(text)
    .filter(({ text: part }) => part.trim() !== "")
    .map(({ text: part, scopes }) => `${part.trim()} ${scopes.at(-1) ?? ""}`);
}

describe("a file without mistakes", () => {
  const files = [
    ...readdirSync(path.join(root, "jute-defs")).map((name) => `jute-defs/${name}`),
    "packages/compiler/test/languages/every-legal-type.jute",
    "packages/compiler/test/languages/values.jute",
    "examples/custom-jute/inventory.jute",
  ].filter((name) => name.endsWith(".jute"));

  it.each(files)("is coloured as the compiler reads it: %s", (name) => {
    expect(compare(readFileSync(path.join(root, name), "utf8"))).toBeGreaterThan(20);
  });

  it("is so in any layout, with comments and line breaks between any two words", () => {
    fc.assert(
      fc.property(randomLayout, (text) => {
        compare(text);
      }),
      { numRuns: effort(500, 30) },
    );
  });

  it.each([
    [
      "names that begin like keywords",
      "module mapping { class classy { integer ints; vectors map_1; } }",
    ],
    ["names that end like keywords", "module a { class subclass { xint yint; Include z_long; } }"],
    ["names with capitals", "module Module { class Class { Int Vector; Map String; } }"],
    [
      "brackets that close together",
      "module a { class B { map<ustring,vector<vector<long>>>x; } }",
    ],
    ["braces in comments", "module a /* { } */ { // }\n class B { /* } */ int a; // }\n } }"],
    ["quotes in comments", '// "\ninclude "a.jute" /* " */ module a { class B { int a; } // "\n}'],
    ["comments in paths", 'include "a//b/*.jute" module a { class B { int a; } }'],
    ["a path over two lines", 'include "a\nclass b.jute" module a { class B { int a; } }'],
    ["stars and slashes", "/*/ int */ module a { /***/ class B { int /**/ a /* // */ ; } } // /*"],
    [
      "names in parts",
      "module a . b\n.\nc { class B { a.b.\nc . D /* . */ d; vector<a /**/ . E> e; } }",
    ],
    [
      "no blanks",
      'include"a.jute"module a{class B{int a;vector<B>b;}class C{a.B c;}}module b{class D{int e;}}',
    ],
  ])("is so with traps: %s", (_, text) => {
    compare(text);
  });
});

describe("a comment", () => {
  it("shows annotations", () => {
    const [field] = tokenize(
      "module a { class B { int c; // @jute:nonnull-elements, really\n} }",
    ).filter(({ scopes }) => scopes.includes("storage.modifier.annotation.jute"));
    expect(field?.text).toBe("@jute:nonnull-elements");
    expect(field?.scopes).toContain("comment.line.double-slash.jute");
  });
});

describe("a file with mistakes", () => {
  it.each([
    ["#", "module a { # class B { int c; } }"],
    ["_", "module a { class B { int _c; } }"],
    ["é", "module a { class B { inté c; } }"],
    ["\u00A0", "module a { class B {\u00A0int c; } }"],
    ["=", "module a { class B { int c = d; } }"],
    ["/", "module a { class B { int c; / } }"],
    ["1", "1 module a { class B { int c; } }"],
  ])("shows characters that begin no word: %s", (character, text) => {
    const illegal = tokenize(text).filter(({ scopes }) =>
      scopes.includes("invalid.illegal.character.jute"),
    );
    expect(illegal.map((token) => token.text)).toEqual([character]);
  });

  const GOOD = ["int storage.type.primitive.jute", "b variable.other.member.jute"];

  it.each([
    ["a semicolon", "module m { class A { long x int b; } }"],
    ["a name", "module m { class A { long; int b; } }"],
    ["a type in brackets", "module m { class A { vector<> x; int b; } }"],
    ["a closing bracket", "module m { class A { vector<long x; int b; } }"],
    ["the brace of a class", "module m { class A { long x; class B { int b; } }"],
    [
      "the braces of a class and its module",
      "module m { class A { long x; module n { class B { int b; } }",
    ],
    ["the end of a field before a brace", "module m { class A { long x } class B { int b; } }"],
    ["a part of a name", "module m { class A { a.b. ; int b; } }"],
  ])("goes on as usual after what lacks %s", (_, text) => {
    const all = colours(text);
    const at = all.indexOf("int storage.type.primitive.jute");
    expect(all.slice(at, at + 2)).toEqual(GOOD);
    expect(all.slice(at + 2)).toEqual([
      "; punctuation.terminator.jute",
      "} punctuation.section.class.end.jute",
      "} punctuation.section.module.end.jute",
    ]);
  });

  it("colours nothing at the top that belongs into a module", () => {
    const scopes = tokenize("int a; class B").flatMap((token) => token.scopes);
    expect(new Set(scopes)).toEqual(new Set(["source.jute"]));
  });
});
