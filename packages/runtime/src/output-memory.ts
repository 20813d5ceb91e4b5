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

/** The bytes at the end of the memory that no message reaches; as many as the largest store has. */
export const VIEW_SLACK = 8;

export interface OutputMemory {
  /** What messages may fill. */
  readonly bytes: Uint8Array;
  /** Over `bytes`, and `VIEW_SLACK` bytes behind them. */
  readonly view: DataView;
  /** Over `bytes` as well, for the host's encoder. Undefined where the host has none that is quick. */
  readonly text: NativeText | undefined;
}

/** Fresh memory of `size` bytes, those of the slack included. */
export function newMemory(size: number): OutputMemory {
  const buffer = new ArrayBuffer(size);
  return {
    bytes: new Uint8Array(buffer, 0, size - VIEW_SLACK),
    view: new DataView(buffer),
    text: native?.textOver(buffer, size - VIEW_SLACK),
  };
}
