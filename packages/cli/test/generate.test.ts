/** What `jute generate` does to an output directory. */
import { mkdirSync, statSync, utimesSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { TARGETS } from "@jute-ts/compiler";
import { Scratch } from "./scratch.js";

const PETS = `module zoo.pets {
  class Cat { ustring name; int lives; }
  class Dog { ustring name; vector<zoo.pets.Cat> chases; }
}
`;
const KEEPERS = `include "pets.jute"
module zoo.staff { class Keeper { vector<zoo.pets.Dog> dogs; } }
`;

function zoo(more: Readonly<Record<string, string>> = {}): Scratch {
  return new Scratch({ "pets.jute": PETS, "keepers.jute": KEEPERS, ...more });
}

describe("generate", () => {
  test("writes one file a record, an index a module, and the registry", async () => {
    const scratch = zoo();
    const result = await scratch.jute("generate", "pets.jute", "--out-dir", "out");
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toMatch(
      /^1 module, 2 records → out: 5 written, 0 unchanged in \d+\.\d+ s\n$/,
    );
    expect(Object.keys(scratch.tree("out"))).toEqual([
      "index.ts",
      "registry.ts",
      "zoo/pets/Cat.ts",
      "zoo/pets/Dog.ts",
      "zoo/pets/index.ts",
    ]);
  });

  test("touches only files whose content changes", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "pets.jute", "-o", "out");
    const longAgo = new Date("2001-02-03T04:05:06Z");
    for (const file of Object.keys(scratch.tree("out"))) {
      utimesSync(scratch.path(`out/${file}`), longAgo, longAgo);
    }
    scratch.write("pets.jute", PETS.replace("chases", "hunts"));
    const { stdout } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(stdout).toContain("1 written, 4 unchanged");
    const changed = Object.keys(scratch.tree("out")).filter(
      (file) => statSync(scratch.path(`out/${file}`)).mtimeMs !== longAgo.getTime(),
    );
    expect(changed).toEqual(["zoo/pets/Dog.ts"]);
  });

  test("leaves the old output untouched when a source has an error", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "pets.jute", "-o", "out");
    const before = scratch.tree("out");
    scratch.write("pets.jute", PETS.replace("ustring name", "ustrin name"));
    const { exitCode, stderr } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("pets.jute:2:15");
    expect(scratch.tree("out")).toEqual(before);
  });

  test("writes for no entry of a config when one of them has an error", async () => {
    const scratch = zoo({
      "bad.jute": "module b { class B { Nothing n; } }",
      "jute.config.json": JSON.stringify({
        generate: [
          { files: ["pets.jute"], outDir: "good" },
          { files: ["bad.jute"], outDir: "bad" },
        ],
      }),
    });
    expect(await scratch.jute("generate")).toMatchObject({ exitCode: 1 });
    expect(Object.keys(scratch.tree())).toEqual([
      "bad.jute",
      "jute.config.json",
      "keepers.jute",
      "pets.jute",
    ]);
  });

  test("leaves no temporary files when the disk refuses half of the output", async () => {
    const scratch = zoo({ "out/zoo/staff": "A file where a directory should go.\n" });
    const before = scratch.tree("out");
    const { exitCode, stderr } = await scratch.jute("generate", "keepers.jute", "-o", "out");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot write the output");
    expect(scratch.tree("out")).toEqual(before);
  });

  test("fails as a whole when a directory stands where a file should go", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "pets.jute", "-o", "out");
    const before = scratch.tree("out");
    mkdirSync(scratch.path("out/zoo/staff/Keeper.ts"), { recursive: true });
    const { exitCode, stderr } = await scratch.jute("generate", "keepers.jute", "-o", "out");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^jute: cannot read .*Keeper\.ts: /);
    expect(scratch.tree("out")).toEqual(before);
  });

  test("deletes generated files that nothing produces any more, and says which", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "pets.jute", "keepers.jute", "-o", "out");
    const { stdout } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(stdout).toContain("2 deleted");
    expect(stdout).toContain("  deleted  out/zoo/staff/Keeper.ts\n");
    expect(Object.keys(scratch.tree("out")).filter((file) => file.includes("staff"))).toEqual([]);
  });

  test("never deletes a file that it did not generate", async () => {
    const scratch = zoo({ "out/mine.ts": "export {};\n", "out/README.md": "Mine.\n" });
    const { exitCode } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(exitCode).toBe(0);
    expect(scratch.tree("out")).toMatchObject({
      "mine.ts": "export {};\n",
      "README.md": "Mine.\n",
    });
  });

  test("never deletes the output of another run that lies below its own", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "keepers.jute", "-o", "src/zoo");
    const inner = scratch.tree("src/zoo");
    const { stdout } = await scratch.jute("generate", "pets.jute", "-o", "src");
    expect(stdout).not.toContain("deleted");
    expect(scratch.tree("src/zoo")).toMatchObject(inner);
  });

  test("replaces a foreign file by force only", async () => {
    const scratch = zoo({ "out/index.ts": "// mine\n" });
    const refused = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("  out/index.ts\n");
    expect(refused.stderr).toContain("--force");
    expect(scratch.tree("out")).toEqual({ "index.ts": "// mine\n" });
    const forced = await scratch.jute("generate", "pets.jute", "-o", "out", "--force");
    expect(forced.exitCode).toBe(0);
    expect(scratch.read("out/index.ts").startsWith(TARGETS.typescript.marker)).toBe(true);
  });
});

describe("generate --check", () => {
  test("lists stale, missing, orphaned and foreign files, and writes nothing", async () => {
    const scratch = zoo();
    await scratch.jute("generate", "pets.jute", "keepers.jute", "-o", "out");
    const clean = await scratch.jute(
      "generate",
      "pets.jute",
      "keepers.jute",
      "-o",
      "out",
      "--check",
    );
    expect(clean).toMatchObject({ exitCode: 0 });
    expect(clean.stdout).toBe("2 modules, 3 records → out: up to date\n");

    scratch.write("keepers.jute", KEEPERS.replaceAll("Keeper", "Warden"));
    scratch.write("out/zoo/pets/Cat.ts", `${scratch.read("out/zoo/pets/Cat.ts")}// edited\n`);
    scratch.write("out/zoo/pets/Dog.ts", "// mine\n");
    const before = scratch.tree("out");
    const { exitCode, stdout } = await scratch.jute(
      "generate",
      "pets.jute",
      "keepers.jute",
      "-o",
      "out",
      "--check",
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain("  stale    out/zoo/pets/Cat.ts\n");
    expect(stdout).toContain("  missing  out/zoo/staff/Warden.ts\n");
    expect(stdout).toContain("  orphan   out/zoo/staff/Keeper.ts\n");
    expect(stdout).toContain("  foreign  out/zoo/pets/Dog.ts\n");
    expect(scratch.tree("out")).toEqual(before);
  });

  test("annotates the files in GitHub's form", async () => {
    const scratch = zoo();
    const { exitCode, stdout } = await scratch.jute(
      "generate",
      "pets.jute",
      "-o",
      "out,1",
      "--check",
      "--output",
      "github",
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "::error file=out%2C1/registry.ts,title=jute generate --check::missing",
    );
  });
});

describe("what is emitted", () => {
  test("includes what an included file lends, so that the output is whole", async () => {
    const scratch = zoo();
    const { stdout } = await scratch.jute("generate", "keepers.jute", "-o", "out");
    expect(stdout).toMatch(/^2 modules, 3 records/);
    expect(Object.keys(scratch.tree("out"))).toContain("zoo/pets/Cat.ts");
  });

  test("--module leaves out other modules, and --rename-module moves what is left", async () => {
    const scratch = zoo();
    const arguments_ = ["generate", "pets.jute", "keepers.jute", "-o", "out"];
    await scratch.jute(
      ...arguments_,
      "--module",
      "zoo.pets",
      "--rename-module",
      "zoo.pets=animals",
    );
    expect(Object.keys(scratch.tree("out"))).toEqual([
      "animals/Cat.ts",
      "animals/Dog.ts",
      "animals/index.ts",
      "index.ts",
      "registry.ts",
    ]);
  });

  test("--runtime and --import-extension decide the imports", async () => {
    const scratch = zoo();
    await scratch.jute(
      "generate",
      "pets.jute",
      "-o",
      "out",
      "--runtime",
      "#jute",
      "--import-extension",
      "none",
    );
    const dog = scratch.read("out/zoo/pets/Dog.ts");
    expect(dog).toContain('from "#jute"');
    expect(dog).toContain('from "./Cat"');
  });
});

describe("formatting", () => {
  test("follows the project's Prettier configuration, overrides and .editorconfig", async () => {
    const scratch = zoo({
      ".editorconfig": "root = true\n[*]\nindent_style = tab\n",
      ".prettierrc.json": JSON.stringify({
        singleQuote: true,
        overrides: [{ files: "out/**/Cat.ts", options: { semi: false } }],
      }),
    });
    await scratch.jute("generate", "pets.jute", "-o", "out");
    const cat = scratch.read("out/zoo/pets/Cat.ts");
    const dog = scratch.read("out/zoo/pets/Dog.ts");
    const shared = { parser: "typescript", singleQuote: true, useTabs: true };
    expect(cat).toContain("\tname");
    // Prettier itself, with its other parser, is the judge.
    expect(await format(cat, { ...shared, semi: false })).toBe(cat);
    expect(await format(dog, shared)).toBe(dog);
    expect(await format(dog, { ...shared, semi: false })).not.toBe(dog);
  });

  test("is not confused by a cache that was damaged or that knows another configuration", async () => {
    // Only what needs Prettier is remembered, and this asks for it.
    const scratch = zoo({ "node_modules/.keep": "", ".prettierrc": "semi: false" });
    await scratch.jute("generate", "pets.jute", "-o", "out");
    const first = scratch.tree("out");
    const ledger = Object.keys(scratch.tree("node_modules/.cache/jute"));
    expect(ledger).toHaveLength(1);

    scratch.write("out/zoo/pets/Cat.ts", `${scratch.read("out/zoo/pets/Cat.ts")}// edited\n`);
    await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(scratch.tree("out")).toEqual(first);

    for (const damage of ["", "null", "[1]", '{"a": 1}', "{", "\0"]) {
      scratch.write(`node_modules/.cache/jute/${ledger[0] ?? ""}`, damage);
      const { stdout } = await scratch.jute("generate", "pets.jute", "-o", "out");
      expect(stdout).toContain("0 written, 5 unchanged");
    }

    scratch.write(".prettierrc", "singleQuote: true");
    const { stdout } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(stdout).toContain("5 written");
    expect(scratch.read("out/registry.ts")).toContain("from '@jute-ts/runtime/codegen'");
  });

  test("--no-cache leaves nothing behind", async () => {
    const scratch = zoo({ "node_modules/.keep": "", ".prettierrc": "semi: false" });
    await scratch.jute("generate", "pets.jute", "-o", "out", "--no-cache");
    expect(Object.keys(scratch.tree("node_modules"))).toEqual([".keep"]);
  });

  test("says what is wrong with a Prettier configuration that cannot be read", async () => {
    const scratch = zoo({ ".prettierrc.json": "{" });
    const { exitCode, stderr } = await scratch.jute("generate", "pets.jute", "-o", "out");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Prettier configuration");
  });
});

describe("generate --output json", () => {
  test("prints one document with diagnostics and files", async () => {
    const scratch = zoo();
    const { stdout, stderr } = await scratch.jute(
      "generate",
      "pets.jute",
      "-o",
      "out",
      "--output",
      "json",
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      result: "written",
      diagnostics: [],
      outputs: [
        {
          outDir: "out",
          modules: 1,
          records: 2,
          files: expect.arrayContaining([
            { path: "zoo/pets/Cat.ts", status: "written" },
          ]) as unknown,
        },
      ],
    });
  });
});
