/**
 * Stores of longs, with a check of their range. On V8 11, DataView's
 * `setBigInt64` is slow, so a bigint is split through shared memory: it goes into
 * a BigInt64Array and its halves are seen through an Int32Array over the same
 * bytes, which takes a third of the time, and reading the number back tells for
 * next to nothing whether it fitted. Later engines are best left to DataView
 * (bench/primitives).
 */
import { LITTLE_ENDIAN, RECENT_ENGINE } from "./engine.js";
import { refuseInteger } from "./values.js";

const longs = new BigInt64Array(1);
const halves = new Int32Array(longs.buffer);

const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** Stores a signed 64-bit integer, big-endian. Throws a `JuteEncodeError` for one that does not fit. */
export const putLong: (view: DataView, at: number, value: bigint) => void = RECENT_ENGINE
  ? putWhole
  : putHalves;

function putWhole(view: DataView, at: number, value: bigint): void {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
    refuseInteger(value, 64);
  }
  view.setBigInt64(at, value);
}

function putHalves(view: DataView, at: number, value: bigint): void {
  if (typeof value !== "bigint") {
    refuseInteger(value, 64);
  }
  longs[0] = value;
  // What does not fit comes back as another number.
  if (longs[0] !== value) {
    refuseInteger(value, 64);
  }
  view.setInt32(at, halves[HIGH] as number);
  view.setInt32(at + 4, halves[LOW] as number);
}
