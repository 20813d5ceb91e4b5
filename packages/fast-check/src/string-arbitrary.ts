/** Strings that find codec bugs: paths as ZooKeeper holds them, and the edges of UTF-8 and UTF-16. */
import fc, { type Arbitrary } from "fast-check";

/** `"any"` may hold lone surrogates; `"wellFormed"` does not. */
export type StringFlavour = "wellFormed" | "any";

/** Strings, the empty one included. `withLong` adds a few of thousands of characters. */
export function stringArbitrary(flavour: StringFlavour, withLong: boolean): Arbitrary<string> {
  const hostile = flavour === "any" ? fc.oneof(wellFormedUnit, surrogate) : wellFormedUnit;
  const short = fc.string({ unit: hostile, maxLength: 24 });
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.string({ maxLength: 12 }), weight: 6 },
    { arbitrary: path, weight: 6 },
    { arbitrary: short, weight: 8 },
    // Long strings take other branches of an encoder than short ones, and may need more room than first reserved.
    {
      arbitrary: fc.tuple(short, longCount).map(([s, n]) => s.repeat(n)),
      weight: withLong ? 1 : 0,
    },
    { arbitrary: fc.tuple(longAscii, short).map(([s, end]) => s + end), weight: withLong ? 1 : 0 },
  );
}

const path = fc
  .array(
    fc.string({
      unit: fc.constantFrom("a", "b", "z", "0", "9", "-", "_", "."),
      minLength: 1,
      maxLength: 10,
    }),
    {
      maxLength: 5,
    },
  )
  .map((segments) => `/${segments.join("/")}`);

/** How many of Unicode's code points are halves of pairs, all from U+D800 on. */
const SURROGATES = 0x800;

/** Where the encoded length of a character changes, and what decoders like to swallow (BOM) or end at (NUL). */
const boundary = fc.constantFrom(
  "\0",
  "\x7f",
  "\x80",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "\u{10000}",
  "\u{1f600}",
  "\u{10ffff}",
);

/**
 * Any code point but a surrogate. fast-check's own unit for this, `"binary"`, makes a
 * table of all of Unicode when it is first asked for, which takes most of a second.
 */
const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES })
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + SURROGATES));

const wellFormedUnit = fc.oneof(anyCharacter, boundary, fc.constantFrom("a", "/", "é", "中"));

const surrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));

const longCount = fc.integer({ min: 50, max: 600 });

const longAscii = fc.integer({ min: 100, max: 20_000 }).map((length) => "z".repeat(length));
