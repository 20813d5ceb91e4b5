/** `jute lint`: its options, its exit codes, and what --fix writes. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { chunks, Scratch } from "./scratch.js";

const GOOD = "module good { /* A */ class A { int n; } }\n";
const TRAP = "module a { /* A */ class A { int tag; a.B b; } /* B */ class B { float f; } }\n";

describe("jute lint", () => {
  test("exits with 0 for warnings, and with 1 beyond --max-warnings and for errors", async () => {
    const scratch = new Scratch({ "a.jute": TRAP });
    const found = await scratch.jute("lint", "a.jute");
    expect(found.exitCode).toBe(0);
    expect(found.stdout).toBe("1 file: 4 warnings in 1 file; --fix repairs 1\n");
    expect(found.stderr).toContain("JUTE112");
    const exit = async (...line: string[]) => (await scratch.jute("lint", ...line)).exitCode;
    expect(await exit("a.jute", "--max-warnings", "4")).toBe(0);
    expect(await exit("a.jute", "--max-warnings", "3")).toBe(1);
    expect(await exit("a.jute", "--level", "JUTE112=error")).toBe(1);
    expect(await exit("a.jute", "--level", "JUTE112=error", "--target", "c")).toBe(0);
  });

  test("reads targets and levels from the config, for named files, too", async () => {
    const config = {
      generate: [{ files: ["a.jute"], outDir: "out" }],
      lint: { targets: ["c"], levels: { JUTE024: "off", JUTE153: "off" } },
    };
    const scratch = new Scratch({ "a.jute": TRAP, "jute.config.json": JSON.stringify(config) });
    expect((await scratch.jute("lint")).stdout).toBe("1 file: 1 warning in 1 file\n");
    expect((await scratch.jute("lint", "a.jute")).stdout).toBe("1 file: 1 warning in 1 file\n");
    const all = await scratch.jute(
      "lint",
      "a.jute",
      "--target",
      "none",
      "--level",
      "JUTE153=error",
    );
    expect(all.stdout).toBe("1 file: 1 error in 1 file; --fix repairs 1\n");
  });

  test.each([
    ['{"generate": [], "lint": {"targets": ["go"]}}', /"targets" may hold "java", "c"/],
    ['{"generate": [], "lint": {"levels": {"JUTE140": 1}}}', /must be one of "off"/],
    ['{"generate": [], "lint": {"levels": {"JUTE14": "off"}}}', /did you mean "JUTE1\d\d"/],
  ])("refuses the config %s", async (config, reason) => {
    const scratch = new Scratch({ "a.jute": GOOD, "jute.config.json": config });
    const { exitCode, stderr } = await scratch.jute("lint", "a.jute");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(reason);
  });

  test("--fix rewrites the files that it can repair, and reports what is left", async () => {
    const scratch = new Scratch({ "a.jute": TRAP, "b.jute": GOOD });
    const { exitCode, stdout } = await scratch.jute("lint", "--fix", "a.jute", "b.jute");
    expect(exitCode).toBe(0);
    expect(stdout).toBe("2 files: 3 warnings in 1 file\n  fixed  a.jute\n");
    expect(scratch.read("a.jute")).toBe(TRAP.replace("a.B", "B"));
  });

  test("--fix leaves a file alone that is not UTF-8 or has mistakes", async () => {
    const scratch = new Scratch({ "b.jute": "module b { clas B { int x } }\n" });
    const latin = Buffer.from("module a { /* caf\u00e9 */ class A { int x } }\n", "latin1");
    scratch.write("a.jute", latin);
    const { exitCode, stdout } = await scratch.jute("lint", "--fix", "a.jute", "b.jute");
    expect({ exitCode, fixed: stdout.includes("fix") }).toEqual({ exitCode: 1, fixed: false });
    expect(readFileSync(scratch.path("a.jute"))).toEqual(latin);
    expect(scratch.read("b.jute")).toBe("module b { clas B { int x } }\n");
  });

  test("reads standard input, and prints JSON and annotations", async () => {
    const line = ["lint", "-", "--stdin-path", "x.jute", "--target", "java"];
    const run = (output: string) =>
      new Scratch().juteWith({ stdin: chunks(TRAP) }, ...line, "--output", output);
    const json = JSON.parse((await run("json")).stdout) as unknown;
    expect(json).toMatchObject({ files: 1, fixed: [], diagnostics: [{ code: "JUTE112" }, {}, {}] });
    expect((await run("github")).stdout).toMatch(/^::warning file=x\.jute,line=1/);
  });

  test.each([
    [["lint", "-", "--fix"], /cannot be fixed/],
    [["lint", "a.jute", "--target", "go"], /java, c or none/],
    [["lint", "a.jute", "--level", "JUTE140"], /JUTE140=off/],
    [["lint", "a.jute", "--level", "JUTE999=off"], /no rule has the code/],
    [["lint", "a.jute", "--max-warnings", "-1"], /must be a number/],
  ])("refuses jute %j", async (line, reason) => {
    const scratch = new Scratch({ "a.jute": GOOD });
    const { exitCode, stderr } = await scratch.juteWith({ stdin: chunks(GOOD) }, ...line);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
