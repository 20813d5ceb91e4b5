/** The library entry: texts in, files and diagnostics out. */
import * as estree from "prettier/plugins/estree";
import * as typescript from "prettier/plugins/typescript";
import { format } from "prettier/standalone";
import { describe, expect, test } from "vitest";
import { compile, CompileOptionsError, TARGETS } from "./index.js";

const PETS = {
  path: "pets.jute",
  text: "module zoo.pets { class Cat { ustring name; } class Dog { vector<Cat> chases; } }",
};
const STAFF = {
  path: "staff.jute",
  text: 'include "pets.jute" module zoo.staff { class Keeper { zoo.pets.Dog dog; map<int,Keeper> team; } }',
};

const pathsOf = ({ files }: { readonly files: readonly { readonly path: string }[] }) =>
  files.map(({ path }) => path).sort();

describe("compile", () => {
  test("gives files with the marker, the counts, and the texts that it read", async () => {
    const result = await compile([STAFF, PETS]);
    expect(pathsOf(result)).toEqual([
      "index.ts",
      "registry.ts",
      "zoo/pets/Cat.ts",
      "zoo/pets/Dog.ts",
      "zoo/pets/index.ts",
      "zoo/staff/Keeper.ts",
      "zoo/staff/index.ts",
    ]);
    for (const { text } of result.files)
      expect(text.startsWith(TARGETS.typescript.marker)).toBe(true);
    expect(result).toMatchObject({ moduleCount: 2, recordCount: 3 });
    expect([...result.texts.keys()].sort()).toEqual(["pets.jute", "staff.jute"]);
  });

  test("gives the same files for the same sources, whatever ran before", async () => {
    const first = await compile([STAFF, PETS]);
    await compile([PETS]);
    expect(await compile([STAFF, PETS])).toEqual(first);
  });

  test("gives all diagnostics and no files when a source has errors", async () => {
    const result = await compile([
      { path: "a.jute", text: "module a { class A { Nothing n; } }" },
      { path: "b.jute", text: "module b { class B { int n } }" },
    ]);
    expect(result.files).toEqual([]);
    expect(result.diagnostics.map(({ span }) => span.file)).toEqual(["a.jute", "b.jute"]);
  });

  test("gives files beside warnings", async () => {
    const result = await compile([
      { path: "a.jute", text: "module a { class A { vector<A> children; } }" },
    ]);
    expect(result.diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(pathsOf(result)).toContain("a/A.ts");
  });

  test("formats as Prettier does with its other parser", async () => {
    const options = { printWidth: 60, semi: false, useTabs: true, objectWrap: "collapse" } as const;
    const { files } = await compile([STAFF, PETS], { prettier: options });
    for (const { text } of files) {
      const plugins = [estree, typescript];
      expect(await format(text, { ...options, parser: "typescript", plugins })).toBe(text);
    }
  });

  test("leaves the emitter's layout when told so", async () => {
    const plain = await compile([PETS], { prettier: false });
    const formatted = await compile([PETS], { prettier: {} });
    expect(pathsOf(plain)).toEqual(pathsOf(formatted));
    expect(plain.files).not.toEqual(formatted.files);
  });

  test("asks for included files by their resolved path, once", async () => {
    const asked: string[] = [];
    const source = { path: "defs/staff.jute", text: STAFF.text.replace("pets", "../lib/pets") };
    const result = await compile([source], {
      readInclude: (path) => {
        asked.push(path);
        return PETS.text;
      },
    });
    expect(asked).toEqual(["lib/pets.jute"]);
    expect(pathsOf(result)).toContain("zoo/pets/Dog.ts");
  });
});

describe("which records are emitted", () => {
  test("an included file lends what is used of it, so that the output is whole", async () => {
    const lender = {
      ...PETS,
      text: PETS.text.replace("class Dog", "class Fox { int n; } class Dog"),
    };
    const result = await compile([STAFF], { readInclude: () => lender.text });
    expect(pathsOf(result)).toContain("zoo/pets/Cat.ts");
    expect(pathsOf(result)).not.toContain("zoo/pets/Fox.ts");
    expect(result.recordCount).toBe(3);
  });

  test("onlyModules leaves out what nothing in them uses", async () => {
    const pets = await compile([STAFF, PETS], { onlyModules: ["zoo.pets"] });
    expect(pets).toMatchObject({ moduleCount: 1, recordCount: 2 });
    const staff = await compile([STAFF, PETS], { onlyModules: ["zoo.staff"] });
    expect(staff).toMatchObject({ moduleCount: 2, recordCount: 3 });
  });

  test("a selection changes no file that it keeps", async () => {
    const all = new Map((await compile([STAFF, PETS])).files.map(({ path, text }) => [path, text]));
    const part = await compile([STAFF, PETS], { onlyModules: ["zoo.staff"] });
    const keeper = part.files.find(({ path }) => path === "zoo/staff/Keeper.ts");
    expect(keeper?.text).toBe(all.get("zoo/staff/Keeper.ts"));
  });

  test("modules moves a module, even into another one's directory or to the root", async () => {
    const modules = { "zoo.pets": "", "zoo.staff": "people" };
    expect(pathsOf(await compile([STAFF, PETS], { modules }))).toEqual([
      "Cat.ts",
      "Dog.ts",
      "index.ts",
      "people/Keeper.ts",
      "people/index.ts",
      "registry.ts",
    ]);
    const together = await compile([STAFF, PETS], {
      modules: { "zoo.pets": "all", "zoo.staff": "all" },
    });
    expect(pathsOf(together)).toContain("all/Keeper.ts");
    expect(pathsOf(together)).toContain("all/Cat.ts");
  });
});

describe("names that not every file system can hold", () => {
  const devices = ["CON", "prn", "Aux", "nul", "com1", "COM9", "lpt1", "Lpt9"];

  test("are given to no file and no directory", async () => {
    const classes = devices.map((name) => `class ${name} { int x; }`).join(" ");
    const modules = devices.map((name) => `module ${name}.${name} { ${classes} }`).join("\n");
    const result = await compile([{ path: "a.jute", text: modules }], { prettier: false });
    expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(result.recordCount).toBe(64);
    for (const path of pathsOf(result)) {
      for (const part of path.split("/")) {
        expect(part).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      }
    }
    // Only the files have other names: the classes and the namespaces keep theirs.
    const index = result.files.find(({ path }) => path === "index.ts");
    expect(index?.text).toContain('export * as CON from "./CON_/CON_/index.js";');
    expect(pathsOf(result)).toContain("CON_/CON_/Aux_.ts");
    expect(result.files.find(({ path }) => path === "CON_/CON_/Aux_.ts")?.text).toContain(
      "export class Aux ",
    );
  });

  test("are told from each other by more than case, directories included", async () => {
    const text = `module Data { class A { int x; } class a { int x; } }
      module data { class A { int x; } }
      module DATA.inner { class A { int x; } }
      module aux { class A { int x; } }
      module aux_ { class A { int x; } }`;
    const result = await compile([{ path: "a.jute", text }], { prettier: false });
    const paths = pathsOf(result).map((path) => path.toLowerCase());
    expect(new Set(paths).size).toBe(paths.length);
    // No directory has two spellings either: a file system without case would make them one.
    const spellings = new Map<string, string>();
    for (const path of pathsOf(result)) {
      const parts = path.split("/");
      for (let length = 1; length < parts.length; length++) {
        const directory = parts.slice(0, length).join("/");
        const known = spellings.get(directory.toLowerCase()) ?? directory;
        expect(directory).toBe(known);
        spellings.set(directory.toLowerCase(), directory);
      }
    }
    await expect(
      compile([{ path: "a.jute", text }], { modules: { Data: "wire", data: "Wire" } }),
    ).rejects.toThrow(/differ only in case.*choose another name/);
  });
});

describe("views", () => {
  const headers = {
    path: "headers.jute",
    text: "module wire { class Id { long sid; } class Header { Id from; int type; } class Note { ustring text; } }",
  };

  test("come in files of their own, with those of the records inside", async () => {
    const plain = await compile([headers]);
    const result = await compile([headers], { views: ["wire.Header"] });
    const added = pathsOf(result).filter((path) => !pathsOf(plain).includes(path));
    expect(added).toEqual(["wire/HeaderView.ts", "wire/IdView.ts"]);
    expect(result.recordCount).toBe(plain.recordCount);
  });

  test.each([
    ["wire.Heder", /no record is called "wire\.Heder".*did you mean "wire\.Header"/],
    ["wire.Note", /"wire\.Note" cannot have a view, because its size is not fixed/],
  ])("%s is refused", async (view, message) => {
    const rejection = await compile([headers], { views: [view] }).catch((error: unknown) => error);
    expect(rejection).toBeInstanceOf(CompileOptionsError);
    expect((rejection as Error).message).toMatch(message);
  });

  test("a record that is not emitted has no view either", async () => {
    const other = { path: "b.jute", text: "module other { class B { int n; } }" };
    const options = { views: ["wire.Id"], onlyModules: ["other"] };
    await expect(compile([headers, other], options)).rejects.toThrow(/not emitted/);
  });
});

describe("options that do not fit the sources are the caller's mistake", () => {
  test.each([
    [{ onlyModules: ["zoo.pet"] }, /no module is called "zoo\.pet".*zoo\.pets/],
    [{ modules: { "zoo.pet": "x" } }, /no module is called "zoo\.pet"/],
    [{ modules: { "zoo.pets": "../x" } }, /relative path/],
    [{ modules: { "zoo.pets": "/x" } }, /relative path/],
    [{ modules: { "zoo.pets": "a//b" } }, /relative path/],
    [{ modules: { "zoo.pets": "a\\b" } }, /relative path/],
    [{ modules: { "zoo.pets": "." } }, /relative path/],
    [{ modules: { "zoo.pets": "wire/AUX" } }, /Windows has no directory called "AUX"/],
    [{ modules: { "zoo.pets": "nul.d" } }, /Windows has no directory called "nul\.d"/],
    [{ modules: { "zoo.pets": "wire." } }, /Windows has no directory called "wire\."/],
  ])("%j", async (options, message) => {
    const rejection = await compile([PETS], options).catch((error: unknown) => error);
    expect(rejection).toBeInstanceOf(CompileOptionsError);
    expect((rejection as Error).message).toMatch(message);
  });
});
