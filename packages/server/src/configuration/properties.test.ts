/** Line numbers and problems; what the texts mean is compared with Java in test/java/configuration. */
import { describe, expect, it } from "vitest";
import { parseProperties } from "./properties.js";

function lines(text: string): readonly string[] {
  return parseProperties(text).entries.map(
    ({ key, value, line }) => `${String(line)} ${key}=${value}`,
  );
}

describe("properties", () => {
  it.each([
    ["a=1\nb=2", ["1 a=1", "2 b=2"]],
    ["\n\n# c\n  a=1", ["4 a=1"]],
    ["a=1\\\n  2\nb=3", ["1 a=12", "3 b=3"]],
    ["a=1\\\r\n  2\r\nb=3", ["1 a=12", "3 b=3"]],
    ["a=1\rb=2\r\nc=3\n", ["1 a=1", "2 b=2", "3 c=3"]],
    ["\\\n\na=1", ["3 a=1"]],
    ["\\\na=1", ["2 a=1"]],
    ["a=1\na=2", ["1 a=1", "2 a=2"]],
    ["\\u0061=\\u00e9", ["1 a=\u00e9"]],
  ])("have the line in which their key begins: %j", (text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  it("go on after a broken escape", () => {
    const { entries, problems } = parseProperties("a=1\nb=\\u00\\\n  0\nc=3");
    expect(entries.map(({ key }) => key)).toEqual(["a", "c"]);
    expect(problems.map(({ line }) => line)).toEqual([2]);
  });

  it("take a million backslashes and continued lines in their stride", () => {
    expect(lines(`a=${"\\".repeat(1_000_000)}`)).toEqual([`1 a=${"\\".repeat(500_000)}`]);
    expect(lines(`a=${"x\\\n".repeat(100_000)}`)).toEqual([`1 a=${"x".repeat(100_000)}`]);
    expect(lines(`a${" ".repeat(1_000_000)}`)).toEqual(["1 a="]);
  });
});
