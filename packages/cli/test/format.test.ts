/** `jute format`: what it writes, what it prints, and when it leaves everything as it was. */
import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chunks, Scratch } from "./scratch.js";

const MESSY = "module a{class A{int n;//x\n}}";
const TIDY = "module a {\n    class A {\n        int n; //x\n    }\n}\n";
const BROKEN = "module a { class A { int n } }\n";

describe("jute format", () => {
  test("rewrites what is not formatted, and leaves the rest with its time", async () => {
    const scratch = new Scratch({ "a.jute": MESSY, "b.jute": TIDY });
    utimesSync(scratch.path("b.jute"), 1, 1);
    chmodSync(scratch.path("a.jute"), 0o640);
    expect(await scratch.jute("format", "*.jute")).toEqual({
      exitCode: 0,
      stdout: "2 files: 1 rewritten\n  rewritten  a.jute\n",
      stderr: "",
    });
    expect(readFileSync(scratch.path("a.jute"), "utf8")).toBe(TIDY);
    expect(statSync(scratch.path("a.jute")).mode & 0o777).toBe(0o640);
    expect(statSync(scratch.path("b.jute")).mtimeMs).toBe(1000);
    expect(Object.keys(scratch.tree())).toEqual(["a.jute", "b.jute"]);
    const { stdout } = await scratch.jute("format", "*.jute");
    expect(stdout).toBe("2 files: formatted already\n");
  });

  test("writes nothing at all when one file is broken", async () => {
    const scratch = new Scratch({ "a.jute": MESSY, "b.jute": BROKEN });
    const { exitCode, stdout, stderr } = await scratch.jute("format", "a.jute", "b.jute");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("2 files: 1 error in 1 file\n");
    expect(stderr).toContain("b.jute:1:27");
    expect(readFileSync(scratch.path("a.jute"), "utf8")).toBe(MESSY);
  });

  test("writes nothing over a file that is not UTF-8", async () => {
    const scratch = new Scratch();
    scratch.write("a.jute", Buffer.from("// \xe4\nmodule a{class A{int n;}}", "latin1"));
    const { exitCode, stderr } = await scratch.jute("format", "a.jute");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("JUTE006");
    expect(readFileSync(scratch.path("a.jute"))[3]).toBe(0xe4);
  });

  test("rewrites what a symbolic link leads to", async () => {
    const scratch = new Scratch({ "a.jute": MESSY });
    symlinkSync("a.jute", scratch.path("link.jute"));
    await scratch.jute("format", "link.jute");
    expect(lstatSync(scratch.path("link.jute")).isSymbolicLink()).toBe(true);
    expect(readFileSync(scratch.path("a.jute"), "utf8")).toBe(TIDY);
  });

  test("has the indentation of the config, for named files, too, unless options say otherwise", async () => {
    const config = {
      generate: [{ files: ["a.jute"], outDir: "out" }],
      format: { indentWidth: 2, useTabs: true },
    };
    const scratch = new Scratch({ "a.jute": MESSY, "jute.config.json": JSON.stringify(config) });
    const lineAfter = async (...line: string[]) => {
      expect(await scratch.jute("format", ...line)).toMatchObject({ exitCode: 0 });
      return scratch.read("a.jute").split("\n")[1];
    };
    expect(await lineAfter("a.jute")).toBe("\tclass A {");
    expect(await lineAfter("--no-use-tabs")).toBe("  class A {");
    expect(await lineAfter("a.jute", "--no-use-tabs", "--indent-width", "3")).toBe("   class A {");
    expect(await lineAfter()).toBe("\tclass A {");
  });

  test("formats the files of the config when none are named", async () => {
    const config = { generate: [{ files: ["defs/*.jute"], outDir: "out" }] };
    const scratch = new Scratch({
      "defs/a.jute": MESSY,
      "jute.config.json": JSON.stringify(config),
    });
    expect((await scratch.jute("format")).exitCode).toBe(0);
    expect(readFileSync(scratch.path("defs/a.jute"), "utf8")).toBe(TIDY);
  });

  test("takes the width of an indentation, or tabs", async () => {
    const scratch = new Scratch();
    const stdin = () => ({ stdin: chunks(MESSY) });
    const narrow = await scratch.juteWith(stdin(), "format", "-", "--indent-width", "2");
    expect(narrow.stdout).toBe(TIDY.replaceAll("    ", "  "));
    const tabs = await scratch.juteWith(stdin(), "format", "-", "--use-tabs");
    expect(tabs.stdout).toBe(TIDY.replaceAll("    ", "\t"));
    const refused = await scratch.jute("format", "a.jute", "--indent-width", "9");
    expect(refused.exitCode).toBe(2);
  });
});

describe("jute format -", () => {
  test("writes the formatted text to standard output", async () => {
    const result = await new Scratch().juteWith({ stdin: chunks(MESSY) }, "format", "-");
    expect(result).toEqual({ exitCode: 0, stdout: TIDY, stderr: "" });
  });

  test("writes nothing there for a broken text", async () => {
    const result = await new Scratch().juteWith({ stdin: chunks(BROKEN) }, "format", "-");
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("<stdin>:1:27");
  });

  test.each([
    [["format", "-", "a.jute"], /by itself/],
    [["format", "-", "--output", "json"], /needs --check/],
  ])("refuses jute %j", async (line, reason) => {
    const scratch = new Scratch({ "a.jute": TIDY });
    const { exitCode, stderr } = await scratch.juteWith({ stdin: chunks(MESSY) }, ...line);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(reason);
  });
});

describe("jute format --check", () => {
  test("names what is not formatted, writes nothing, and exits with 1", async () => {
    const scratch = new Scratch({ "a.jute": MESSY, "b.jute": TIDY });
    const { exitCode, stdout, stderr } = await scratch.jute("format", "--check", "*.jute");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("2 files: 1 not formatted\n");
    expect(stderr).toContain("a.jute:1:1");
    expect(stderr).toContain("JUTE070");
    expect(readFileSync(scratch.path("a.jute"), "utf8")).toBe(MESSY);
  });

  test("is content with formatted files", async () => {
    const scratch = new Scratch({ "b.jute": TIDY });
    expect(await scratch.jute("format", "--check", "b.jute")).toEqual({
      exitCode: 0,
      stdout: "1 file: formatted\n",
      stderr: "",
    });
  });

  test("prints JSON and annotations", async () => {
    const scratch = new Scratch({ "a.jute": MESSY, "b.jute": TIDY });
    const json = await scratch.jute("format", "--check", "a.jute", "b.jute", "--output", "json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      files: [
        { path: "a.jute", status: "unformatted" },
        { path: "b.jute", status: "formatted" },
      ],
      diagnostics: [{ code: "JUTE070" }],
    });
    const github = await scratch.jute("format", "--check", "a.jute", "--output", "github");
    expect(github.stdout).toMatch(/^::error file=a\.jute,line=1/);
  });
});
