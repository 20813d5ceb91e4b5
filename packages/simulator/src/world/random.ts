/**
 * Seeded pseudo-random numbers: the only source of chance in a simulated world.
 * Small, fast and the same everywhere; no secret may depend on it. The generator
 * is sfc32 (Chris Doty-Humphrey's Small Fast Counter), which passes PractRand.
 */

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Equal seeds give equal numbers. All 53 bits of the seed count. */
  constructor(seed: number) {
    this.#a = 0x9e3779b9;
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 0x1_0000_0000) | 0;
    // The state needs a few rounds until every bit of the seed has reached every word.
    for (let round = 0; round < 15; round += 1) this.uint32();
  }

  /**
   * A stream of its own, named by a text. Depends on the seed and the name only,
   * never on what was drawn before: so one part of a world can be left out
   * without changing the luck of the others.
   */
  static named(seed: number, name: string): Random {
    let hash = 0x811c9dc5;
    for (let at = 0; at < name.length; at += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
    }
    const stream = new Random(seed);
    stream.#a ^= hash;
    for (let round = 0; round < 15; round += 1) stream.uint32();
    return stream;
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer from `least` to `most`, both included. The range must be below 2^32. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** True once in `1 / probability` times on average. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A waiting time with this mean: many short ones, a few long ones. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[Math.floor(this.fraction() * items.length)] as T;
  }

  /**
   * One of the items, each as likely as its weight is large; `weights` are theirs, in their order, and not
   * negative. The last one where all weights are 0, or rounding leaves nothing.
   */
  pickWeighted<T>(items: readonly T[], weights: readonly number[]): T {
    let left = this.fraction() * weights.reduce((sum, weight) => sum + weight, 0);
    const at = weights.findIndex((weight) => (left -= weight) < 0);
    const picked = items.at(at);
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }

  /** A copy of the items in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let at = copy.length - 1; at > 0; at -= 1) {
      const other = this.integer(0, at);
      [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
    }
    return copy;
  }
}
