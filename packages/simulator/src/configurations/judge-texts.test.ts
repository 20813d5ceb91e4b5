import { HierarchicalVerifier, type QuorumVerifier } from "@jute-ts/quorum";
import {
  majorityOf,
  parseConfigurationText,
  printConfigurationText,
  readEnsemble,
  sameEnsemble,
} from "@jute-ts/quorum/membership";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { Random } from "../world/random.js";
import { judgeConfigurationTexts, type TextReader } from "./judge-texts.js";

const SERVERS: TextReader = {
  parse: parseConfigurationText,
  print: printConfigurationText,
  readLines: readEnsemble,
  isSame: sameEnsemble,
};

/** What is said of a reader over some draws; undefined when nothing is. */
function whatIsSaidOf(change: Partial<TextReader>): string | undefined {
  for (let seed = 1; seed <= effort(200, 50); seed += 1) {
    try {
      judgeConfigurationTexts(new Random(seed), { ...SERVERS, ...change });
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}

/** Reads texts, and makes something else of them. */
function reading(change: (verifier: QuorumVerifier) => QuorumVerifier): Partial<TextReader> {
  return { parse: (text) => change(parseConfigurationText(text)) };
}

describe("texts of configurations", () => {
  it("are read by servers as they are meant", () => {
    expect(whatIsSaidOf({})).toBeUndefined();
  });

  it("must not be read as anything else", () => {
    const older = reading((read) =>
      parseConfigurationText(read.toString().replace(/version=.*/, "")),
    );
    expect(whatIsSaidOf(older)).toContain("read with version");
    const fewer = reading((read) =>
      majorityOf([...read.members.values()].slice(0, 1), read.version),
    );
    expect(whatIsSaidOf(fewer)).toContain("read with members");
    const flat = reading((read) => majorityOf([...read.members.values()], read.version));
    expect(whatIsSaidOf(flat)).toContain("read as another kind");
    const light = reading((read) =>
      read instanceof HierarchicalVerifier
        ? new HierarchicalVerifier(
            read.members.values(),
            { groups: read.groups, weights: new Map([...read.voters].map((sid) => [sid, 7])) },
            read.version,
          )
        : read,
    );
    expect(whatIsSaidOf(light)).toContain("as weight.");
    const generous = reading((read) =>
      Object.assign(Object.create(read) as QuorumVerifier, {
        containsQuorum: () => true,
      }),
    );
    expect(whatIsSaidOf(generous)).toContain("miscounts a quorum");
  });

  it("must mean the same after they were printed", () => {
    const print: TextReader["print"] = (verifier) =>
      verifier.toString().replace("observer", "participant");
    expect(whatIsSaidOf({ print })).toBeDefined();
  });

  it("must be the same where they mean the same, and nowhere else", () => {
    expect(whatIsSaidOf({ isSame: () => true })).toContain("taken for the same");
    expect(whatIsSaidOf({ isSame: () => false })).toContain("taken for another");
    const asWritten: TextReader["isSame"] = (one, other) =>
      one.version === other.version ||
      one.toString().replace(/version.*/, "") === other.toString().replace(/version.*/, "");
    expect(whatIsSaidOf({ isSame: asWritten })).toContain("taken for another with other spellings");
  });

  it("must be refused for each mistake, in the line that it is in", () => {
    const forgiving: TextReader["readLines"] = (lines, options) => {
      const result = readEnsemble(lines, options);
      if (result.kind === "verifier" || !options.multipleAddresses) return result;
      return { kind: "verifier", verifier: parseConfigurationText("server.1=h:1:2") };
    };
    expect(whatIsSaidOf({ readLines: forgiving })).toContain("accepted with");
    const imprecise: TextReader["readLines"] = (lines, options) => {
      const result = readEnsemble(lines, options);
      if (result.kind === "verifier") return result;
      return {
        ...result,
        problems: result.problems.map((each) => ({ ...each, line: each.line + 1 })),
      };
    };
    expect(whatIsSaidOf({ readLines: imprecise })).toContain("blamed in line");
    const careless: TextReader["readLines"] = (lines) =>
      readEnsemble(lines, { multipleAddresses: true });
    expect(whatIsSaidOf({ readLines: careless })).toContain("for its addresses");
  });
});
