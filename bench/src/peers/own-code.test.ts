import { afterEach, describe, expect, it, vi } from "vitest";
import { ownCode } from "./own-code.js";

describe("ownCode", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("gives each case a function of its own that does the same", () => {
    const made = [1, 2, 3].map((step) => ownCode((by: number) => (n: number) => n + by)(step));
    expect(made.map((add) => add(10))).toEqual([11, 12, 13]);
    expect(new Set(made).size).toBe(3);
  });

  it("never has the same text evaluated twice, because V8 would hand out the same code again", () => {
    const evaluate = vi.spyOn(globalThis, "Function");
    const factory = (by: number) => (n: number) => n + by;
    for (let i = 0; i < 5; i++) ownCode(factory)(i);
    const texts = evaluate.mock.calls.map(([text]) => text);
    expect(texts).toHaveLength(5);
    expect(new Set(texts).size).toBe(5);
  });
});
