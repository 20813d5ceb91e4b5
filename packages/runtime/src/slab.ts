/**
 * Memory for small results. A fresh ArrayBuffer costs several times as much as a
 * place in one that exists, so small results lie next to each other in slabs. A
 * place is given away once and never written again. The price: whoever keeps one
 * small result keeps its slab, 64 KiB.
 */

/** In bytes. */
export const SLAB_SIZE = 65_536;

/** The largest result, in bytes, that shares a slab. */
export const SHARED_RESULT = 4096;

let slab = new Uint8Array(0);
let used = 0;

/** A copy of `bytes[start, end)` that belongs to the caller. */
export function copyToSlab(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > SHARED_RESULT) {
    return bytes.slice(start, end);
  }
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    used = 0;
  }
  const at = used;
  used = at + length;
  slab.set(bytes.subarray(start, end), at);
  return new Uint8Array(slab.buffer, at, length);
}
