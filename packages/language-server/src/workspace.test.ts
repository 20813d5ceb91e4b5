/** What a workspace is asked for, against looking at every file of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typeNamesIn, usesOf } from "./places.js";
import { symbolsLike } from "./symbols.js";
import { Workspace } from "./workspace.js";

const NOWHERE = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const settings = { lint: {}, format: {} };

function workspaceOf(files: Readonly<Record<string, string>>): Workspace {
  const workspace = new Workspace(
    {
      read: (path) => {
        const text = files[path];
        return text === undefined ? undefined : { text };
      },
      list: (folder) => Object.keys(files).filter((path) => path.startsWith(folder)),
    },
    () => settings,
  );
  workspace.setFolders(["/w"]);
  return workspace;
}

/** Files that include each other as they like, also through one outside of the folder, and use classes that may be invisible. */
const files = fc
  .array(
    fc.record({
      includes: fc.array(
        fc.constantFrom("../w/f0.jute", "f1.jute", "f2.jute", "f3.jute", "../out.jute"),
      ),
      uses: fc.array(fc.constantFrom("A", "m0.A", "m1.A", "m2 . A", "m3/* x */.A", "vector<m0.A>")),
    }),
    { minLength: 4, maxLength: 4 },
  )
  .map((each) =>
    Object.fromEntries<string>([
      ["/out.jute", 'include "w/f2.jute"\nmodule out { class A { int x; } }'],
      ...each.map(({ includes, uses }, index): [string, string] => [
        `/w/f${String(index)}.jute`,
        [
          ...includes.map((path) => `include "${path}"`),
          `module m${String(index)} {\n  class A { int x; }\n  class B {`,
          ...uses.map((use, at) => `    ${use} f${String(at)};`),
          "  }\n}\n",
        ].join("\n"),
      ]),
    ]),
  );

describe("the uses of a class", () => {
  it("are those that every file of the workspace has", () => {
    let found = 0;
    fc.assert(
      fc.property(files, (texts) => {
        const workspace = workspaceOf(texts);
        const target = workspace.analysisOf("/w/f0.jute")?.sources.byFullName.get("m0.A")?.[0];
        if (target === undefined) throw new Error("m0.A is not declared");
        const expected = Object.keys(texts)
          .filter((path) => path.startsWith("/w/"))
          .flatMap((path) => {
            const analysis = workspaceOf(texts).analysisOf(path);
            if (analysis === undefined) throw new Error(`${path} is not there`);
            const { file, sources } = analysis;
            return typeNamesIn(file).filter(
              (name) => sources.meanings.get(name)?.fullName === "m0.A",
            );
          });
        const places = usesOf(target, workspace).map(({ span }) => span);
        expect(places).toEqual(expected.map(({ span }) => span));
        found += places.length;
      }),
    );
    expect(found).toBeGreaterThan(0);
  });
});

describe("symbols of a workspace", () => {
  it("are first those that have the query in their name, then those that have its letters", () => {
    const workspace = workspaceOf({
      "/w/a.jute": "module a { class GetDataRequest { int x; } class Agree { int x; } }",
      "/w/b.jute": "module b { class Gdr { int x; } }",
    });
    const found = symbolsLike("GDR", workspace, () => ({ uri: "", range: NOWHERE }));
    expect(found.map(({ name }) => name)).toEqual(["Gdr", "GetDataRequest"]);
  });
});

describe("parsing ahead", () => {
  const texts = Object.fromEntries(
    Array.from({ length: 40 }, (_, file) => [
      `/w/f${String(file)}.jute`,
      `module m${String(file)} {\n${"  class A { long id; vector<ustring> names; }\n".repeat(60)}}\n`,
    ]),
  );

  /** Processor time of an analysis of every file. */
  function analysisMs(workspace: Workspace): number {
    const before = process.cpuUsage();
    expect([...workspace.analyses()]).toHaveLength(40);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  it("leaves little to do for a question about all files, and stops after each", () => {
    const quickest = { before: Infinity, after: Infinity };
    for (let round = 0; round < 5; round++) {
      quickest.before = Math.min(quickest.before, analysisMs(workspaceOf(texts)));
      const workspace = workspaceOf(texts);
      expect([...workspace.parseAhead()]).toHaveLength(40);
      quickest.after = Math.min(quickest.after, analysisMs(workspace));
    }
    expect(quickest.after).toBeLessThan(quickest.before / 2);
  });

  it("leaves a very long file to the first question about it", () => {
    const long = { "/w/long.jute": `// ${"x".repeat(300_000)}\n`, ...texts };
    expect([...workspaceOf(long).parseAhead()]).toHaveLength(40);
  });
});
