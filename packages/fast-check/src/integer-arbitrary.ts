/** Integers of Jute's sizes. fast-check prefers small values, but meets the very ends of a range only by luck. */
import fc, { type Arbitrary } from "fast-check";

/** Signed integers of this many bits, its two ends often among them. */
export function integerArbitrary(bits: 8 | 32): Arbitrary<number> {
  const min = -(2 ** (bits - 1));
  const max = -min - 1;
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.integer({ min, max }), weight: 4 },
    { arbitrary: fc.constantFrom(min, min + 1, -1, max - 1, max), weight: 1 },
  );
}

const min = -(1n << 63n);
const max = (1n << 63n) - 1n;

/** Signed 64-bit integers, with the ends of 32, 53 and 64 bits often among them. */
export const longArbitrary: Arbitrary<bigint> = fc.oneof(
  { withCrossShrink: true },
  { arbitrary: fc.bigInt({ min, max }), weight: 4 },
  { arbitrary: fc.constantFrom(...edgesOfLong()), weight: 1 },
);

/** Where a codec that goes through ints or doubles would lose something. */
function edgesOfLong(): bigint[] {
  const around = [1n << 31n, 1n << 32n, 1n << 53n].flatMap((power) => [
    power - 1n,
    power,
    power + 1n,
  ]);
  return [min, min + 1n, -1n, max - 1n, max, ...around, ...around.map((edge) => -edge)];
}
