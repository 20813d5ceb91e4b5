import { describe, expect, it } from "vitest";
import { decodeEpochFile, encodeEpochFile, EpochFileError } from "./index.js";

describe("an epoch file", () => {
  it("is its decimal digits and nothing else", () => {
    expect(Buffer.from(encodeEpochFile(2_147_483_647)).toString()).toBe("2147483647");
  });

  it("holds every epoch that it is given", () => {
    for (const epoch of [0, 1, 9, 10, 65_536, 0x7fff_fff0, 0x7fff_ffff]) {
      expect(decodeEpochFile(encodeEpochFile(epoch))).toBe(epoch);
    }
  });

  it("cannot be written for what is no epoch", () => {
    for (const epoch of [-1, 2 ** 31, 1.5, NaN, Infinity]) {
      expect(() => encodeEpochFile(epoch)).toThrow(EpochFileError);
    }
  });

  it("is refused with its content", () => {
    const refusals = [
      ["", /is empty/],
      ["\n5", /is empty/],
      ["-2", /"-2", which is not within 0 to 2\^31-1/],
      ["2147483648", /not within/],
      ["9".repeat(500), /not within/],
      ["0x5", /"0x5", which is no decimal number/],
      ["\0\0\0\u0005", /no decimal number/],
      ["5 ", /no decimal number/],
      ["1".repeat(2000), /too long/],
    ] as const;
    for (const [content, message] of refusals) {
      const decode = (): number => decodeEpochFile(Buffer.from(content, "latin1"));
      expect(decode, content).toThrow(EpochFileError);
      expect(decode, content).toThrow(message);
    }
  });

  it("says that there was no epoch yet where Java, without a database, writes -1", () => {
    expect(decodeEpochFile(Buffer.from("-1"))).toBe(0);
  });

  it("is not read beyond its first line, however much follows", () => {
    const bytes = Buffer.concat([Buffer.from("12\n"), Buffer.alloc(1_000_000, 0xff)]);
    expect(decodeEpochFile(bytes)).toBe(12);
  });

  it("is told from nothing but zeros, which a crash may leave", () => {
    expect(() => decodeEpochFile(new Uint8Array(100_000))).toThrow(EpochFileError);
  });
});
