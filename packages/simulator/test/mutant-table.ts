/** What a table of mutants says, tried again: each bug shows on its seed, to the checker that it names. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../test/effort.js";
import type { Mutant } from "../src/runs/mutant.js";
import { type Cast, runSeed } from "../src/runs/run-seed.js";

export interface MutantTable {
  /** In this directory. */
  readonly file: string;
  readonly mutants: readonly Mutant[];
  readonly cast: Cast;
  /** The share of the mutants that must have been found. */
  readonly leastFound: number;
}

interface Row {
  readonly name: string;
  readonly seed: number;
  readonly invariant: string;
  readonly checker: string;
}

export function readTable(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

export function describeTable({ file, mutants, cast, leastFound }: MutantTable): void {
  const table = readTable(file);
  const rows = foundIn(table);

  describe(`the mutants of ${file}`, () => {
    // What they call by name besides, the compiler knows: `self["name"]` must be a member of the class.
    it("replace what is there: each can be put in and taken out again", () => {
      for (const mutant of mutants) mutant.apply()();
    });

    it("are all in the table, and enough of them are found", () => {
      for (const { name } of mutants) expect(table).toContain(`| ${name} `);
      expect(rows.length).toBeGreaterThanOrEqual(leastFound * mutants.length);
    });

    it.each(rowsOf(rows, 5))(
      "$name is caught on seed $seed by $checker",
      ({ name, seed, invariant, checker }) => {
        const mutant = mutants.find((candidate) => candidate.name === name);
        expect(mutant).toBeDefined();
        const { violation } = runSeed(seed, { cast, mutant });
        expect(violation?.invariant).toBe(invariant);
        expect(violation?.checker === "crash" ? "assertion" : violation?.checker).toBe(checker);
      },
    );

    it("leave nothing behind: all is well again on the same seeds", () => {
      for (const seed of new Set(rowsOf(rows, 5).map((row) => row.seed))) {
        expect(runSeed(seed, { cast }).violation).toBeUndefined();
      }
    });
  });
}

function foundIn(table: string): Row[] {
  return Array.from(
    table.matchAll(
      /^\| (?<name>\S+) +\| .+? \| +(?<seed>\d+) \| (?<invariant>\S+) +\| (?<checker>\S+) +\|$/gmu,
    ),
    ({ groups }) => ({
      name: groups?.["name"] ?? "",
      seed: Number(groups?.["seed"]),
      invariant: groups?.["invariant"] ?? "",
      checker: groups?.["checker"] ?? "",
    }),
  );
}
