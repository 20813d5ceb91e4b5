import { describe, expect, it } from "vitest";
import { ordinal, percent } from "./words.js";

describe("words for numbers", () => {
  it("count in English, and call the first the next", () => {
    const told = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 112].map(ordinal);
    expect(told.join(" ")).toBe("next 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th 112th");
  });

  it("round shares to whole percents", () => {
    expect(percent(0.126)).toBe("13 %");
  });
});
