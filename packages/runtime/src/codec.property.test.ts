/**
 * Who owns which bytes. The archives behind `encode` and `decode` are shared by
 * all calls, so these tests poison everything that a call handed out or took
 * in, and then look at what other calls hold.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { finishDecoding, finishEncoding, startDecoding, startEncoding } from "./codec.js";
import { JuteDecodeError, JuteEncodeError } from "./index.js";

const POISON = 0xa5;

/** One call of `encode`: how much it writes, in pieces, and whether it fails in the end. */
const encodeCall = fc.record({
  pieces: fc.array(
    fc.oneof(
      { arbitrary: fc.nat(64), weight: 6 },
      { arbitrary: fc.integer({ min: 4000, max: 4200 }), weight: 1 },
      { arbitrary: fc.integer({ min: 30_000, max: 140_000 }), weight: 1 },
    ),
    { maxLength: 4 },
  ),
  fails: fc.integer({ min: 0, max: 4 }).map((n) => n === 4),
  poison: fc.boolean(),
});

describe("what encode returns", () => {
  it("is never written again, and shares no byte with any other result", () => {
    fc.assert(
      fc.property(fc.array(encodeCall, { maxLength: 30 }), (calls) => {
        const results: { bytes: Uint8Array; expected: Uint8Array }[] = [];
        for (const [i, { pieces, fails, poison }] of calls.entries()) {
          const output = startEncoding();
          const parts: Uint8Array[] = [];
          for (const size of pieces) {
            const content = new Uint8Array(size).fill(i + 1);
            output.writeBuffer(content);
            parts.push(messageWith(content));
          }
          if (fails) {
            expect(() => {
              output.writeInt(0x1_0000_0000);
            }).toThrow(JuteEncodeError);
            continue;
          }
          const bytes = finishEncoding(output);
          const expected = new Uint8Array(Buffer.concat(parts));
          expectSameBytes(bytes, expected);
          if (poison) {
            bytes.fill(POISON);
            expected.fill(POISON);
          }
          results.push({ bytes, expected });
        }
        for (const { bytes, expected } of results) expectSameBytes(bytes, expected);
        expectApart(results.map(({ bytes }) => bytes));
      }),
      { numRuns: effort(60, 10) },
    );
  });

  it("keeps at most a slab alive, and for a large message no more than twice its size", () => {
    for (const size of [0, 1, 100, 4092, 4093, 10_000, 65_532, 65_533, 100_000, 1_000_000]) {
      const output = startEncoding();
      output.writeBuffer(new Uint8Array(size));
      const bytes = finishEncoding(output);
      const kept = bytes.buffer.byteLength;
      expect(kept).toBeLessThanOrEqual(Math.max(65_536, 2 * bytes.length));
    }
  });

  it("goes on in the same slab after a large message", () => {
    const encodeBytes = (size: number): Uint8Array => {
      const output = startEncoding();
      output.writeBuffer(new Uint8Array(size));
      return finishEncoding(output);
    };
    // Twice, because the first small message may be the last one that fits into its slab.
    const shared = [1, 2].map(() => {
      const before = encodeBytes(10);
      const large = encodeBytes(200_000);
      const after = encodeBytes(10);
      expect(large.buffer).not.toBe(before.buffer);
      return after.buffer === before.buffer;
    });
    expect(shared).toContain(true);
  });
});

describe("what decode returns", () => {
  const payload = fc.uint8Array({ maxLength: 700 });
  const decodeCall = fc.record({ payload, shared: fc.boolean(), offset: fc.nat(9) });

  it("points into the input when borrowed, and is the caller's own when copied", () => {
    fc.assert(
      fc.property(fc.array(decodeCall, { minLength: 1, maxLength: 20 }), (calls) => {
        const sharedMemory = new Uint8Array(32_768);
        let used = 0;
        const seen = calls.map(({ payload: content, shared, offset }) => {
          const message = messageWith(content);
          // Messages come in memory of their own, or together as in a chunk from a socket.
          const memory = shared ? sharedMemory : new Uint8Array(offset + message.length + 5);
          const start = shared ? used : offset;
          if (shared) used += message.length;
          memory.set(message, start);
          const bytes = memory.subarray(start, start + message.length);

          const borrowed = decodeBuffer(bytes, "borrow");
          const copied = decodeBuffer(bytes, "copy");
          expect(borrowed.join()).toBe(content.join());
          expect(borrowed.buffer).toBe(memory.buffer);
          expect(borrowed.byteOffset).toBe(start + 4);
          expect(copied.buffer).not.toBe(memory.buffer);
          // Nothing else may hang on to a copy, or be reached through it.
          expect(copied.buffer.byteLength).toBe(content.length);
          return { bytes, content, borrowed, copied };
        });
        for (const { bytes, content, borrowed, copied } of seen) {
          bytes.fill(POISON);
          expect(copied.join()).toBe(content.join());
          expect(borrowed.every((byte) => byte === POISON)).toBe(true);
        }
        expectApart(seen.map(({ copied }) => copied));
      }),
      { numRuns: effort(200, 33) },
    );
  });

  it("does not depend on what was decoded before, failures included", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ payload, cut: fc.nat(3), broken: fc.boolean() }), { maxLength: 20 }),
        (calls) => {
          for (const { payload: content, cut, broken } of calls) {
            const message = messageWith(content);
            if (broken) {
              const short = message.subarray(0, message.length - 1 - cut);
              expect(() => decodeBuffer(short, "borrow")).toThrow(JuteDecodeError);
              const long = Uint8Array.from([...message, 0]);
              expect(() => decodeBuffer(long, "borrow")).toThrow(JuteDecodeError);
            }
            expect(decodeBuffer(message, "borrow").join()).toBe(content.join());
          }
        },
      ),
      { numRuns: effort(200, 33) },
    );
  });
});

function messageWith(content: Uint8Array): Uint8Array {
  const message = new Uint8Array(4 + content.length);
  new DataView(message.buffer).setInt32(0, content.length);
  message.set(content, 4);
  return message;
}

/** As a generated `decode` goes about it. The options come and go, because they choose the archive. */
function decodeBuffer(bytes: Uint8Array, buffers: "borrow" | "copy"): Uint8Array {
  const input = buffers === "borrow" ? startDecoding(bytes) : startDecoding(bytes, { buffers });
  const result = input.readBufferField();
  finishDecoding(input);
  if (result === null) throw new Error("a length above -1 was read as null");
  return result;
}

/** Far quicker than `toEqual` on a hundred thousand bytes. */
function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0);
}

/** No two of them have a byte in common. */
function expectApart(all: readonly Uint8Array[]): void {
  const byMemory = new Map<ArrayBufferLike, Uint8Array[]>();
  for (const bytes of all) {
    const neighbours = byMemory.get(bytes.buffer) ?? [];
    byMemory.set(bytes.buffer, [...neighbours, bytes]);
  }
  for (const neighbours of byMemory.values()) {
    const inOrder = neighbours.filter((bytes) => bytes.length > 0);
    inOrder.sort((a, b) => a.byteOffset - b.byteOffset);
    for (const [i, bytes] of inOrder.entries()) {
      const next = inOrder[i + 1];
      const end = bytes.byteOffset + bytes.length;
      if (next !== undefined) expect(next.byteOffset).toBeGreaterThanOrEqual(end);
    }
  }
}
