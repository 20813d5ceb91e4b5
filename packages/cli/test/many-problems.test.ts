/** That what a person has to read stays short: capped lists, and no talk about what is legal. */
import { describe, expect, test } from "vitest";
import { Scratch } from "./scratch.js";

describe("a file with very many mistakes", () => {
  const broken = (module: string, count: number): string => {
    const fields = Array.from(
      { length: count },
      (_, i) => `Unknown f${String(i)};
`,
    );
    return `module ${module} { class A {
${fields.join("")} } }`;
  };

  test.each(["text", "json", "github"])(
    "is told the first hundred and the rest, as %s",
    async (format) => {
      const scratch = new Scratch({ "a.jute": broken("m", 20_000), "b.jute": broken("n", 100) });
      const { exitCode, stdout, stderr } = await scratch.jute(
        "check",
        "a.jute",
        "b.jute",
        "--output",
        format,
      );
      expect(exitCode).toBe(1);
      const output = stdout + stderr;
      expect(output.length).toBeLessThan(200_000);
      expect(output).toMatch(/JUTE062.*?19900 more problems in this file/s);
      expect(output.match(/more problems? in this file/g)).toHaveLength(1);
      if (format === "text") expect(stdout).toContain("more than 200 errors in 2 files");
    },
  );
});

describe("a file with very many warnings", () => {
  const classes = (count: number): string =>
    Array.from({ length: count }, (_, i) => `class A${String(i)} { int x; }`).join("\n");

  test("is told that there are more as a warning, as they are", async () => {
    const scratch = new Scratch({ "a.jute": `module m {\n${classes(150)}\n}` });
    const { exitCode, stdout } = await scratch.jute("lint", "a.jute", "--output", "json");
    expect(exitCode).toBe(0);
    const found = JSON.parse(stdout) as { diagnostics: { code: string; severity: string }[] };
    expect(found.diagnostics.find(({ code }) => code === "JUTE062")?.severity).toBe("warning");
    expect(found.diagnostics.map(({ severity }) => severity)).not.toContain("error");
  });

  test("and an error behind them, is told that there are more as an error", async () => {
    const scratch = new Scratch({
      "a.jute": `module m {\n${classes(150)}\nclass Z { Unknown x; }\n}`,
    });
    const { exitCode, stdout } = await scratch.jute("lint", "a.jute", "--output", "json");
    expect(exitCode).toBe(1);
    const found = JSON.parse(stdout) as { diagnostics: { code: string; severity: string }[] };
    expect(found.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  });
});

describe("records that hold themselves", () => {
  const TREE = `module m {
    class Tree { vector<Tree> children; map<ustring, Tree> byName; }
    class Node { vector<Later> later; }
    class Later { int x; }
  }`;

  test("are generated without a word", async () => {
    const scratch = new Scratch({ "a.jute": TREE });
    const { exitCode, stderr, stdout } = await scratch.jute("generate", "a.jute", "-o", "out");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^1 module, 3 records/);
  });

  test("get one warning for a file from jute check, and do not fail it", async () => {
    const scratch = new Scratch({ "a.jute": TREE });
    const { exitCode, stderr } = await scratch.jute("check", "a.jute");
    expect(exitCode).toBe(0);
    expect(stderr.match(/JUTE024/g)).toHaveLength(1);
    expect(stderr).toContain(
      'a.jute:2:25 - warning JUTE024: "Tree" is used before its declaration ends, as are classes in 2 more places',
    );
    expect(stderr.trimEnd().split("\n")).toHaveLength(3);
  });
});
