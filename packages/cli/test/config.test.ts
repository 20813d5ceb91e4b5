/** jute.config.json: what it means, and how precisely its mistakes are told. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { TARGETS } from "@jute-ts/compiler";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../src/config.js";
import { JsonSyntaxError, parseJsonTree } from "../src/json-tree.js";
import { Scratch } from "./scratch.js";

const SCHEMA = path.resolve(import.meta.dirname, "../jute.config.schema.json");
const root = path.resolve("/project");

function problems(text: string): string[] {
  try {
    parseConfig(text, root, "jute.config.json");
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
}

describe("a good config", () => {
  test("gives entries with absolute paths", () => {
    const text = `{
      "$schema": "x",
      "generate": [{
        "files": ["a.jute", "defs/*.jute"],
        "outDir": "src/records",
        "modules": {"a.b": "b", "__proto__": "p"},
        "onlyModules": ["a.b"],
        "runtime": "#jute",
        "importExtension": "none",
        "views": ["a.b.C"]
      }]
    }`;
    expect(parseConfig(text, root, "jute.config.json").generate).toEqual([
      {
        files: ["a.jute", "defs/*.jute"],
        directory: root,
        outDir: path.join(root, "src/records"),
        modules: Object.fromEntries([
          ["a.b", "b"],
          ["__proto__", "p"],
        ]),
        onlyModules: ["a.b"],
        runtime: "#jute",
        importExtension: "",
        views: ["a.b.C"],
      },
    ]);
  });

  test("is found in a directory above, and its paths are relative to it", async () => {
    const config = { generate: [{ files: ["defs/*.jute"], outDir: "out" }] };
    const scratch = new Scratch({
      "jute.config.json": JSON.stringify(config),
      "defs/a.jute": "module a { class A { int n; } }",
      "deep/er/.keep": "",
    });
    const cwd = scratch.path("deep/er");
    const { exitCode, stdout } = await scratch.juteWith({ cwd }, "generate");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("→ ../../out:") as unknown,
    });
    expect(scratch.read("out/a/A.ts")).toContain("class A");
    expect(await scratch.juteWith({ cwd }, "check")).toMatchObject({ exitCode: 0 });
  });

  test("may generate several directories from one set of files", async () => {
    const files = ["a.jute"];
    const config = {
      generate: [
        { files, outDir: "one" },
        { files, outDir: "two", modules: { a: "" } },
      ],
    };
    const scratch = new Scratch({
      "jute.config.json": JSON.stringify(config),
      "a.jute": "module a { class A { int n; } }",
    });
    const { stdout } = await scratch.jute("generate");
    expect(stdout.split("\n").map((line) => line.slice(0, 28))).toEqual([
      "1 module, 1 record → one: 4 ",
      "1 module, 1 record → two: 3 ",
      "",
    ]);
  });
});

describe("mistakes are told with their place, all at once", () => {
  const cases: readonly (readonly [string, string, readonly (string | RegExp)[]])[] = [
    ["not JSON", '{\n  "generate": [}\n', [/^jute\.config\.json:2:16: a value is expected/]],
    ["a trailing comma", '{"generate": [],}', [/:1:17: a key in double quotes is expected/]],
    ["no object", "[]", ["jute.config.json:1:1: the config must be an object, not an array"]],
    ["nothing to do", "{}", [/:1:1: the config needs "generate"/]],
    ["an empty list", '{"generate": []}', [/:1:14: "generate" must be a list with at least one/]],
    [
      "misspelt keys",
      '{\n  "genrate": [],\n  "generate": [\n    { "files": ["a"], "outdir": "b" }\n  ]\n}',
      [
        'jute.config.json:2:3: unknown key "genrate" in the config; did you mean "generate"?',
        'jute.config.json:4:5: generate[0] needs "outDir"',
        'jute.config.json:4:23: unknown key "outdir" in generate[0]; did you mean "outDir"?',
      ],
    ],
    [
      "a key like no other",
      '{"generate": [{"files": ["a"], "outDir": "b", "zzz": 1}]}',
      [/:1:47: unknown key "zzz" in generate\[0\]; it may have "files", "outDir", /],
    ],
    [
      "wrong types",
      '{"generate": [{"files": "a", "outDir": 1, "modules": {"a": null}, "importExtension": ".mjs"}]}',
      [
        /:1:25: "files" must be a list, not a string/,
        /:1:40: "outDir" must be a string, not a number/,
        /:1:60: the directory of module "a" must be a string, not null/,
        /:1:86: "importExtension" must be one of "\.js", "\.ts", "none"/,
      ],
    ],
    [
      "a key twice",
      '{"generate": [{"files": ["a"], "files": ["b"], "outDir": "c"}]}',
      [/:1:32: "files" stands twice in generate\[0\]/],
    ],
    [
      "an indentation that cannot be",
      '{"generate": [{"files": ["a"], "outDir": "c"}], "format": {"indentWidth": 9, "useTabs": 1}}',
      [
        /:1:75: "indentWidth" must be a whole number from 1 to 8/,
        /:1:89: "useTabs" must be true or false, not a number/,
      ],
    ],
    ["endless nesting", "[".repeat(100_000), [/:1:101: this is nested more than 100 levels deep/]],
    [
      "one directory for two",
      '{"generate": [{"files": ["a"], "outDir": "c"}, {"files": ["b"], "outDir": "./c/"}]}',
      [/:1:48: generate\[1\] has the "outDir" of an earlier entry/],
    ],
  ];
  test.each(cases)("%s", (_title, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) {
      if (typeof pattern === "string") expect(found[index]).toBe(pattern);
      else expect(found[index]).toMatch(pattern);
    }
  });

  test("on the command line they are wrong usage", async () => {
    const scratch = new Scratch({ "jute.config.json": "{}" });
    expect(await scratch.jute("generate")).toMatchObject({ exitCode: 2, stdout: "" });
  });
});

describe("an output directory in another one", () => {
  const FILES = {
    "a.jute": "module shop { class A { int n; } }",
    "b.jute": "module other { class B { int n; } }",
  };
  const config = (inner: string, more: object = {}): string =>
    JSON.stringify({
      generate: [
        { files: ["b.jute"], outDir: inner, ...more },
        { files: ["a.jute"], outDir: "out" },
      ],
    });

  test.each(["out/shop", "./out/../out/shop/"])(
    "is refused where the outer one has a module there: %s",
    async (inner) => {
      const scratch = new Scratch({ ...FILES, "jute.config.json": config(inner) });
      const { exitCode, stdout, stderr } = await scratch.jute("generate");
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toMatch(
        /^jute: [^\n]* out\/shop [^\n]*, to out, writes shop\/A\.ts: [^\n]*\n$/,
      );
      expect(Object.keys(scratch.tree())).toEqual(["a.jute", "b.jute", "jute.config.json"]);
    },
  );

  // With another target the files have other names.
  test.each([
    ["out/shopping", {}],
    ["out/inner", {}],
    ["out/shop", { target: "json-schema" }],
  ])("is all right elsewhere: %s %o", async (inner, more) => {
    const scratch = new Scratch({ ...FILES, "jute.config.json": config(inner, more) });
    expect(await scratch.jute("generate")).toMatchObject({ exitCode: 0, stderr: "" });
    const first = scratch.tree();
    // What is written is up to date, and stays so, with the cache and without.
    for (const options of [["--check"], ["--check", "--no-cache"], []]) {
      expect(await scratch.jute("generate", ...options)).toMatchObject({ exitCode: 0 });
    }
    expect(scratch.tree()).toEqual(first);
  });
});

describe("the JSON schema", () => {
  interface ObjectSchema {
    readonly properties: Readonly<Record<string, unknown>>;
    readonly required: readonly string[];
  }
  const schema = JSON.parse(readFileSync(SCHEMA, "utf8")) as ObjectSchema;
  const { items } = schema.properties["generate"] as { items: ObjectSchema };

  /** The keys that the reader lists when it meets one that it does not know. */
  function known(text: string): string[] {
    const list = /it may have (.*)$/.exec(problems(text)[0] ?? "")?.[1] ?? "";
    return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  }

  test("knows the same keys as the reader", () => {
    expect(Object.keys(schema.properties)).toEqual(known('{"zzzzzz": 1, "generate": []}'));
    const entry = '{"generate": [{"files": ["a"], "outDir": "b", "zzzzzz": 1}]}';
    expect(Object.keys(items.properties)).toEqual(known(entry));
    for (const key of ["format", "lint"]) {
      const section = schema.properties[key] as ObjectSchema;
      const text = `{"generate": [{"files": ["a"], "outDir": "b"}], "${key}": {"zzzzzz": 1}}`;
      expect(Object.keys(section.properties)).toEqual(known(text));
    }
  });

  test("knows the targets of the compiler", () => {
    expect(items.properties["target"]).toMatchObject({ enum: Object.keys(TARGETS) });
  });

  test("requires the same keys as the reader", () => {
    expect(problems("{}").map((line) => /needs "(\w+)"/.exec(line)?.[1])).toEqual(schema.required);
    const missing = problems('{"generate": [{}]}').map((line) => /needs "(\w+)"/.exec(line)?.[1]);
    expect(missing).toEqual(items.required);
  });
});

describe("the JSON reader agrees with JSON.parse", () => {
  const documents = [
    '{"a": [1, -2.5e3, true, false, null, "\\u00e9\\n\\"x"], "b": {}, "c": []}',
    '"text"',
    " 0 ",
    "-0",
    "1e999",
    "",
    "{",
    "[1,]",
    "[1 2]",
    "01",
    "+1",
    ".5",
    "1.",
    "nul",
    "'a'",
    '"a\nb"',
    '"\\x"',
    '{"a" 1}',
    "{a: 1}",
    "[] []",
    "[[[[]]]]",
    '{"a": {"b": {"c": [{}]}}}',
  ];

  function plain(node: ReturnType<typeof parseJsonTree>): unknown {
    switch (node.kind) {
      case "object":
        return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
      case "array":
        return node.items.map(plain);
      default:
        return node.value;
    }
  }

  test.each(documents)("%j", (text) => {
    let expected: unknown;
    try {
      expected = JSON.parse(text);
    } catch {
      expect(() => parseJsonTree(text)).toThrow(JsonSyntaxError);
      return;
    }
    expect(plain(parseJsonTree(text))).toEqual(expected);
  });
});
