/** Options, help and exit codes of `jute`. */
import { symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { chunks, Scratch } from "./scratch.js";

const GOOD = "module a { class A { int n; } }\n";
const BAD = "module a { class A { Nothing n; } }\n";

describe("help and version", () => {
  test.each([["--help"], ["generate", "--help"], ["check", "-h"], ["help"], ["help", "help"]])(
    "jute %s %s",
    async (...line) => {
      const { exitCode, stdout, stderr } = await new Scratch().jute(...line);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain("Examples:");
      expect(stdout).toContain("Exit codes:");
    },
  );

  test.each([["--version"], ["-V"], ["generate", "--version"], ["check", "-V"]])(
    "jute %s %s",
    async (...line) => {
      expect(await new Scratch().juteWith({ version: "1.2.3" }, ...line)).toEqual({
        exitCode: 0,
        stdout: "1.2.3\n",
        stderr: "",
      });
    },
  );
});

describe("help", () => {
  test("is the same for a command as its --help", async () => {
    for (const { name } of await listedCommands()) {
      const asked = await new Scratch().jute("help", name);
      expect(asked).toEqual(await new Scratch().jute(name, "--help"));
      expect(asked.stdout).toContain(`Usage: jute ${name}`);
    }
  });

  test("has a summary for each command, and examples and exit codes in each one's own", async () => {
    const listed = await listedCommands();
    expect(listed.map(({ name }) => name)).toContain("generate");
    for (const { name, summary } of listed) {
      expect(summary, name).toMatch(/^[A-Z].*/);
      const { stdout } = await new Scratch().jute(name, "--help");
      expect(stdout, name).toContain("Examples:");
      expect(stdout, name).toContain("Exit codes:");
    }
  });

  async function listedCommands() {
    const { stdout } = await new Scratch().jute("--help");
    const list = stdout.slice(stdout.indexOf("Commands:"), stdout.indexOf("Examples:"));
    return [...list.matchAll(/^ {2}(\w+).*? {2,}(.+)$/gm)].map(([, name = "", summary]) => ({
      name,
      summary,
    }));
  }
});

describe("wrong usage exits with 2, says why on stderr, and prints nothing else", () => {
  const files = { "a.jute": GOOD };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["no command", "", /Usage: jute/],
    ["help for an unknown command", "help generat", /unknown command 'generat'/],
    ["standard input twice", "check - -", /- stands twice/],
    ["a path of no standard input", "check a.jute --stdin-path b.jute", /name it as -/],
    ["standard input watched", "generate - -o out --watch", /cannot be watched/],
    ["an unknown command", "generat", /unknown command 'generat'/],
    ["an unknown option", "generate a.jute --out out", /unknown option '--out'/],
    ["an option without its value", "generate a.jute --out-dir", /argument missing/],
    ["an unknown form", "check a.jute --output xml", /Allowed choices are text, json, github/],
    ["an unknown ending", "generate a.jute -o o --import-extension .mjs", /Allowed choices/],
    ["a renaming without =", "generate a.jute -o o --rename-module a", /must look like/],
    ["no output directory", "generate a.jute", /--out-dir is needed/],
    ["a missing file", "generate b.jute -o out", /cannot read b\.jute: no such file/],
    ["a directory as a file", "check .", /cannot read \.: it is a directory/],
    ["a pattern without matches", "check x/*.jute", /no file matches "x\/\*\.jute"/],
    ["an unknown module", "generate a.jute -o o --module b", /no module is called "b"/],
    ["a view of no record", "generate a.jute -o o --view a.B", /no record is called "a\.B"/],
    ["a module outside", "generate a.jute -o o --rename-module a=../x", /relative path/],
    ["no files and no config", "generate", /there is no jute\.config\.json/],
    ["a missing config", "generate --config x.json", /cannot read x\.json: no such file$/m],
    ["files and a config", "generate a.jute --config x.json", /not both/],
    ["--check with --watch", "generate a.jute -o o --check --watch", /exclude each other/],
    ["--check with --force", "generate a.jute -o o --check --force", /exclude each other/],
  ];
  test.each(cases)("%s", async (_title, line, message) => {
    const scratch = new Scratch(files);
    const result = await scratch.jute(...line.split(" ").filter((word) => word !== ""));
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(scratch.tree()).toEqual(files);
  });

  test("options that a config answers are refused beside it", async () => {
    const config = JSON.stringify({ generate: [{ files: ["a.jute"], outDir: "out" }] });
    const scratch = new Scratch({ ...files, "jute.config.json": config });
    const { exitCode, stderr } = await scratch.jute(
      "generate",
      "--out-dir",
      "elsewhere",
      "--runtime",
      "x",
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--out-dir, --runtime");
  });
});

describe("files", () => {
  const tree = {
    "a.jute": 'include "sub/b.jute" module a { class A { b.B b; } }\n',
    "sub/b.jute": 'include "deep/c.jute" module b { class B { c.C c; } }\n',
    "sub/deep/c.jute": "module c { class C { int n; } }\n",
    "other/d.jute": "module d { class D { int n; } }\n",
  };
  const patterns = ["**/*.jute", "{a,sub/*,other/*,sub/deep/*}.jute", "./**/[abcd].jute"];
  const directories = ["", "sub", "sub/deep", "other"];

  test.each(directories)("a pattern means the same from the directory %j", async (directory) => {
    const scratch = new Scratch(tree);
    const cwd = scratch.path(directory);
    const root = path.relative(cwd, scratch.directory) || ".";
    for (const pattern of patterns) {
      for (const given of [`${root}/${pattern}`, `${scratch.directory}/${pattern}`]) {
        const { stdout, stderr } = await scratch.juteWith({ cwd }, "check", given);
        expect([given, stderr, stdout]).toEqual([given, "", "4 files: no problems\n"]);
      }
    }
  });

  test("a file is read once, whichever way leads to it", async () => {
    const scratch = new Scratch(tree);
    const cwd = scratch.path("sub");
    const line = ["../a.jute", "b.jute", "deep/../deep/c.jute"];
    for (const command of ["check", "lint"]) {
      const { stderr } = await scratch.juteWith({ cwd }, command, ...line);
      expect(stderr).not.toContain("JUTE022");
    }
    const made = await scratch.juteWith({ cwd }, "generate", ...line, "-o", "../out");
    expect(made).toMatchObject({ exitCode: 0, stderr: "" });
    const again = await scratch.juteWith({ cwd }, "generate", ...line, "-o", "../out", "--check");
    expect(again.exitCode).toBe(0);
  });

  test("a link that leads to itself is said to be one", async () => {
    const scratch = new Scratch();
    symlinkSync("loop.jute", scratch.path("loop.jute"));
    const { exitCode, stderr } = await scratch.jute("check", "loop.jute");
    expect(stderr).toBe("jute: cannot read loop.jute: too many symbolic links encountered\n");
    expect(exitCode).toBe(2);
  });
});

describe("check", () => {
  test("says that all is well", async () => {
    const scratch = new Scratch({ "a.jute": GOOD });
    expect(await scratch.jute("check", "a.jute")).toEqual({
      exitCode: 0,
      stdout: "1 file: no problems\n",
      stderr: "",
    });
  });

  test("finds the problems of all files in one run", async () => {
    const scratch = new Scratch({ "a.jute": BAD, "b.jute": BAD.replace("module a", "module b") });
    const { exitCode, stdout, stderr } = await scratch.jute("check", "*.jute");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("2 files: 2 errors in 2 files\n");
    expect(stderr).toContain("a.jute:1:22");
    expect(stderr).toContain("b.jute:1:22");
  });

  test("prints JSON", async () => {
    const scratch = new Scratch({ "a.jute": BAD });
    const { exitCode, stdout } = await scratch.jute("check", "a.jute", "--output", "json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: "JUTE020" }] });
  });

  test("prints GitHub annotations", async () => {
    const scratch = new Scratch({ "a.jute": BAD });
    const { stdout } = await scratch.jute("check", "a.jute", "--output", "github");
    expect(stdout).toMatch(/^::error .*file=a\.jute,line=1/);
  });

  test("colours text on a terminal, unless told otherwise", async () => {
    const scratch = new Scratch({ "a.jute": BAD });
    const stderrWith = async (env: Record<string, string>, isTTY: boolean) => {
      const written: string[] = [];
      const stderr = {
        write: (chunk: string | Uint8Array) => written.push(Buffer.from(chunk).toString()),
        isTTY,
      };
      await scratch.juteWith({ env, stderr }, "check", "a.jute");
      return written.join("");
    };
    expect(await stderrWith({}, true)).toContain("\u001b[");
    expect(await stderrWith({}, false)).not.toContain("\u001b[");
    expect(await stderrWith({ NO_COLOR: "1" }, true)).not.toContain("\u001b[");
    expect(await stderrWith({ FORCE_COLOR: "1" }, false)).toContain("\u001b[");
    expect(await stderrWith({ NO_COLOR: "1", FORCE_COLOR: "1" }, true)).not.toContain("\u001b[");
  });

  test("finds includes beside the including file, wherever it is called from", async () => {
    const scratch = new Scratch({
      "defs/a.jute": GOOD,
      "defs/b.jute": 'include "a.jute"\nmodule b { class B { a.A a; } }\n',
      "elsewhere/.keep": "",
    });
    const cwd = scratch.path("elsewhere");
    expect(await scratch.juteWith({ cwd }, "check", "../defs/b.jute")).toMatchObject({
      exitCode: 0,
    });
  });

  test("reads standard input, with includes from the working directory or where --stdin-path lies", async () => {
    const scratch = new Scratch({ "a.jute": GOOD, "defs/c.jute": GOOD });
    const stdin = () => chunks('include "a.jute"\n', "module b { class B { a.A a; } }\n");
    expect(await scratch.juteWith({ stdin: stdin() }, "check", "-")).toEqual({
      exitCode: 0,
      stdout: "1 file: no problems\n",
      stderr: "",
    });
    const elsewhere = ["check", "-", "--stdin-path", "defs/b.jute"];
    const missing = await scratch.juteWith({ stdin: stdin() }, ...elsewhere);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain("defs/b.jute:1:9");
    scratch.write("defs/a.jute", GOOD);
    expect(await scratch.juteWith({ stdin: stdin() }, ...elsewhere)).toMatchObject({ exitCode: 0 });
  });

  test("reads standard input beside files, and finds characters that a chunk cuts in two", async () => {
    const scratch = new Scratch({ "b.jute": GOOD.replace("module a", "module b") });
    const bytes = Buffer.from("/* é */ module a { class A { Nothing n; } }");
    const stdin = chunks(bytes.subarray(0, 4), bytes.subarray(4));
    const { exitCode, stdout, stderr } = await scratch.juteWith({ stdin }, "check", "-", "b.jute");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("2 files: 1 error in 1 file\n");
    expect(stderr).toContain("<stdin>:1:30");
  });

  test("gives up on a standard input that does not end", async () => {
    async function* endless() {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      for (;;) yield Promise.resolve(chunk);
    }
    const { exitCode, stderr } = await new Scratch().juteWith({ stdin: endless() }, "check", "-");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "jute: standard input has more than 64 MiB\n",
    });
  });
});
