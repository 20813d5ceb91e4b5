/**
 * The memory that an output archive writes to, and the ways in which it is seen.
 *
 * The last few bytes belong to the DataView alone. V8 13's middle compiler takes a
 * store into the last seven bytes of a DataView for one that could be out of
 * bounds, however short it is. It then throws the code away and never inlines that
 * store again, so one message that ends with its slab would make all later ones two
 * to three times as slow. With bytes to spare, no store comes that close to the end.
 */
import { native, type NativeText } from "./engine.js";
import { JuteEncodeError } from "./errors.js";

/** The bytes at the end of the memory that no message reaches; as many as the largest store has. */
export const VIEW_SLACK = 8;

export interface OutputMemory {
  /** All of the memory. Kept beside its views, because asking a Uint8Array for it costs as much as making one. */
  readonly buffer: ArrayBuffer;
  /** What messages may fill. */
  readonly bytes: Uint8Array;
  /** Over `bytes`, and `VIEW_SLACK` bytes after them. */
  readonly view: DataView;
  /** Over `bytes` as well, for the host's encoder. Undefined where the host has none that is quick. */
  readonly text: NativeText | undefined;
}

/** Fresh memory of `size` bytes, those of the slack included. */
export function newMemory(size: number): OutputMemory {
  const buffer = newUncleared(size);
  return {
    buffer,
    bytes: new Uint8Array(buffer, 0, size - VIEW_SLACK),
    view: new DataView(buffer),
    text: native?.textOver(buffer, size - VIEW_SLACK),
  };
}

/**
 * Memory whose every byte will be written before it is handed out. Where the host can, it is not cleared
 * first, as in Node's own pool: clearing takes a quarter of the time of encoding 1 KB, and 40% for a megabyte.
 */
export function newUncleared(size: number): ArrayBuffer {
  return native === undefined ? new ArrayBuffer(size) : native.newUncleared(size);
}

/** The size of the memory for a message that needs so many bytes already, `size` of them for one value. */
export function grownCapacity(needed: number, size: number): number {
  if (needed > MAX_ARCHIVE) {
    throw new JuteEncodeError("size", `the message would take ${String(needed)} bytes`);
  }
  const share = needed <= LARGE_MESSAGE ? needed : size > needed >> 1 ? needed >> 6 : needed >> 2;
  const spare = Math.max(share, VIEW_SLACK);
  return Math.min(needed + spare, MAX_ARCHIVE + VIEW_SLACK);
}

/**
 * Buffers for longer messages, in bytes, grow by a quarter instead of doubling, and by a 64th where most of
 * the message is one value: little follows a megabyte of data.
 */
const LARGE_MESSAGE = 65_536;

/** A Jute length is a signed int, so no message can usefully be longer. */
const MAX_ARCHIVE = 0x7fffffff;
