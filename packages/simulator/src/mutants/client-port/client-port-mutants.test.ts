/** The table of mutants of what serves clients, held to what it says. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../../test/effort.js";
import { clientPortCast } from "../../client-port/client-port-cast.js";
import { runSeed } from "../../runs/run-seed.js";
import { clientPortMutants } from "./index.js";

const TABLE = readFileSync(
  new URL("../../../test/client-port-mutants.md", import.meta.url),
  "utf8",
);

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

describe("mutants of what serves clients", () => {
  it("replace what is there: each can be put in and taken out again", () => {
    for (const mutant of clientPortMutants) mutant.apply()();
  });

  it("are all in the table, and most are found", () => {
    for (const { name } of clientPortMutants) expect(TABLE).toContain(`| ${name} `);
    expect(rows.length).toBeGreaterThan(0.75 * clientPortMutants.length);
  });

  it.each(rowsOf(rows, 8))(
    "$name is caught on seed $seed by $checker",
    ({ name, seed, invariant, checker }) => {
      const mutant = clientPortMutants.find((candidate) => candidate.name === name);
      expect(mutant).toBeDefined();
      const { violation } = runSeed(seed, { cast: clientPortCast, mutant });
      expect(violation?.invariant).toBe(invariant);
      expect(violation?.checker === "crash" ? "assertion" : violation?.checker).toBe(checker);
    },
  );
});
