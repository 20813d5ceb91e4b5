/** The mutants of the protocol, held to their table. */
import { describe, expect, it } from "vitest";
import { describeTable, readTable } from "../../test/mutant-table.js";
import { allCheckers, isJudge } from "../checkers/all-checkers.js";
import { standardCast } from "../runs/standard-cast.js";
import { calmSettings } from "../world/settings.js";
import { mutants } from "./index.js";

describeTable({ file: "mutants.md", mutants, cast: standardCast, leastFound: 0.9 });

describe("the table of mutants", () => {
  it("has a row for each checker, whether it was the first to notice something or not", () => {
    const judges = allCheckers(calmSettings(3)).filter(isJudge);
    for (const { name } of judges) expect(readTable("mutants.md")).toContain(`| ${name} `);
  });
});
