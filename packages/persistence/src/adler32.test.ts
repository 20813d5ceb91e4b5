import fc from "fast-check";
import { expect, it } from "vitest";
import { slowAdler32 } from "../test/slow-log-reader.js";
import { Adler32, adler32 } from "./index.js";

it("gives the checksums that the definition's examples have", () => {
  expect(adler32(new Uint8Array(0))).toBe(1n);
  expect(adler32(Buffer.from("Wikipedia"))).toBe(0x11e6_0398n);
});

it("agrees with the definition, however the bytes are cut", () => {
  const bytes = fc.uint8Array({ maxLength: 20_000, size: "max" });
  fc.assert(
    fc.property(bytes, fc.nat(), (all, cut) => {
      const at = cut % (all.length + 1);
      const { value } = new Adler32().update(all.subarray(0, at)).update(all.subarray(at));
      expect(value).toBe(slowAdler32(all));
    }),
  );
});

it("stays exact for the bytes with the largest sums", () => {
  for (const length of [3799, 3800, 3801, 65_521, 200_000]) {
    const bytes = new Uint8Array(length).fill(0xff);
    expect(adler32(bytes)).toBe(slowAdler32(bytes));
  }
});
