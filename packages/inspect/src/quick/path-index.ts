/** Finds what belongs to a path by the bytes of the path, because making a text of each costs more than counting it. */
export class PathIndex<T> {
  /** Indexes of `#values`, plus one; 0 is free. The size is a power of two, and most of it stays free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS / SLOTS_FOR_A_KEY);
  /** All keys, one after the other, and where each ends. */
  #keys = new Uint8Array(FIRST_KEY_BYTES);
  #ends = new Int32Array(FIRST_SLOTS / SLOTS_FOR_A_KEY);
  readonly #values: T[] = [];

  get size(): number {
    return this.#values.length;
  }

  get(bytes: Uint8Array, start: number, end: number): T | undefined {
    const hash = hashOf(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = (slots[slot] ?? 0) - 1;
      if (index < 0) return undefined;
      if (this.#hashes[index] === hash && this.#isKey(index, bytes, start, end)) {
        return this.#values[index];
      }
    }
  }

  /** Adds a path that is not there. The bytes are copied. */
  add(bytes: Uint8Array, start: number, end: number, value: T): void {
    const index = this.#values.length;
    const keysEnd = this.#endOf(index - 1) + end - start;
    if ((index + 1) * SLOTS_FOR_A_KEY > this.#slots.length) this.#grow();
    if (keysEnd > this.#keys.length) this.#keys = copyOf(this.#keys, 2 * keysEnd);
    const hash = hashOf(bytes, start, end);
    this.#keys.set(bytes.subarray(start, end), this.#endOf(index - 1));
    this.#ends[index] = keysEnd;
    this.#hashes[index] = hash;
    this.#values.push(value);
    this.#put(hash, index + 1);
  }

  #endOf(index: number): number {
    return index < 0 ? 0 : (this.#ends[index] ?? 0);
  }

  #isKey(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const keys = this.#keys;
    const keyStart = this.#endOf(index - 1);
    if (this.#endOf(index) - keyStart !== end - start) return false;
    const distance = keyStart - start;
    // Siblings differ at their ends.
    for (let at = end - 1; at >= start; at--) if (keys[at + distance] !== bytes[at]) return false;
    return true;
  }

  #put(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#hashes = copyOf(this.#hashes, 2 * this.#hashes.length);
    this.#ends = copyOf(this.#ends, 2 * this.#ends.length);
    for (let index = 0; index < this.size; index++) this.#put(this.#hashes[index] ?? 0, index + 1);
  }
}

function copyOf<A extends Int32Array | Uint8Array>(array: A, length: number): A;
function copyOf(array: Int32Array | Uint8Array, length: number): Int32Array | Uint8Array {
  const copy = array instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
  copy.set(array);
  return copy;
}

/** Whether these bytes are ASCII, so that no other bytes are the same text. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FACTOR);
  // The lower bits pick the slot, and depend on all others only so.
  return hash ^ (hash >>> 15);
}

const FACTOR = 0x0100_0193;
const FIRST_SLOTS = 1024;
const FIRST_KEY_BYTES = 16_384;
const SLOTS_FOR_A_KEY = 4;
