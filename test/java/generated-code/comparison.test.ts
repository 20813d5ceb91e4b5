/** The rules about Java and C, compared with what javac and gcc say to what Apache's compiler generates. */
import { expect, it } from "vitest";
import { lintSources, type LintTarget } from "@jute-ts/compiler/lint";
import { cases } from "./cases.js";
import { readRecorded } from "./verdicts.js";

const recorded = readRecorded();
const codes: Record<LintTarget, RegExp> = { java: /^JUTE11/, c: /^JUTE12/ };

function flagged(text: string, target: LintTarget): boolean {
  const { diagnostics } = lintSources([{ path: "x.jute", text }], { targets: [target] });
  return diagnostics.some(({ code }) => codes[target].test(code));
}

it("has a verdict for each case", () => {
  expect(recorded.map(({ title }) => title)).toEqual(cases.map(({ title }) => title));
});

it.each(["java", "c"] as const)("finds what is broken in %s, and nothing else", (target) => {
  const broken = cases.filter((_, index) => recorded[index]?.[target] === false);
  const found = cases.filter(({ text }) => flagged(text, target));
  expect(broken.length).toBeGreaterThan(100);
  expect(found.map(({ title }) => title)).toEqual(broken.map(({ title }) => title));
});
