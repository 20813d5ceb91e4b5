/**
 * Stores of longs, with a check of their range. Up to V8 12, DataView's
 * `setBigInt64` is slow, so a bigint is split through shared memory: it goes into
 * a BigInt64Array and its halves are seen through an Int32Array over the same
 * bytes, which takes a third of the time, and reading the number back tells
 * whether it fitted: 2.5 ns a number, as much as the store, and the quickest way found. Later engines are best left to DataView
 * (bench/primitives).
 */
import { LITTLE_ENDIAN, SINCE_V8_13 } from "./engine.js";
import { refuseInteger, refuseOneOf } from "./values.js";

const longs = new BigInt64Array(4);
const halves = new Int32Array(longs.buffer);

const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

type Put<Values extends bigint[]> = (view: DataView, at: number, ...values: Values) => void;

/** Stores a signed 64-bit integer, big-endian. Throws a `JuteEncodeError` for one that does not fit. */
export const putLong: Put<[bigint]> = SINCE_V8_13 ? putWhole : putHalves;

/** Two longs, side by side. */
export const putTwoLongs: Put<[bigint, bigint]> = SINCE_V8_13 ? putTwoWhole : putTwoInHalves;

/**
 * Four longs, side by side. One call for all of them keeps records of many numbers within the amount of
 * bytecode that V8 inlines: a Stat takes a fifth less time (Node 20).
 */
export const putFourLongs: Put<[bigint, bigint, bigint, bigint]> = SINCE_V8_13
  ? putFourWhole
  : putFourInHalves;

function putWhole(view: DataView, at: number, value: bigint): void {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
    refuseInteger(value, 64);
  }
  view.setBigInt64(at, value);
}

function putTwoWhole(view: DataView, at: number, a: bigint, b: bigint): void {
  putWhole(view, at, a);
  putWhole(view, at + 8, b);
}

function putFourWhole(
  view: DataView,
  at: number,
  a: bigint,
  b: bigint,
  c: bigint,
  d: bigint,
): void {
  putWhole(view, at, a);
  putWhole(view, at + 8, b);
  putWhole(view, at + 16, c);
  putWhole(view, at + 24, d);
}

function putHalves(view: DataView, at: number, value: bigint): void {
  // What does not fit comes back as another number.
  if (typeof value !== "bigint" || ((longs[0] = value), longs[0] !== value)) {
    refuseInteger(value, 64);
  }
  view.setInt32(at, halves[HIGH] as number);
  view.setInt32(at + 4, halves[LOW] as number);
}

function putTwoInHalves(view: DataView, at: number, a: bigint, b: bigint): void {
  if (typeof a !== "bigint" || typeof b !== "bigint") {
    refuseOneOf([a, b], 64);
  }
  longs[0] = a;
  longs[1] = b;
  if (longs[0] !== a || longs[1] !== b) {
    refuseOneOf([a, b], 64);
  }
  view.setInt32(at, halves[HIGH] as number);
  view.setInt32(at + 4, halves[LOW] as number);
  view.setInt32(at + 8, halves[2 + HIGH] as number);
  view.setInt32(at + 12, halves[2 + LOW] as number);
}

function putFourInHalves(
  view: DataView,
  at: number,
  a: bigint,
  b: bigint,
  c: bigint,
  d: bigint,
): void {
  if (
    typeof a !== "bigint" ||
    typeof b !== "bigint" ||
    typeof c !== "bigint" ||
    typeof d !== "bigint"
  ) {
    refuseOneOf([a, b, c, d], 64);
  }
  longs[0] = a;
  longs[1] = b;
  longs[2] = c;
  longs[3] = d;
  if (longs[0] !== a || longs[1] !== b || longs[2] !== c || longs[3] !== d) {
    refuseOneOf([a, b, c, d], 64);
  }
  view.setInt32(at, halves[HIGH] as number);
  view.setInt32(at + 4, halves[LOW] as number);
  view.setInt32(at + 8, halves[2 + HIGH] as number);
  view.setInt32(at + 12, halves[2 + LOW] as number);
  view.setInt32(at + 16, halves[4 + HIGH] as number);
  view.setInt32(at + 20, halves[4 + LOW] as number);
  view.setInt32(at + 24, halves[6 + HIGH] as number);
  view.setInt32(at + 28, halves[6 + LOW] as number);
}
