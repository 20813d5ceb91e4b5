/** The page of invariants, the table that it is written from, and the checkers that a run has: all the same. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { calmSettings } from "../world/settings.js";
import { allCheckers, isJudge } from "./all-checkers.js";
import { describeInvariants, INVARIANTS } from "./invariants.js";

const PAGE = new URL("../../INVARIANTS.md", import.meta.url);
const SOURCE = new URL("../", import.meta.url);

describe("INVARIANTS.md", () => {
  it("is what the table says", () => {
    if (process.env["UPDATE"] === "1") writeFileSync(PAGE, describeInvariants());
    expect(readFileSync(PAGE, "utf8")).toBe(describeInvariants());
  });
});

describe("the table of invariants", () => {
  it("has a file for each, and each only once", () => {
    for (const { file } of INVARIANTS)
      expect(existsSync(new URL(`${file}.ts`, SOURCE)), file).toBe(true);
    expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
  });

  it("has exactly the checkers of a run, in their order", () => {
    const judges = allCheckers(calmSettings(3)).filter(isJudge);
    const listed = INVARIANTS.filter(({ file }) => file.startsWith("checkers/"));
    expect(listed.map(({ file }) => file)).toEqual(judges.map(({ name }) => `checkers/${name}`));
  });

  it("has every name that a violation bears", () => {
    const names = new Set(INVARIANTS.map(({ name }) => name));
    const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"),
    );
    const borne = sources.flatMap((path) => {
      const text = readFileSync(new URL(path, SOURCE), "utf8");
      return [...text.matchAll(/new InvariantViolation\(\s*"(\w+)"/gu)].map(
        ([, name = ""]) => name,
      );
    });
    expect(borne.length).toBeGreaterThan(10);
    expect(borne.filter((name) => !names.has(name))).toEqual([]);
  });

  it("names each checker's invariant as the checker is named", () => {
    for (const { name, file } of INVARIANTS.filter((each) => each.file.startsWith("checkers/"))) {
      const words = file.slice("checkers/".length).split("-");
      expect(words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")).toBe(name);
    }
  });
});
