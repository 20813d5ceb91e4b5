/**
 * Loads of big-endian numbers from bytes, without a DataView: a message would
 * need a view of its own, which costs as much as fifty loads, and what a load
 * costs more this way is a nanosecond (bench/primitives: "start reading a
 * message", "ints", "read longs").
 */
import { LITTLE_ENDIAN } from "./engine.js";

/** How many longs can be staged at a time. The generator knows this number. */
const STAGED_LONGS = 16;

// A bigint or a floating-point number is made from its halves through shared memory. Nothing is kept
// here between two statements of a caller.
/** The longs that `stageLongs` has loaded, by index. */
export const stagedLongs: BigInt64Array = new BigInt64Array(STAGED_LONGS);
const halves = new Int32Array(stagedLongs.buffer);
const doubles = new Float64Array(stagedLongs.buffer);
const floats = new Float32Array(stagedLongs.buffer);

const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** A signed 32-bit integer. */
export function intAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** A signed 64-bit integer. */
export function longAt(bytes: Uint8Array, at: number): bigint {
  halves[HIGH] = intAt(bytes, at);
  halves[LOW] = intAt(bytes, at + 4);
  return stagedLongs[0] as bigint;
}

/**
 * Loads longs that lie side by side into `stagedLongs`. To load several and then
 * take them is quicker than one after the other: a load of eight bytes right after
 * the stores of its halves stalls the processor. The loop also keeps the callers
 * small enough to be optimized as one piece.
 */
export function stageLongs(index: number, bytes: Uint8Array, at: number, count: number): void {
  let from = at;
  for (let i = 2 * index, end = i + 2 * count; i < end; i += 2) {
    halves[i + HIGH] = intAt(bytes, from);
    halves[i + LOW] = intAt(bytes, from + 4);
    from += 8;
  }
}

/** An IEEE single. */
export function floatAt(bytes: Uint8Array, at: number): number {
  halves[0] = intAt(bytes, at);
  return floats[0] as number;
}

/** An IEEE double. */
export function doubleAt(bytes: Uint8Array, at: number): number {
  halves[HIGH] = intAt(bytes, at);
  halves[LOW] = intAt(bytes, at + 4);
  return doubles[0] as number;
}
