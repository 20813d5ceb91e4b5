/** Byte strings, mostly short, with a few that outgrow any buffer that an encoder starts with. */
import fc, { type Arbitrary } from "fast-check";

/** Byte strings, the empty one included. `withLarge` adds a few of up to 64 KiB. */
export function bufferArbitrary(withLarge: boolean): Arbitrary<Uint8Array> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 19 },
    { arbitrary: large, weight: withLarge ? 1 : 0 },
  );
}

// A pattern instead of random bytes: as telling for a codec, and cheap to make and to shrink.
const large = fc
  .tuple(fc.integer({ min: 1000, max: 0x1_0000 }), fc.nat(0xff))
  .map(([length, first]) => Uint8Array.from({ length }, (_, i) => first + i * 7));
