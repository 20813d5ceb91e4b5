/**
 * Strings on the wire against two oracles: Node's TextEncoder and TextDecoder
 * where they define the answer, the slow twin everywhere else. All of it in several
 * hosts, because the archives use what the host has (Node's Buffer, the web's
 * TextEncoder and TextDecoder, or nothing) and what is quick on its engine.
 */
import fc, { type Arbitrary } from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { effort, rowsOf } from "../../../test/effort.js";
import { HOSTS, inHost, type Runtime } from "../../../test/hosts.js";
import {
  decodeString,
  encodeString,
  Refused,
  type StringForm,
} from "../../../test/properties/reference-codec.js";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

describe.each(rowsOf(HOSTS, 3))("strings $host", (host) => {
  let runtime: Runtime;

  beforeAll(async () => {
    runtime = await inHost(host, () => import("./index.js"));
  });

  it.each(["utf8", "java"] as const)("are written as %s, as the twin writes them", (form) => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(written(runtime, text, form)).toEqual(encodeString(text, form));
        expect(runtime.stringByteLength(text, form)).toBe(encodeString(text, form).length);
      }),
      { numRuns: effort(200, 16) },
    );
  });

  it("are written as TextEncoder writes them, when they are well-formed", () => {
    fc.assert(
      fc.property(wellFormedText, (text) => {
        expect(written(runtime, text, "utf8")).toEqual([...encoder.encode(text)]);
      }),
      { numRuns: effort(200, 16) },
    );
  });

  it.each(["utf8", "java"] as const)("come back from %s unchanged, lone surrogates too", (form) => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(runtime, Uint8Array.from(written(runtime, text, form)))).toBe(text);
      }),
      { numRuns: effort(200, 16) },
    );
  });

  it("are read from any bytes as the twin reads them, or refused with it", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(outcome(() => read(runtime, bytes))).toEqual(
          outcome(() => decodeString([...bytes])),
        );
      }),
      { numRuns: effort(1000, 80) },
    );
  });

  it("are read as TextDecoder reads them, wherever it does", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const expected = outcome(() => strictDecoder.decode(bytes));
        fc.pre(expected !== REFUSED);
        expect(read(runtime, bytes)).toBe(expected);
      }),
      { numRuns: effort(300, 25), maxSkipsPerRun: 1000 },
    );
  });

  it("replace the same parts as TextDecoder does, when told to", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        // Three bytes from `ed a0` on are a surrogate here, and malformed for TextDecoder.
        fc.pre(!bytes.some((byte, i) => byte === 0xed && (bytes[i + 1] ?? 0) >= 0xa0));
        expect(read(runtime, bytes, "replace")).toBe(lenientDecoder.decode(bytes));
      }),
      { numRuns: effort(300, 25), maxSkipsPerRun: 1000 },
    );
  });

  it("say at which byte they stop being text", () => {
    fc.assert(
      fc.property(wellFormedText, brokenSequence, (text, broken) => {
        const good = encoder.encode(text);
        const error = failure(runtime, Uint8Array.from([...good, ...broken]));
        expect(error).toMatchObject({ kind: "utf8", offset: 4 + good.length });
      }),
      { numRuns: effort(300, 25) },
    );
  });
});

/** The bytes of a string after its length, at an odd offset of an archive that has to grow. */
function written(runtime: Runtime, text: string, strings: StringForm): number[] {
  const archive = new runtime.BinaryOutputArchive({ strings, initialCapacity: 8 });
  archive.writeByte(1);
  archive.writeString(text);
  archive.writeByte(2);
  const bytes = archive.toBytes();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
  expect(bytes.length).toBe(1 + 4 + length + 1);
  expect([bytes[0], bytes.at(-1)]).toEqual([1, 2]);
  return [...bytes.subarray(5, -1)];
}

/** Reads bytes as one string, which lies inside a larger piece of memory full of other text. */
function read(runtime: Runtime, bytes: Uint8Array, invalidUtf8?: "error" | "replace"): string {
  const { memory, message } = embed(bytes);
  const archive = new runtime.BinaryInputArchive(message, { invalidUtf8 });
  const text = archive.readString();
  expect(archive.atEnd()).toBe(true);
  expect(memory[0]).toBe(0xc3);
  if (text === null) throw new Error("a length above -1 was read as null");
  return text;
}

function failure(runtime: Runtime, bytes: Uint8Array): unknown {
  try {
    new runtime.BinaryInputArchive(embed(bytes).message).readString();
  } catch (error) {
    expect(error).toBeInstanceOf(runtime.JuteDecodeError);
    return error;
  }
  throw new Error("the bytes were accepted");
}

/** Around the message lie bytes that would complete a sequence which is cut off at its ends. */
function embed(bytes: Uint8Array): { memory: Uint8Array; message: Uint8Array } {
  const memory = new Uint8Array(bytes.length + 9).fill(0x80);
  memory[0] = 0xc3;
  new DataView(memory.buffer).setInt32(1, bytes.length);
  memory.set(bytes, 5);
  return { memory, message: memory.subarray(1, 5 + bytes.length) };
}

const REFUSED = Symbol("refused");

function outcome(decode: () => string): string | typeof REFUSED {
  try {
    return decode();
  } catch (error) {
    const refusal = error instanceof Refused || error instanceof TypeError || isDecodeError(error);
    if (!refusal) throw error;
    return REFUSED;
  }
}

/** By name, because each load of the runtime has an error class of its own. */
function isDecodeError(error: unknown): boolean {
  return error instanceof Error && error.name === "JuteDecodeError";
}

// Where a character takes more bytes, what decoders swallow, and what they use as replacement.
const edges = fc.constantFrom(
  ..."\0 \x7f \x80 \u07ff \u0800 \ud7ff \ue000 \ufeff \ufffd \uffff \u{10000} \u{10ffff} é 中".split(
    " ",
  ),
);

const wellFormedText = ofEveryLength(fc.oneof(fc.string({ unit: "binary", maxLength: 1 }), edges));

const anyText = ofEveryLength(
  fc.oneof(
    { arbitrary: fc.string({ maxLength: 3 }), weight: 3 },
    { arbitrary: edges, weight: 2 },
    {
      arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
      weight: 1,
    },
  ),
);

/** Texts on both sides of every length at which an implementation may change its mind. */
function ofEveryLength(unit: Arbitrary<string>): Arbitrary<string> {
  const pieces = fc.array(unit, { maxLength: 12 });
  const ascii = fc
    .constantFrom(
      0,
      1,
      7,
      14,
      15,
      16,
      27,
      28,
      29,
      30,
      31,
      32,
      33,
      38,
      39,
      40,
      41,
      47,
      48,
      64,
      300,
      4095,
      4096,
      16_384,
    )
    .map((length) => "s".repeat(length));
  return fc
    .tuple(pieces, ascii, pieces)
    .map(([before, padding, after]) => [...before, padding, ...after].join(""));
}

const brokenSequence = fc.constantFrom(
  [0x80],
  [0xbf, 0x41],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xc3],
  [0xc3, 0x41],
  [0xe0, 0x9f, 0xbf],
  [0xe2, 0x82],
  [0xed, 0xa0],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x9f, 0x98],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xff],
);

const anyBytes = fc
  .array(
    fc.oneof(
      {
        arbitrary: anyText.filter((text) => text.length < 100).map((t) => encodeString(t, "java")),
        weight: 2,
      },
      { arbitrary: anyText.map((text) => encodeString(text, "utf8")), weight: 1 },
      { arbitrary: brokenSequence, weight: 1 },
      { arbitrary: fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 4 }), weight: 1 },
      { arbitrary: fc.array(fc.constantFrom(0x41, 0xed, 0xa0, 0xbd, 0xb8, 0x80, 0xf0)), weight: 1 },
    ),
    { maxLength: 4 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));
