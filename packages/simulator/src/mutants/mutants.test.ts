/** The table of mutants, held to what it says: each bug shows on its seed, to the checker that it names. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/effort.js";
import { allCheckers, isJudge } from "../checkers/all-checkers.js";
import { runSeed } from "../runs/run-seed.js";
import { calmSettings } from "../world/settings.js";
import { standardCast } from "../runs/standard-cast.js";
import { mutants } from "./index.js";

const TABLE = readFileSync(new URL("../../test/mutants.md", import.meta.url), "utf8");

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
  // What they call by name besides, the compiler knows: `self["name"]` must be a member of the class.
  it("replace what is there: each can be put in and taken out again", () => {
    for (const mutant of mutants) mutant.apply()();
  });

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

describe("the table of mutants", () => {
  it("has a row for each checker, whether it was the first to notice something or not", () => {
    const judges = allCheckers(calmSettings(3)).filter(isJudge);
    for (const { name } of judges) expect(TABLE).toContain(`| ${name} `);
  });
});
