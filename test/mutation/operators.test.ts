import { describe, expect, it } from "vitest";
import { mistakesIn, type Operator, withMistake } from "./operators.js";

/** What becomes of a source, by the operator. */
function mutantsOf(source: string): readonly (readonly [Operator, string])[] {
  return mistakesIn("x.ts", source).map((mistake) => [
    mistake.operator,
    withMistake(source, mistake),
  ]);
}

describe("mistakes", () => {
  it.each<[string, Operator, string]>([
    ["if (a.b) c = 1;", "negated condition", "if (!(a.b)) c = 1;"],
    ["x = a ? 1 : 2;", "negated condition", "x = !(a) ? 1 : 2;"],
    ["x = a < b;", "shifted boundary", "x = a <= b;"],
    ["x = a >= b;", "shifted boundary", "x = a > b;"],
    ["x = a === b;", "other comparison", "x = a !== b;"],
    ["x = a && b;", "other connective", "x = a || b;"],
    ["x = a + b;", "other arithmetic", "x = a - b;"],
    ["x -= 1;", "other arithmetic", "x += 1;"],
    ["function f() { return true; }", "other constant", "function f() { return false; }"],
    ["f(); g();", "removed statement", "; g();"],
    ["x = f(a, b, c);", "swapped arguments", "x = f(b, a, c);"],
  ])("%s: %s", (source, operator, expected) => {
    expect(mutantsOf(source)).toContainEqual([operator, expected]);
  });

  it("are not made where they cannot be compiled, or change nothing", () => {
    const source =
      "class A extends B { constructor() { super(); } }\nconst x = f(a, a) ?? g(1, b);";
    expect(mutantsOf(source)).toEqual([]);
  });

  it("say where they are", () => {
    const [mistake] = mistakesIn("x.ts", "const a = 1;\nconst b =\n  a < 2;\n");
    expect(mistake).toMatchObject({ line: 3, before: "<", after: "<=" });
  });
});
