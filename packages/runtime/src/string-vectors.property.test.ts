/**
 * Vectors of strings, which the archives encode and decode many at a time where
 * they can: every mix of short and long, ASCII and other text, null and empty
 * must come out as if it had been done one by one, as the slow twin does it.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { effort, rowsOf } from "../../../test/effort.js";
import { HOSTS, inHost, type Runtime } from "../../../test/hosts.js";
import {
  referenceDecode,
  referenceEncode,
  Refused,
  type StringForm,
} from "../../../test/properties/reference-codec.js";
import type { RecordDescriptor } from "./record.js";

/** A record that consists of one vector of strings, for the twin. */
const vectorOfStrings: RecordDescriptor = {
  name: "Names",
  fullName: "test.Names",
  signature: "LNames([s])",
  fields: [
    {
      name: "names",
      property: "names",
      type: { kind: "vector", element: { kind: "ustring" } },
    },
  ],
  get type(): never {
    throw new Error("the twin needs no class");
  },
};

const ascii = fc.string({ unit: fc.constantFrom("a", "7", "/", "-", "\0", "\x7f"), maxLength: 12 });

/** Long enough to be joined when written. */
const longAscii = fc.string({
  unit: fc.constantFrom("a", "7", "/", "-", "\0", "\x7f"),
  minLength: 8,
  maxLength: 24,
});

const otherScripts = fc.string({
  unit: fc.constantFrom(
    "中",
    "文",
    "é",
    "ж",
    "\uffff",
    "\ufffd",
    "\u{1f600}",
    "\ud800",
    "\udc00",
    "a",
  ),
  maxLength: 12,
});

const name = fc.oneof(
  { arbitrary: ascii, weight: 20 },
  { arbitrary: fc.constantFrom("world", "anyone", "digest", "ip", "zookeeper"), weight: 3 },
  // Either side of the lengths at which an archive changes its mind.
  {
    arbitrary: fc
      .constantFrom(8, 9, 15, 16, 19, 20, 21, 31, 32, 33, 40, 41, 126, 127, 128, 129, 300, 5000)
      .map((n) => "s".repeat(n)),
    weight: 3,
  },
  { arbitrary: fc.constant(null), weight: 1 },
  {
    arbitrary: fc
      .tuple(ascii, fc.constantFrom("é", "中", "\u{1f600}", "\ud800", "\udc00", "\ufffd"), ascii)
      .map((parts) => parts.join("")),
    weight: 1,
  },
);

const names = fc.oneof(
  fc.array(name, { maxLength: 12 }),
  fc.array(name, { minLength: 8, maxLength: 60, size: "large" }),
  // Enough plain names to fill several of the blocks in which they are joined.
  fc.array(ascii, { minLength: 300, maxLength: 900, size: "max" }),
  fc.array(longAscii, { minLength: 300, maxLength: 900, size: "max" }),
  fc.array(fc.oneof({ arbitrary: longAscii, weight: 30 }, name), {
    minLength: 8,
    maxLength: 60,
    size: "large",
  }),
  fc.array(otherScripts, { minLength: 300, maxLength: 900, size: "max" }),
  fc.array(fc.oneof({ arbitrary: otherScripts, weight: 9 }, name), { maxLength: 60, size: "max" }),
);

describe.each(rowsOf(HOSTS, 3))("vectors of strings $host", (host) => {
  let runtime: Runtime;

  beforeAll(async () => {
    runtime = await inHost(host, () => import("./index.js"));
  });

  it.each([
    { strings: "utf8" as const, joinStrings: true },
    { strings: "java" as const, joinStrings: true },
    { strings: "utf8" as const, joinStrings: false },
  ])("are written as the twin writes them, %j", ({ strings, joinStrings }) => {
    fc.assert(
      fc.property(names, fc.nat(200), (values, used) => {
        const output = new runtime.BinaryOutputArchive({
          strings,
          joinStrings,
          initialCapacity: 256,
        });
        for (let i = 0; i < used; i++) output.writeByte(0x11);
        output.writeStrings(values);
        output.writeByte(0x22);
        const written = Buffer.from(output.toBytes());
        expect(written.subarray(0, used).every((byte) => byte === 0x11)).toBe(true);
        expect(written.at(-1)).toBe(0x22);
        const expected = encoded(values, strings);
        expect(written.subarray(used, -1).equals(expected)).toBe(true);
      }),
      { numRuns: effort(150, 12) },
    );
  });

  it("are read as they were written", () => {
    fc.assert(
      fc.property(names, fc.constantFrom<StringForm>("utf8", "java"), (values, form) => {
        const bytes = encoded(values, form);
        const input = new runtime.BinaryInputArchive(bytes);
        expect(input.readStrings()).toEqual(values);
        expect(input.atEnd()).toBe(true);
      }),
      { numRuns: effort(300, 25) },
    );
  });

  it("are accepted and refused with the twin when damaged", () => {
    const damage = fc.record({
      at: fc.nat(0xffff),
      byte: fc.oneof(fc.nat(0xff), fc.constantFrom(0, 1, 8, 0x7f, 0x80, 0xff)),
    });
    const fewNames = fc.oneof(
      fc.array(ascii, { minLength: 7, maxLength: 40, size: "max" }),
      fc.array(otherScripts, { minLength: 2, maxLength: 40, size: "max" }),
    );
    fc.assert(
      fc.property(fewNames, damage, fc.nat(3), (values, { at, byte }, cut) => {
        const whole = encoded(values, "utf8");
        const bytes = whole.subarray(0, whole.length - cut);
        bytes[at % bytes.length] = byte;
        expect(runtimeVerdict(runtime, bytes)).toEqual(twinVerdict(bytes));
      }),
      { numRuns: effort(1000, 80) },
    );
  });

  it("are read in texts of limited length and number", () => {
    const long = Array.from({ length: 200 }, (_, i) => "\u4e2d".repeat(40) + String(i));
    const short = Array.from({ length: 1500 }, (_, i) => "\u00e9\u0436\u4e2d".charAt(i % 3));
    for (const values of [long, short]) {
      const input = new runtime.BinaryInputArchive(encoded(values, "utf8"));
      expect(input.readStrings()).toEqual(values);
    }
  });

  it("end with their message, whatever lies after it", () => {
    const someNames = fc.array(otherScripts, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(someNames, fc.nat(9), (values, missing) => {
        const whole = encoded(values, "utf8");
        const end = whole.length - missing;
        const input = new runtime.BinaryInputArchive(whole);
        input.setBounds(0, end);
        expect(verdictOf(runtime, input)).toEqual(twinVerdict(whole.subarray(0, end)));
        // The last name ends in front of what is missing.
        const last = Buffer.byteLength(values.at(-1) ?? "");
        if (last < missing) return;
        whole[whole.length - last - 1] = last - missing;
        input.setBounds(0, end);
        expect(verdictOf(runtime, input)).toEqual(twinVerdict(whole.subarray(0, end)));
      }),
      { numRuns: effort(1000, 200) },
    );
  });

  it("do not take strings above the limit", () => {
    const values = Array.from({ length: 20 }, (_, i) => "s".repeat(1024 + 40 + i));
    const bytes = encoded(values, "utf8");
    const input = new runtime.BinaryInputArchive(bytes, { maxBuffer: 50 });
    // 50 bytes and Java's least extra size of 1024: the eleventh string has 1075.
    expect(() => input.readStrings()).toThrow(
      expect.objectContaining({ kind: "length", offset: 4 + 11 * 4 + (1064 + 1074) * 5.5 }),
    );
  });
});

function encoded(values: readonly (string | null)[], form: StringForm): Buffer {
  return Buffer.from(referenceEncode(vectorOfStrings, { names: values }, form));
}

function runtimeVerdict(runtime: Runtime, bytes: Uint8Array): unknown {
  return verdictOf(runtime, new runtime.BinaryInputArchive(bytes));
}

function verdictOf(runtime: Runtime, input: InstanceType<Runtime["BinaryInputArchive"]>): unknown {
  try {
    const values = input.readStrings();
    return input.atEnd() ? values : REFUSED;
  } catch (error) {
    if (error instanceof runtime.JuteDecodeError) return REFUSED;
    throw error;
  }
}

function twinVerdict(bytes: Uint8Array): unknown {
  try {
    return referenceDecode(vectorOfStrings, bytes)["names"];
  } catch (error) {
    if (error instanceof Refused) return REFUSED;
    throw error;
  }
}

const REFUSED = "refused";
