/** The table of mutants, held to what it says: each bug shows on its seed, to the checker that it names. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/effort.js";
import { allCheckers } from "../checkers/index.js";
import { runSeed } from "../runs/run-seed.js";
import { calmSettings } from "../world/settings.js";
import { standardCast } from "../runs/standard-cast.js";
import { mutants } from "./index.js";

const TABLE = readFileSync(new URL("../../test/mutants.md", import.meta.url), "utf8");
const CHECKERS = new URL("../checkers/", import.meta.url);

/** The rows of what was found: mutant, seed, invariant, checker. */
const rows = Array.from(
  TABLE.matchAll(
    /^\| (?<name>\S+) +\| .+? \| +(?<seed>\d+) \| (?<invariant>\S+) +\| (?<checker>\S+) +\|$/gmu,
  ),
  ({ groups }) => ({
    name: groups?.["name"] ?? "",
    seed: Number(groups?.["seed"]),
    invariant: groups?.["invariant"] ?? "",
    checker: groups?.["checker"] ?? "",
  }),
);

describe("mutants", () => {
  it("are all in the table, and nearly all are found", () => {
    for (const { name } of mutants) expect(TABLE).toContain(`| ${name} `);
    expect(rows.length).toBeGreaterThanOrEqual(0.9 * mutants.length);
  });

  it.each(rowsOf(rows, 8))(
    "$name is caught on seed $seed by $checker",
    ({ name, seed, invariant, checker }) => {
      const mutant = mutants.find((candidate) => candidate.name === name);
      expect(mutant).toBeDefined();
      const { violation } = runSeed(seed, { cast: standardCast, mutant });
      expect(violation?.invariant).toBe(invariant);
      expect(violation?.checker === "crash" ? "assertion" : violation?.checker).toBe(checker);
    },
  );

  it("leave nothing behind: the peers are well again on the same seeds", () => {
    for (const seed of new Set(rowsOf(rows, 8).map((row) => row.seed))) {
      expect(runSeed(seed, { cast: standardCast }).violation).toBeUndefined();
    }
  });
});

describe("a checker", () => {
  const judges = allCheckers(calmSettings(3)).filter(({ name }) => !name.startsWith("ghost-"));
  const tests = readdirSync(CHECKERS)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(new URL(file, CHECKERS), "utf8"))
    .join("\n");

  it.each(judges.map((checker) => [checker.name, checker.constructor.name]))(
    "is in the table, and refuses something that is made up for it: %s",
    (name, className) => {
      expect(TABLE).toContain(`| ${name} `);
      expect(tests).toContain(`new ${className}(`);
    },
  );
});
