import { describe, expect, it } from "vitest";
import { lengthWithoutZeros } from "./length-without-zeros.js";

describe("the length without the zeros at the end", () => {
  it("is that of a byte by byte look, for every length, alignment and last byte", () => {
    const memory = new Uint8Array(32);
    for (let start = 0; start < 8; start++) {
      for (let length = 0; length <= 20; length++) {
        const bytes = memory.subarray(start, start + length);
        for (let last = -1; last < length; last++) {
          memory.fill(0);
          // What lies around the bytes must not matter.
          memory.fill(7, 0, start);
          memory.fill(7, start + length);
          if (last >= 0) bytes[last] = 1;
          expect(lengthWithoutZeros(bytes)).toBe(last + 1);
          if (last > 0) bytes[0] = 255;
          expect(lengthWithoutZeros(bytes)).toBe(last + 1);
        }
      }
    }
  });
});
