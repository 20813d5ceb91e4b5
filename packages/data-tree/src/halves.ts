/** Longs as two signed 32-bit numbers, which need no memory of their own. */

/** Numbers and longs over the same memory are in the machine's order. */
const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** Which half of a long is where, in an Int32Array over longs. */
export const HIGH: number = isLittleEndian ? 1 : 0;
export const LOW: number = 1 - HIGH;

/** The upper half. */
export function highOf(value: bigint): number {
  long[0] = value;
  return halves[HIGH] as number;
}

/** The lower half. */
export function lowOf(value: bigint): number {
  long[0] = value;
  return halves[LOW] as number;
}

const long = new BigInt64Array(1);
const halves = new Int32Array(long.buffer);
