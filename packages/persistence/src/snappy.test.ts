/** What Java compresses is recorded and read in test/java/persistence; here are the blocks that it seldom writes, and the broken ones. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunksOf, concatenated } from "../test/sample-logs.js";
import { SnappyDecoder, type SnappyDecoderOptions, SnappyFormatError } from "./index.js";
import { inflateSnappyBlock } from "./snappy-block.js";

const header = Uint8Array.of(0x82, ...Buffer.from("SNAPPY"), 0, 0, 0, 0, 1, 0, 0, 0, 1);

function framed(...blocks: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return [length, Uint8Array.from(block)];
  });
  return concatenated([header, ...parts]);
}

function inflated(bytes: Uint8Array, options?: SnappyDecoderOptions): string {
  const decoder = new SnappyDecoder(options);
  const parts = decoder.push(bytes);
  decoder.finish();
  return Buffer.concat(parts).toString();
}

function refusal(run: () => unknown): SnappyFormatError {
  try {
    run();
  } catch (error) {
    if (error instanceof SnappyFormatError) return error;
    throw error;
  }
  throw new Error("accepted");
}

const ascii = (text: string): number[] => [...Buffer.from(text)];

describe("a block", () => {
  it.each([
    ["nothing", [0], ""],
    ["a literal", [3, 2 << 2, ...ascii("abc")], "abc"],
    [
      "a literal with a byte of length",
      [61, 60 << 2, 60, ...ascii("x".repeat(61))],
      "x".repeat(61),
    ],
    [
      "a literal with two bytes of length",
      [0xac, 0x02, 61 << 2, 0x2b, 0x01, ...ascii("y".repeat(300))],
      "y".repeat(300),
    ],
    ["a literal with four bytes of length", [1, 63 << 2, 0, 0, 0, 0, 0x61], "a"],
    // Four and more bytes, eleven bits of distance: three in the tag.
    ["a short copy", [7, 2 << 2, ...ascii("abc"), 1, 3], "abcabca"],
    [
      "a copy with two bytes of distance",
      [6, 2 << 2, ...ascii("abc"), (2 << 2) | 2, 3, 0],
      "abcabc",
    ],
    [
      "a copy with four bytes of distance",
      [5, 2 << 2, ...ascii("abc"), (1 << 2) | 3, 2, 0, 0, 0],
      "abcbc",
    ],
    ["a copy of what it writes", [65, 0, 0x7a, (63 << 2) | 2, 1, 0], "z".repeat(65)],
    [
      "a short copy from far back",
      [0x84, 0x08, 61 << 2, 0xff, 0x03, ...ascii("k".repeat(1023)), ...ascii("m"), 0x80 | 1, 0],
      `${"k".repeat(1023)}mkkkk`.slice(0, 1028),
    ],
  ])("of %s inflates", (_, block, text) => {
    expect(Buffer.from(inflateSnappyBlock(Uint8Array.from(block), 10_000)).toString()).toBe(text);
  });

  it.each([
    ["no bytes", []],
    ["a length that does not end", [0x80, 0x80]],
    ["a length of more than 32 bits", [0xff, 0xff, 0xff, 0xff, 0x7f, 0]],
    ["a length that never ends", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]],
    ["a literal that is cut", [3, 2 << 2, 1, 2]],
    ["a literal whose length is cut", [3, 61 << 2, 1]],
    ["a literal beyond the end", [2, 2 << 2, 1, 2, 3]],
    ["a literal of 4 GiB", [9, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1]],
    ["a copy of nothing", [4, 1, 1]],
    ["a copy at distance 0", [7, 2 << 2, 1, 2, 3, 1, 0]],
    ["a copy from before the beginning", [7, 2 << 2, 1, 2, 3, 1, 4]],
    ["a copy beyond the end", [6, 2 << 2, 1, 2, 3, 1, 3]],
    ["a copy that is cut", [7, 2 << 2, 1, 2, 3, 1]],
    ["less than its length", [5, 2 << 2, 1, 2, 3]],
    ["more than its length", [3, 2 << 2, 1, 2, 3, 0, 4]],
  ])("with %s is refused", (_, block) => {
    expect(refusal(() => inflateSnappyBlock(Uint8Array.from(block), 1e9))).toBeDefined();
  });

  it("is refused for a length that so few bytes cannot have, before anything is allocated", () => {
    const bomb = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0);
    expect(refusal(() => inflateSnappyBlock(bomb, 2 ** 32)).reason).toContain("cannot inflate to");
  });
});

describe("a stream", () => {
  const abc = [3, 2 << 2, ...ascii("abc")];
  const stream = framed(abc, [0], abc);

  it("inflates block by block, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const decoder = new SnappyDecoder();
        const parts = chunksOf(stream, cuts).flatMap((chunk) => decoder.push(chunk));
        decoder.finish();
        expect(Buffer.concat(parts).toString()).toBe("abcabc");
      }),
    );
  });

  it("may be several streams, one after the other, or have no block", () => {
    expect(inflated(concatenated([stream, framed(abc)]))).toBe("abcabcabc");
    expect(inflated(header)).toBe("");
  });

  it("may end after a block and nowhere else", () => {
    const ends = [header.length, header.length + 9, header.length + 14];
    for (let length = 0; length < stream.length; length++) {
      const cut = stream.subarray(0, length);
      if (ends.includes(length)) inflated(cut);
      else refusal(() => inflated(cut));
    }
  });

  it("is refused for another beginning, a later format, and a length that no block has", () => {
    const later = Uint8Array.from(stream).fill(2, 15, 16);
    expect(refusal(() => inflated(new Uint8Array(100))).offset).toBe(0);
    expect(refusal(() => inflated(later)).reason).toContain("version 2");
    const negative = concatenated([header, Uint8Array.of(0xff, 0xff, 0xff, 0xff)]);
    expect(refusal(() => inflated(negative)).offset).toBe(16);
    const long = concatenated([header, Uint8Array.of(0x7f, 0, 0, 0)]);
    expect(refusal(() => inflated(long)).offset).toBe(16);
  });

  it("is refused for a block that is broken, at its place, from then on", () => {
    const decoder = new SnappyDecoder();
    const broken = framed(abc, [4, 2 << 2, ...ascii("abc")]);
    const error = refusal(() => decoder.push(broken));
    expect(error.offset).toBe(broken.length);
    expect(refusal(() => decoder.push(stream))).toBe(error);
    expect(
      refusal(() => {
        decoder.finish();
      }),
    ).toBe(error);
  });

  it("cannot inflate to more than allowed, in all or in one block", () => {
    expect(inflated(stream, { maxBytes: 6 })).toBe("abcabc");
    expect(refusal(() => inflated(stream, { maxBytes: 5 })).reason).toContain(
      "above the limit of 2",
    );
    expect(refusal(() => inflated(stream, { maxBlockBytes: 2 })).reason).toContain("limit of 2");
  });
});
