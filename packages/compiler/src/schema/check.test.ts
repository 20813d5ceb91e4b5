import { describe, expect, it } from "vitest";
import { checkSources, type CheckResult } from "./check.js";
import type { RecordSchema } from "./model.js";

function check(files: Readonly<Record<string, string>>, ...given: readonly string[]): CheckResult {
  const sources = (given.length > 0 ? given : Object.keys(files).slice(0, 1)).map((path) => ({
    path,
    text: files[path] ?? "",
  }));
  return checkSources(sources, { readInclude: (path) => files[path] });
}

function recordsOf(result: CheckResult): readonly RecordSchema[] {
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return result.schema?.modules.flatMap(({ records }) => records) ?? [];
}

function codesOf({ diagnostics }: CheckResult): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

describe("includes", () => {
  it("take a file by the name that its reader gives it", () => {
    // As seen from the directory `defs`, where `../defs/b.jute` is `b.jute`.
    const texts: Readonly<Record<string, string>> = {
      "../a.jute": 'include "defs/b.jute" include "defs/c.jute" module a { class A { b.B b; } }',
      "b.jute": 'include "c.jute" module b { class B { c.C c; } }',
      "c.jute": "module c { class C { int x; } }",
    };
    const asked: string[] = [];
    const readInclude = (path: string) => {
      asked.push(path);
      const name = path.replace(/^\.\.\/defs\//, "");
      const text = texts[name];
      return text === undefined ? undefined : { text, path: name };
    };
    const sources = ["../a.jute", "b.jute"].map((path) => ({ path, text: texts[path] ?? "" }));
    const result = checkSources(sources, { readInclude });
    expect(result.diagnostics).toEqual([]);
    expect([...result.texts.keys()].sort()).toEqual(["../a.jute", "b.jute", "c.jute"]);
  });

  const files = {
    "defs/main.jute": 'include "sub/a.jute" module m { class M { a.A x; b.B y; } }',
    "defs/sub/a.jute": 'include "../b.jute" module a { class A { b.B x; } }',
    "defs/b.jute": "module b { class B { int x; } }",
  };

  it("are resolved relative to the including file, and seen through one another", () => {
    const result = check(files);
    expect([...result.texts.keys()]).toEqual(["defs/main.jute", "defs/sub/a.jute", "defs/b.jute"]);
    expect(
      recordsOf(result).map(({ fullName, emitted, file }) => [fullName, emitted, file]),
    ).toEqual([
      ["m.M", true, "defs/main.jute"],
      ["a.A", false, "defs/sub/a.jute"],
      ["b.B", false, "defs/b.jute"],
    ]);
  });

  it("are emitted when they are sources too, whatever the spelling of the path", () => {
    const result = checkSources(
      [
        { path: "./defs/main.jute", text: files["defs/main.jute"] },
        { path: "defs\\b.jute", text: files["defs/b.jute"] },
      ],
      { readInclude: (path) => (path === "defs/sub/a.jute" ? files[path] : undefined) },
    );
    expect(
      recordsOf(result)
        .filter(({ emitted }) => emitted)
        .map(({ name }) => name),
    ).toEqual(["M", "B"]);
  });

  it("are read once, however many files name them", () => {
    const reads: string[] = [];
    const includes = 'include "x.jute" include "./x.jute"';
    checkSources(
      ["a", "b"].map((path) => ({
        path,
        text: `${includes} module ${path} { class A { x.X x; } }`,
      })),
      {
        readInclude: (path) => {
          reads.push(path);
          return "module x { class X { int x; } }";
        },
      },
    );
    expect(reads).toEqual(["x.jute"]);
  });

  it("are not replaced by other files of the same run, and the missing one is named", () => {
    const result = check(
      {
        "p/a.jute": "module a { class A { b.B x; } }",
        "q/b.jute": "module b { class B { int x; } }",
      },
      "p/a.jute",
      "q/b.jute",
    );
    expect(codesOf(result)).toEqual(["JUTE020"]);
    expect(result.diagnostics[0]?.suggestion).toBe(
      'it is declared in "q/b.jute"; add: include "../q/b.jute"',
    );
  });

  it("clash only where a source is one of the files", () => {
    const twice = {
      "m.jute": 'include "a.jute" include "b.jute" module m { class M { int x; } }',
      "a.jute": "module c { class C { int x; } }",
      "b.jute": "module c { class C { int y; } }",
    };
    expect(codesOf(check(twice))).toEqual([]);
    expect(codesOf(check(twice, "m.jute", "b.jute"))).toEqual(["JUTE022"]);
  });

  it("that lead back to themselves are reported once for each circle", () => {
    expect(
      codesOf(check({ "a.jute": 'include "a.jute" module a { class A { int x; } }' })),
    ).toEqual(["JUTE031"]);
  });
});

describe("the schema", () => {
  it("knows which records are recursive, and which have an open end", () => {
    const records = recordsOf(
      check({
        a: `module m {
          class Leaf { int x; }
          class Tree { vector<Tree> children; }
          class Ping { map<int, Pong> p; } class Pong { vector<vector<Ping>> p; Leaf l; }
          class Tail { int x; /* @jute:optional */ long y; }
          class Packet { Leaf l; Tail t; }
          class Uses { Tree t; }
        }`,
      }),
    );
    const named = (test: (record: RecordSchema) => boolean): readonly string[] =>
      records.filter(test).map(({ name }) => name);
    expect(named(({ recursive }) => recursive)).toEqual(["Tree", "Ping", "Pong"]);
    expect(named(({ openEnded }) => openEnded)).toEqual(["Tail", "Packet"]);
  });

  it("gathers the parts of a module in one entry, in order of appearance", () => {
    const { schema } = check({
      a: "module m { class A { int x; } } module n { class B { int x; } } module m { class C { int x; } }",
    });
    expect(
      schema?.modules.map(({ name, records }) => [name, records.map((record) => record.name)]),
    ).toEqual([
      ["m", ["A", "C"]],
      ["n", ["B"]],
    ]);
  });

  it("refers to one and the same object for one record", () => {
    const [a, b] = recordsOf(
      check({ a: "module m { class A { int x; } class B { A a; m.A b; } }" }),
    );
    for (const field of b?.fields ?? []) {
      expect(field.type.kind === "record" && field.type.record === a).toBe(true);
    }
  });
});

describe("signatures", () => {
  const signaturesOf = (body: string): readonly string[] =>
    recordsOf(check({ a: `module m { ${body} }` })).map(({ signature }) => signature);

  it("have Java's letters", () => {
    const fields = "ustring a; buffer b; byte c; boolean d; int e; long f; float g; double h;";
    expect(
      signaturesOf(`class All { ${fields} vector<int> i; map<ustring, vector<long>> j; }`),
    ).toEqual(["LAll(sBbzilfd[i]{s[l]})"]);
  });

  it("nest, and name a record inside itself without its fields", () => {
    expect(
      signaturesOf(
        "class A { vector<B> b; } class B { map<int, A> a; C c; } class C { int x; } class D { A a; }",
      ),
    ).toEqual([
      "LA([LB({iLA()}LC(i))])",
      "LB({iLA([LB()])}LC(i))",
      "LC(i)",
      "LD(LA([LB({iLA()}LC(i))]))",
    ]);
  });

  it("stay below Java's limit for constants, by naming the nested records only", () => {
    const doubling = Array.from({ length: 40 }, (_, level) =>
      level === 0
        ? "class R0 { int x; }"
        : `class R${String(level)} { R${String(level - 1)} a; R${String(level - 1)} b; }`,
    );
    for (const signature of signaturesOf(doubling.join("\n"))) {
      expect(signature.length).toBeLessThanOrEqual(65_535);
      expect(signature).toMatch(/^LR\d+\(/);
    }
  });
});

describe("the time it takes", () => {
  const classes = (count: number): string => {
    const bodies = Array.from({ length: count }, (_, index) => {
      const link = index === 0 ? "int" : `R${String(index - 1)}`;
      return `// Record.\nclass R${String(index)} { int a; ustring b; vector<${link}> c; ${link} d; }`;
    });
    return `module m { ${bodies.join("\n")} }`;
  };

  it("lets ten thousand classes through, each holding the one before", () => {
    const { schema } = checkSources([{ path: "a", text: classes(10_000) }]);
    expect(schema?.modules[0]?.records).toHaveLength(10_000);
  });

  it("lets two thousand unknown types through without comparing all with all", () => {
    const fields = Array.from(
      { length: 2_000 },
      (_, index) => `Unknown${String(index)} f${String(index)};`,
    );
    const text = `${classes(5_000).slice(0, -1)} class U { ${fields.join("\n")} } }`;
    expect(checkSources([{ path: "a", text }]).diagnostics).toHaveLength(2_000);
  });
});
