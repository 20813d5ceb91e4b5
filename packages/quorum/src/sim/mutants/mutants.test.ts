/** The table of mutants, held to what it says: each bug shows on its seed, to the checker that it names. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runSeed } from "../run-seed.js";
import { standardCast } from "../standard-cast.js";
import { mutants } from "./index.js";

const TABLE = readFileSync(new URL("../../../test/mutants.md", import.meta.url), "utf8");

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
  it("are all in the table", () => {
    for (const { name } of mutants) expect(TABLE).toContain(`| ${name} `);
    expect(rows.length).toBeGreaterThanOrEqual(25);
  });

  it.each(rows)(
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
    for (const seed of new Set(rows.map((row) => row.seed))) {
      expect(runSeed(seed, { cast: standardCast }).violation).toBeUndefined();
    }
  });
});
