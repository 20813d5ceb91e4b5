/**
 * Memory for small results. A fresh ArrayBuffer costs several times as much as a
 * place in one that exists, so small results lie next to each other in slabs. A
 * place is given away once and never written again. The price: whoever keeps one
 * small result keeps its slab, 64 KiB.
 */

import { newUncleared } from "./output-memory.js";

/** In bytes. */
export const SLAB_SIZE = 65_536;

/** The largest result, in bytes, that shares a slab. */
export const SHARED_RESULT = 4096;

let memory = new ArrayBuffer(0);
let slab = new Uint8Array(memory);
let used = 0;

/**
 * A copy in memory of its own. V8 does not clear memory that a Uint8Array is made for from another one, as
 * it does for `slice`, which takes 1.2 to 1.5 times as long from 16 KB on (bench/primitives: "copy out").
 */
export function copyOf(buffer: ArrayBufferLike, start: number, length: number): Uint8Array {
  return new Uint8Array(new Uint8Array(buffer, start, length));
}

/** A copy of `bytes[start, end)` that belongs to the caller. */
export function copyToSlab(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > SHARED_RESULT) {
    return new Uint8Array(bytes.subarray(start, end));
  }
  if (used + length > slab.length) {
    memory = newUncleared(SLAB_SIZE);
    slab = new Uint8Array(memory);
    used = 0;
  }
  const at = used;
  used = at + length;
  slab.set(bytes.subarray(start, end), at);
  return new Uint8Array(memory, at, length);
}
