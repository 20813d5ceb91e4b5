import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineTable, type Position } from "./source.js";

/** The slow, obvious way: count line breaks from the start. */
function count(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  // A break in two characters has ended only after the second.
  const whole = before.endsWith("\r") && text[offset] === "\n" ? before.slice(0, -1) : before;
  const lines = whole.split(/\r\n|\n|\r/);
  return {
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1 + before.length - whole.length,
  };
}

describe("a line table", () => {
  it("agrees with counting from the start", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\r\n", "\t", "é", "😀") });
    fc.assert(
      fc.property(texts, fc.nat(), (text, seed) => {
        const offset = seed % (text.length + 1);
        expect(new LineTable(text).positionOf(offset)).toEqual(count(text, offset));
      }),
    );
  });

  it("gives lines without their breaks", () => {
    const lines = new LineTable("one\r\ntwo\rthree\n");
    expect([1, 2, 3, 4, 5].map((line) => lines.textOf(line))).toEqual([
      "one",
      "two",
      "three",
      "",
      "",
    ]);
  });

  it("takes offsets past the end as the end", () => {
    expect(new LineTable("ab").positionOf(99)).toEqual({ line: 1, column: 3 });
  });
});
