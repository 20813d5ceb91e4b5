/**
 * Numbers that look random and follow from a seed: a fuzzer must find the same
 * input again by its number. Small and fast (sfc32), since millions are drawn.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Equal numbers in, in this order, give equal numbers out. */
  constructor(...seeds: readonly number[]) {
    [this.#a, this.#b, this.#c] = [seeds[0] ?? 0, seeds[1] ?? 0, seeds[2] ?? 0];
    // The first numbers still show the seeds.
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** 0 to `count - 1`, and 0 for nothing. */
  below(count: number): number {
    return count <= 1 ? 0 : this.next() % count;
  }

  /** One of these; there must be one. */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("Nothing to choose from.");
    return choices[this.below(choices.length)] as T;
  }
}

/** A number for a text, so that parsers draw different numbers from one seed. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return hash >>> 0;
}
