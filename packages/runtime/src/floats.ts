/**
 * Stores of floating-point numbers. A NaN that was read keeps whatever bits it came with, and a DataView
 * may write those; Java writes the same bits for every NaN, and so does this.
 */
import { refuse } from "./values.js";

export function putFloat(view: DataView, at: number, value: number): void {
  if (typeof value !== "number") {
    refuse(value, "a number");
  }
  if (Number.isNaN(value)) {
    view.setInt32(at, CANONICAL_NAN_FLOAT);
  } else {
    view.setFloat32(at, value);
  }
}

export function putDouble(view: DataView, at: number, value: number): void {
  if (typeof value !== "number") {
    refuse(value, "a number");
  }
  if (Number.isNaN(value)) {
    view.setInt32(at, CANONICAL_NAN_DOUBLE);
    view.setInt32(at + 4, 0);
  } else {
    view.setFloat64(at, value);
  }
}

/** What Java writes for every NaN; of a double the upper half, the lower one is zero. */
const CANONICAL_NAN_FLOAT = 0x7fc00000;
const CANONICAL_NAN_DOUBLE = 0x7ff80000;
