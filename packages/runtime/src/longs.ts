/**
 * Longs through shared memory. A bigint cannot be split or joined cheaply in
 * JavaScript, but it can be stored in a BigInt64Array and its halves seen through
 * an Int32Array over the same bytes.
 *
 * On V8 11, DataView's own 64-bit methods allocate on the way and cost three
 * times as much; later ones load well, so only stores go through here for the
 * sake of their range check (bench/primitives). Nothing is kept here between two
 * statements of the caller.
 */
import { JuteEncodeError } from "./errors.js";
import { LITTLE_ENDIAN, RECENT_ENGINE } from "./host.js";

/** How many longs can be staged at a time. The generator knows this number. */
const STAGED_LONGS = 16;

const longs = new BigInt64Array(STAGED_LONGS);
const halves = new Int32Array(longs.buffer);

const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** Stores a signed 64-bit integer, big-endian. */
export function putLong(view: DataView, at: number, value: bigint): void {
  longs[0] = value;
  // What does not fit comes back as another number.
  if (longs[0] !== value) {
    throw new JuteEncodeError("range", `${String(value)} is not a signed 64-bit integer`);
  }
  view.setInt32(at, halves[HIGH] as number);
  view.setInt32(at + 4, halves[LOW] as number);
}

/** Loads a signed 64-bit integer, big-endian. */
export function longAt(view: DataView, at: number): bigint {
  if (RECENT_ENGINE) {
    return view.getBigInt64(at);
  }
  halves[HIGH] = view.getInt32(at);
  halves[LOW] = view.getInt32(at + 4);
  return longs[0] as bigint;
}

/**
 * Loads a long for `stagedLong`. To load several and then take them is quicker
 * than one after the other: a load of eight bytes right after the stores of its
 * halves stalls the processor.
 */
export function stageLong(index: number, view: DataView, at: number): void {
  if (RECENT_ENGINE) {
    longs[index] = view.getBigInt64(at);
  } else {
    halves[2 * index + HIGH] = view.getInt32(at);
    halves[2 * index + LOW] = view.getInt32(at + 4);
  }
}

/** Takes the long that was staged under this index. */
export function stagedLong(index: number): bigint {
  return longs[index] as bigint;
}
