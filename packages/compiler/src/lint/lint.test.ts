import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "../syntax/parse.js";
import { kinds } from "../diagnostics.js";
import { applyFixes, type LintOptions, lintRules, lintSources } from "./index.js";

function codesOf(text: string, options: LintOptions = {}): readonly string[] {
  const quiet = { JUTE140: "off" } as const;
  return lintSources([{ path: "a.jute", text }], {
    ...options,
    levels: { ...quiet, ...options.levels },
  }).diagnostics.map(({ code }) => code);
}

function fixed(text: string, includes: Readonly<Record<string, string>> = {}): string {
  const { diagnostics, texts } = lintSources([{ path: "a.jute", text }], {
    readInclude: (path) => includes[path],
    targets: [],
  });
  return applyFixes(diagnostics, texts).get("a.jute") ?? text;
}

describe("the rules", () => {
  it("have codes of their own, and say what they are about", () => {
    const codes = lintRules.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    const taken = Object.values(kinds).map(({ code }) => code);
    expect(codes.filter((code) => taken.includes(code))).toEqual([]);
  });

  it("stand in docs/lint.md as they are", () => {
    const page = readFileSync(new URL("../../../../docs/lint.md", import.meta.url), "utf8");
    const rows = Array.from(
      page.matchAll(/^\| (JUTE\d+) *\| (.*?) *\| (.*?) *\| (.*?) *\| (.*?) *\|$/gm),
      (cells) => cells.slice(1),
    );
    const languages = { java: "Java", c: "C" };
    expect(rows).toEqual(
      lintRules.map(({ code, target, default: level, fixable, summary }) => [
        code,
        target === undefined ? "" : languages[target],
        level ?? "warning",
        fixable === true ? "yes" : "",
        summary,
      ]),
    );
  });

  it("have nothing against the schemas of this repository, for Java and C", () => {
    const folder = new URL("../../../../jute-defs/", import.meta.url);
    const sources = readdirSync(folder).map((path) => ({
      path,
      text: readFileSync(new URL(path, folder), "utf8"),
    }));
    expect(lintSources(sources, { levels: { JUTE141: "warning" } }).diagnostics).toEqual([]);
  });
});

describe("a rule of files and style", () => {
  const good = "module m { class A { int x; } }";
  it.each([
    ["nothing wrong", good, []],
    ["a byte order mark", `\uFEFF${good}`, ["JUTE101"]],
    ["a comment at the end", `${good} // end`, ["JUTE102"]],
    ["a comment and a line break at the end", `${good} // end\n`, []],
    ["a block comment at the end", `${good} /* // end */`, []],
    ["a class in lower case", "module m { class a { int x; } }", ["JUTE150"]],
    ["a field in upper case", "module m { class A { int X_; } }", ["JUTE151"]],
    ["a module in upper case", "module M { class A { int x; } }", ["JUTE152"]],
    [
      "a class of its own module",
      "module m { class A { int x; } class B { m.A a; } }",
      ["JUTE153"],
    ],
    [
      "a class before its declaration",
      "module m { class B { A a; } class A { int x; } }",
      ["JUTE024"],
    ],
  ])("finds %s", (_, text, codes) => {
    expect(codesOf(text)).toEqual(codes);
  });

  it("wants comments", () => {
    const levels = { JUTE140: "warning", JUTE141: "error" } as const;
    expect(codesOf(good, { levels })).toEqual(["JUTE140", "JUTE141"]);
    expect(codesOf("module m { /* A */ class A { int x; /* x */ } }", { levels })).toEqual([]);
  });

  it("finds characters that Apache's compiler loses in a path", () => {
    const result = lintSources(
      [{ path: "a.jute", text: `include "\u0161.jute" ${good.replace("int x", "n.B x")}` }],
      { readInclude: () => "module n { class B { int x; } }", levels: { JUTE140: "off" } },
    );
    expect(result.diagnostics.map(({ code }) => code)).toEqual(["JUTE103"]);
  });
});

describe("includes", () => {
  const includes = {
    "b.jute": 'include "c.jute" module b { class B { c.C x; } }',
    "c.jute": "module c { class C { int x; } }",
    "d.jute": "module d { class D { int x; } }",
    // Leans on what its includer has included.
    "e.jute": "module e { class E { c.C x; } }",
  };
  const uses = (type: string) => `\n/* A */ module a { /* A */ class A { ${type} x; } }\n`;

  it.each([
    ["nothing uses", `include "d.jute"${uses("int")}`, uses("int").slice(1)],
    ["something uses", `include "c.jute"${uses("c.C")}`, undefined],
    ["something uses through it", `include "b.jute"${uses("c.C")}`, undefined],
    ["an included file leans on", `include "c.jute"\ninclude "e.jute"${uses("e.E")}`, undefined],
    [
      "that stands twice",
      `include "c.jute"\ninclude "c.jute" // again${uses("c.C")}`,
      `include "c.jute"\n // again${uses("c.C")}`,
    ],
    ["of a file that only includes", 'include "c.jute"\ninclude "d.jute"\n', undefined],
  ])("that %s", (_, text, expected) => {
    expect(fixed(text, includes)).toBe(expected ?? text);
  });

  it("are not removed where another file may see through them", () => {
    const sources = [
      { path: "a.jute", text: `include "x.jute"${uses("d.D")}` },
      { path: "x.jute", text: 'include "d.jute" module x { class X { int x; } }' },
      { path: "d.jute", text: includes["d.jute"] },
    ];
    const found = lintSources(sources).diagnostics.filter(({ code }) => code === "JUTE130");
    expect(found.map(({ span, fix }) => [span.file, fix])).toEqual([["x.jute", undefined]]);
  });
});

describe("fixes", () => {
  it("leave what the file means, and nothing to fix", () => {
    const text = "\uFEFFmodule m { class A { int x; } class B { vector<m.A> a; m.A b; } } // end";
    const after = fixed(text);
    expect(after).toBe("module m { class A { int x; } class B { vector<A> a; A b; } } // end\n");
    expect(parse({ path: "a.jute", text: after }).errors).toEqual([]);
    expect(fixed(after)).toBe(after);
  });

  it.each([
    ["a type that may have been meant", "module m { class Stat { int x; } class B { Sta s; } }"],
    ["a word that may have been meant", "module m { clas B { int x; } }"],
    ["a semicolon", "module m { class B { int x } }"],
  ])("do not guess: %s", (_, text) => {
    const { diagnostics } = lintSources([{ path: "a.jute", text }]);
    // An editor may propose it, though.
    expect(diagnostics.some(({ fix }) => fix !== undefined)).toBe(true);
    expect(fixed(text)).toBe(text);
  });

  it("keep an include whose class is misspelt", () => {
    const text = 'include "b.jute"\nmodule m { class A { b.Stt s; } }\n';
    expect(fixed(text, { "b.jute": "module b { class Stat { int x; } }" })).toBe(text);
  });
});

describe("options", () => {
  const text = "module m { class A { double x; map<int,int> m; } }";
  it("choose the languages", () => {
    expect(codesOf(text, { targets: ["java"] })).toEqual(["JUTE115", "JUTE115"]);
    expect(codesOf(text, { targets: ["c"] })).toEqual(["JUTE122", "JUTE122"]);
    expect(codesOf(text, { targets: [] })).toEqual([]);
  });

  it("choose the level of a rule, and of a warning of the compiler", () => {
    const forward = "module m { class B { A a; } class A { int x; } }";
    expect(codesOf(forward, { levels: { JUTE024: "off" } })).toEqual([]);
    const { diagnostics } = lintSources([{ path: "a.jute", text: forward }], {
      levels: { JUTE024: "error", JUTE140: "error" },
    });
    expect(new Set(diagnostics.map(({ severity }) => severity))).toEqual(new Set(["error"]));
  });

  it("refuse a code that is none", () => {
    expect(() => codesOf(text, { levels: { JUTE14O: "off" } })).toThrow(/did you mean "JUTE140"/);
    // An error of the compiler cannot be switched off.
    expect(() => codesOf(text, { levels: { JUTE020: "off" } })).toThrow(/JUTE020/);
  });
});

it("a file with syntax errors is only checked", () => {
  expect(codesOf("module M { class a { int x } }")).toEqual(["JUTE011"]);
});
