/** Parsing one class again against parsing everything, over random changes of ZooKeeper's schemas. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "@jute-ts/compiler/analysis";
import { reparse } from "./incremental.js";

const folder = path.resolve(import.meta.dirname, "../../../jute-defs");
const TEXTS = readdirSync(folder)
  .filter((name) => name.endsWith(".jute"))
  .map((name) => readFileSync(path.join(folder, name), "utf8"));

const PIECES = [
  "int",
  " ",
  ";",
  "\n",
  "}",
  "{",
  "/* a */",
  "/*",
  "*/",
  "// b\n",
  "//",
  "@jute:optional",
  "vector<",
  ">",
  "map<int, ",
  "x",
  "class C {",
  "1",
  "#",
  "ustring name;",
  "module",
  ", ",
  "é",
  "@jute:nonnul",
];

const changes = fc.array(
  fc.record({
    // A double would mostly be next to nothing, and the change at the start.
    at: fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1_000_000),
    removed: fc.integer({ min: 0, max: 12 }),
    inserted: fc
      .array(fc.constantFrom(...PIECES), { maxLength: 3 })
      .map((pieces) => pieces.join("")),
  }),
  { minLength: 1, maxLength: 6 },
);

describe("parsing one class again", () => {
  it("gives what parsing everything gives, or nothing", () => {
    let worked = 0;
    let tried = 0;
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), changes, (start, edits) => {
        let text = start;
        let parsed = parse({ path: "a.jute", text });
        for (const { at, removed, inserted } of edits) {
          const offset = Math.floor(at * text.length);
          const next = text.slice(0, offset) + inserted + text.slice(offset + removed);
          const whole = parse({ path: "a.jute", text: next });
          const quick = reparse({ text, parsed }, { path: "a.jute", text: next });
          tried++;
          if (quick !== undefined) {
            worked++;
            expect(quick).toEqual(whole);
          }
          text = next;
          parsed = quick ?? whole;
        }
      }),
      { numRuns: 150 },
    );
    expect(worked / tried).toBeGreaterThan(0.1);
  });

  it("works for what is typed inside of a class, broken in between or not", () => {
    const [first = ""] = TEXTS;
    const at = first.indexOf(";") + 1;
    let before = { text: first, parsed: parse({ path: "a.jute", text: first }) };
    for (const key of " vector<int> added; // x") {
      const offset = at + (before.text.length - first.length);
      const text = before.text.slice(0, offset) + key + before.text.slice(offset);
      const parsed = reparse(before, { path: "a.jute", text });
      if (parsed === undefined)
        throw new Error(`nothing after ${JSON.stringify(text.slice(at, offset + 1))}`);
      expect(parsed).toEqual(parse({ path: "a.jute", text }));
      before = { text, parsed };
    }
  });
});
