/** Names in the output, through the whole compiler: what is promised in docs/generated-code.md. */
import { describe, expect, it } from "vitest";
import { checkSources } from "../../schema/check.js";
import type { TargetSettings } from "../target.js";
import { typeScript } from "./index.js";

function emit(text: string, options: TargetSettings = {}): ReadonlyMap<string, string> {
  const { schema, diagnostics } = checkSources([{ path: "names.jute", text }]);
  if (schema === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return new Map(typeScript.emit(schema, options).map((file) => [file.path, file.text]));
}

describe("names", () => {
  it("of classes give way to reserved words and to globals", () => {
    const files = emit(
      "module m { class Map { int a; } class delete { int a; } class String { int a; } }",
    );
    expect(files.get("m/index.ts")).toContain('export { Map_, type Map_Init } from "./Map_.js";');
    expect(files.get("m/index.ts")).toContain(
      'export { delete_, type delete_Init } from "./delete_.js";',
    );
    expect(files.get("m/index.ts")).toContain(
      'export { String, type StringInit } from "./String.js";',
    );
    expect(files.get("m/Map_.ts")).toContain('fullName: "m.Map"');
  });

  it("of fields give way to members of the class, and keep reserved words", () => {
    const files = emit(
      "module m { class A { int toString; int toString_; int constructor; int delete; } }",
    );
    const text = files.get("m/A.ts") ?? "";
    expect(text).toMatch(/^ {2}toString__!: number;$/m);
    expect(text).toMatch(/^ {2}toString_!: number;$/m);
    expect(text).toMatch(/^ {2}constructor_!: number;$/m);
    expect(text).toMatch(/^ {2}delete!: number;$/m);
    expect(text).toContain('{ name: "toString", property: "toString__", type: { kind: "int" } }');
  });

  it("of constructor types give way to records", () => {
    const files = emit("module m { class Foo { int a; } class FooInit { int a; } }");
    expect(files.get("m/index.ts")).toContain('export { Foo, type FooInit_ } from "./Foo.js";');
    expect(files.get("m/index.ts")).toContain(
      'export { FooInit, type FooInitInit } from "./FooInit.js";',
    );
  });

  it("of files differ in more than case, and leave index and registry alone", () => {
    const files = emit(
      "module m { class foo { int a; } class Foo { int a; } class Index { int a; } }",
      {
        moduleDirectory: () => "",
      },
    );
    const paths = [...files.keys()];
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
    expect(paths.sort()).toEqual(["Foo_.ts", "Index_.ts", "foo.ts", "index.ts", "registry.ts"]);
  });

  it("of modules are their last segments where those are unique", () => {
    const files = emit(
      "module a.x { class A { int a; } } module b.x { class B { int a; } } module c.y { class C { int a; } }",
    );
    expect(files.get("index.ts")).toContain('export * as a_x from "./a/x/index.js";');
    expect(files.get("index.ts")).toContain('export * as b_x from "./b/x/index.js";');
    expect(files.get("index.ts")).toContain('export * as y from "./c/y/index.js";');
  });

  it("of classes in two modules get an alias where a file needs both", () => {
    const files = emit(
      "module a { class Stat { int x; } } module b { class Stat { a.Stat inner; } }",
    );
    expect(files.get("b/Stat.ts")).toContain("import { Stat as Stat_");
    expect(files.get("b/Stat.ts")).toContain("inner!: Stat_;");
  });
});
