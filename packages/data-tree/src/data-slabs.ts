/**
 * The data of znodes, side by side in large pieces of memory: an array of its own
 * costs two to three times as much as a hundred bytes.
 *
 * What was written is never written over, so whoever has borrowed data keeps it.
 * Data that is no longer used leaves a gap. Of a slab that consists of gaps by more
 * than a half, the rest is moved, and the slab left to the collector: so there are
 * at most as many bytes of gaps as of data, and each byte is moved about once.
 */

/** Who has which data, and must be told when it moves. */
export interface DataOwner {
  /** Whether the owner's data is at this place. */
  isAt(owner: number, place: number): boolean;
  moved(owner: number, place: number): void;
}

/** The longest data that goes into a slab. */
export const MOST_SLAB_DATA = 1024;

interface Slab {
  readonly bytes: Uint8Array;
  /** The same memory: each datum has its owner and its length in front, and begins at a multiple of eight. */
  readonly words: Int32Array;
  used: number;
  live: number;
}

/** In bytes. */
export interface SlabBytes {
  readonly total: number;
  readonly live: number;
}

export class DataSlabs {
  readonly #owner: DataOwner;
  readonly #mostBytes: number;
  readonly #slabs: (Slab | undefined)[] = [];
  /** The numbers of those that are gone. */
  readonly #vacant: number[] = [];
  #current = -1;

  /** `mostBytes` is the size of a slab, a multiple of 8 from 4096 to 524288, the default. Throws RangeError for another. */
  constructor(owner: DataOwner, mostBytes: number = MOST_BYTES) {
    if (mostBytes % UNIT_BYTES !== 0 || !(mostBytes >= LEAST_BYTES && mostBytes <= MOST_BYTES))
      throw new RangeError(
        `dataSlabBytes is ${mostBytes}. Write a multiple of ${UNIT_BYTES} from ${LEAST_BYTES} to ${MOST_BYTES}.`,
      );
    this.#owner = owner;
    this.#mostBytes = mostBytes;
  }

  /**
   * Copies data of 1 to MOST_SLAB_DATA bytes, and returns its place. Others are moved
   * where that makes room, the owner's old data among them: ask for its place afterwards.
   * Throws RangeError, and changes nothing, if all slabs there can be are in use.
   */
  put(owner: number, data: Uint8Array): number {
    const size = sizeFor(data.length);
    let slab = this.#slabs[this.#current];
    while (slab === undefined || slab.used + size > slab.bytes.length) slab = this.#begin();
    const at = slab.used;
    slab.words[at / 4] = owner;
    slab.words[at / 4 + 1] = data.length;
    slab.bytes.set(data, at + HEAD_BYTES);
    slab.used += size;
    slab.live += size;
    return this.#current * UNITS + at / UNIT_BYTES;
  }

  /** Borrows the data at a place. It never changes. */
  get(place: number, length: number): Uint8Array {
    const slab = this.#slabs[Math.floor(place / UNITS)];
    if (slab === undefined) throw new RangeError(`there is no data at ${String(place)}`);
    const start = (place % UNITS) * UNIT_BYTES + HEAD_BYTES;
    return slab.bytes.subarray(start, start + length);
  }

  /** Whoever had this data has it no more. Called after the owner has forgotten the place. */
  free(place: number, length: number): void {
    const number = Math.floor(place / UNITS);
    const slab = this.#slabs[number];
    if (slab === undefined) return;
    slab.live -= sizeFor(length);
    if (number !== this.#current && slab.live * 2 < slab.used) this.#vacate(number, slab);
  }

  /** How large the slabs are, and how much of them is data in use, heads included. */
  get bytes(): SlabBytes {
    let total = 0;
    let live = 0;
    for (const slab of this.#slabs) {
      total += slab?.bytes.length ?? 0;
      live += slab?.live ?? 0;
    }
    return { total, live };
  }

  /** Small ones first, for small trees. */
  #begin(): Slab | undefined {
    const last = this.#current;
    const number = this.#vacant.at(-1) ?? this.#slabs.length;
    if (number >= MOST_SLABS) throw new RangeError("the tree has more data than fits");
    const bytes = new Uint8Array(Math.min(LEAST_BYTES * 2 ** this.#slabs.length, this.#mostBytes));
    this.#slabs[number] = { bytes, words: new Int32Array(bytes.buffer), used: 0, live: 0 };
    this.#vacant.pop();
    this.#current = number;
    const left = this.#slabs[last];
    // What was freed while it was filled has not been looked at.
    if (left !== undefined && left.live * 2 < left.used) this.#vacate(last, left);
    return this.#slabs[this.#current];
  }

  /** Moves what is left of a slab. */
  #vacate(number: number, slab: Slab): void {
    for (let at = 0; at < slab.used;) {
      const owner = slab.words[at / 4] as number;
      const length = slab.words[at / 4 + 1] as number;
      if (this.#owner.isAt(owner, number * UNITS + at / UNIT_BYTES)) {
        const start = at + HEAD_BYTES;
        this.#owner.moved(owner, this.put(owner, slab.bytes.subarray(start, start + length)));
      }
      at += sizeFor(length);
    }
    this.#slabs[number] = undefined;
    this.#vacant.push(number);
  }
}

function sizeFor(length: number): number {
  return (HEAD_BYTES + length + UNIT_BYTES - 1) & -UNIT_BYTES;
}

const HEAD_BYTES = 8;
const UNIT_BYTES = 8;
/** Of a slab, so that a place is a number of 32 bits. */
const UNITS = 2 ** 16;
const MOST_BYTES = UNITS * UNIT_BYTES;
const MOST_SLABS = 2 ** 16;
const LEAST_BYTES = 4096;
