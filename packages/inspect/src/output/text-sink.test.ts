import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextSink } from "./text-sink.js";

/** What a sink that has to grow at once holds after this. */
function text(write: (sink: TextSink) => void): string {
  const sink = new TextSink(1);
  write(sink);
  return Buffer.from(sink.take()).toString();
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 60 }).map((each) => new Uint8Array(Buffer.from(each))),
);

/** With others around them, which must not show. */
const placed = fc.tuple(bytes, fc.nat(5)).map(([content, before]) => {
  const source = new Uint8Array(content.length + before + 3).fill(0x80);
  source.set(content, before);
  return { source, start: before, end: before + content.length, content };
});

function isUtf8(content: Uint8Array): boolean {
  return Buffer.from(Buffer.from(content).toString()).equals(content);
}

describe("a sink of text", () => {
  it("encodes any string as Node does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (units) => {
        const any = String.fromCharCode(...units);
        expect(
          text((sink) => {
            sink.text(any);
          }),
        ).toBe(Buffer.from(any).toString());
      }),
    );
  });

  it("writes UTF-8 as JSON does, and refuses other bytes", () => {
    fc.assert(
      fc.property(placed, ({ source, start, end, content }) => {
        const sink = new TextSink(1);
        const isWritten = sink.jsonText(source, start, end);
        const shown = JSON.stringify(Buffer.from(content).toString());
        expect(isWritten).toBe(isUtf8(content));
        expect(Buffer.from(sink.take()).toString()).toBe(isWritten ? shown : "");
        const plain = new TextSink(1);
        expect(plain.copy(source, start, end)).toBe(isWritten);
        expect(Buffer.from(plain.take()).equals(isWritten ? content : Buffer.of())).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("writes base64", () => {
    fc.assert(
      fc.property(placed, ({ source, start, end, content }) => {
        const expected = Buffer.from(content).toString("base64");
        expect(
          text((sink) => {
            sink.base64(source, start, end);
          }),
        ).toBe(expected);
      }),
    );
  });

  it("writes numbers", () => {
    const whole = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer(),
      fc.constantFrom(9_999_999, 10_000_000),
    );
    fc.assert(
      fc.property(whole, (value) => {
        expect(
          text((sink) => {
            sink.decimal(value);
          }),
        ).toBe(String(value === 0 ? 0 : value));
      }),
      { numRuns: 2000 },
    );
    const edges = [53n, 31n, 32n, 62n].flatMap((bits) => [
      2n ** bits - 1n,
      2n ** bits,
      -(2n ** bits),
    ]);
    const long = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(0n, -1n, -(2n ** 63n), 2n ** 63n - 1n, ...edges),
    );
    fc.assert(
      fc.property(long, (value) => {
        const high = Number(BigInt.asIntN(32, value >> 32n));
        const low = Number(BigInt.asIntN(32, value));
        expect(
          text((sink) => {
            sink.long(high, low);
          }),
        ).toBe(value.toString());
        const unsigned = BigInt.asUintN(64, value);
        expect(
          text((sink) => {
            sink.hexLong(high, low);
          }),
        ).toBe(`0x${unsigned.toString(16)}`);
        const padded = (unsigned & 0xffff_ffffn).toString(16).padStart(8, "0");
        expect(
          text((sink) => {
            sink.hex(low, 8);
          }),
        ).toBe(padded);
      }),
      { numRuns: 2000 },
    );
  });

  it("hands over bytes that it does not write to again, and forgets what it is told to", () => {
    const sink = new TextSink(4);
    sink.text("first");
    const first = sink.take();
    sink.text("second, and more");
    sink.truncate(6);
    sink.truncate(100);
    expect(sink.length).toBe(6);
    expect(Buffer.from(first).toString()).toBe("first");
    expect(Buffer.from(sink.take()).toString()).toBe("second");
  });
});
