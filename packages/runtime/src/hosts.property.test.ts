/**
 * What the runtime chooses by its engine, beside text: how longs are stored, where a buffer lies in its
 * memory, whether memory is cleared. Every engine must give the same bytes and the same errors.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { HOSTS, inHost, type Runtime } from "../../../test/hosts.js";
import type * as EngineModule from "./engine.js";

const edges = [
  0n,
  1n,
  -1n,
  0x7fff_ffffn,
  0x8000_0000n,
  -0x8000_0000n,
  0xffff_ffffn,
  2n ** 63n - 1n,
];

const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(...edges, -(2n ** 63n)),
);

/** Beyond 64 bits on either side, also where the low bits are those of a number that fits. */
const beyond = fc.oneof(
  fc.constantFrom(2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, -(2n ** 64n), 2n ** 64n + 1n),
  fc.bigInt({ min: 2n ** 63n, max: 2n ** 130n }),
  fc.bigInt({ min: -(2n ** 130n), max: -(2n ** 63n) - 1n }),
);

const notALong = fc.constantFrom<unknown>(1, "1", null, undefined, true, {}, NaN);

/** Stores seven values as longs, whether they are any, by each of the ways to store some. */
function putLongs(
  output: InstanceType<Runtime["BinaryOutputArchive"]>,
  at: number,
  values: readonly unknown[],
): void {
  const [a, b, c, d, e, f, g] = values as [bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  output.putLong(at, a);
  output.putTwoLongs(at + 8, b, c);
  output.putFourLongs(at + 24, d, e, f, g);
}

describe.each(HOSTS)("the runtime $host", (host) => {
  let runtime: Runtime;
  let engine: typeof EngineModule;

  beforeAll(async () => {
    [runtime, engine] = await inHost(host, () =>
      Promise.all([import("./index.js"), import("./engine.js")]),
    );
  });

  it("has found what the host is", () => {
    const { missing, v8 } = host;
    expect(engine.native === undefined).toBe(missing.includes("Buffer"));
    expect(engine.textEncoder === undefined).toBe(missing.includes("TextEncoder"));
    expect(engine.utf8Decoder === undefined).toBe(missing.includes("TextDecoder"));
    expect(engine.SINCE_V8_12).toBe(v8?.startsWith("11.") !== true);
    expect(engine.SINCE_V8_13).toBe(v8 === undefined || v8.startsWith("13."));
  });

  it("stores longs as a DataView does, alone and side by side", () => {
    fc.assert(
      fc.property(fc.array(long, { minLength: 7, maxLength: 7 }), fc.nat(9), (values, odd) => {
        const expected = new DataView(new ArrayBuffer(odd + 56));
        for (const [i, value] of values.entries()) expected.setBigInt64(odd + 8 * i, value);
        const output = new runtime.BinaryOutputArchive();
        for (let i = 0; i < odd; i++) output.writeByte(0);
        const at = output.reserve(56);
        putLongs(output, at, values);
        const bytes = output.toBytes();
        expect([...bytes]).toEqual([...new Uint8Array(expected.buffer)]);
        const input = new runtime.BinaryInputArchive(bytes);
        input.take(odd);
        expect(values.map(() => input.readLong())).toEqual(values);
      }),
      { numRuns: effort(200, 20) },
    );
  });

  it("refuses a long that does not fit, or is none, wherever it stands", () => {
    const bad = fc.oneof(
      beyond.map((value) => ({ value, kind: "range" })),
      notALong.map((value) => ({
        value,
        kind: value === null || value === undefined ? "null" : "type",
      })),
    );
    fc.assert(
      fc.property(bad, fc.nat(6), ({ value, kind }, place) => {
        const values = Array.from({ length: 7 }, (_, i) => (i === place ? value : 5n));
        const output = new runtime.BinaryOutputArchive();
        const at = output.reserve(56);
        const store = (): void => {
          putLongs(output, at, values);
        };
        expect(store).toThrow(expect.objectContaining({ name: "JuteEncodeError", kind }));
      }),
      { numRuns: effort(200, 20) },
    );
  });

  it("borrows buffers where they lie, one or many of them", () => {
    const buffers = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(buffers, fc.nat(20), (values, before) => {
        const output = new runtime.BinaryOutputArchive({ initialCapacity: 64 });
        for (const value of values) output.writeBuffer(value);
        const encoded = output.toBytes();
        const memory = new Uint8Array(before + encoded.length + 3);
        memory.set(encoded, before);
        const message = memory.subarray(before, before + encoded.length);
        const input = new runtime.BinaryInputArchive(message);
        let at = before;
        for (const value of values) {
          const borrowed = input.readBufferView();
          expect(borrowed).toEqual(value);
          expect(borrowed?.buffer).toBe(memory.buffer);
          expect(borrowed?.byteOffset).toBe(at + 4);
          at += 4 + value.length;
        }
        expect(input.atEnd()).toBe(true);
      }),
      { numRuns: effort(200, 20) },
    );
  });
});
