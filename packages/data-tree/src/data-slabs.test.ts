/** Data side by side, against a map of arrays that are simply kept. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataSlabs, MOST_SLAB_DATA } from "./data-slabs.js";
import { DataTree } from "./data-tree.js";

/** An owner for each number, as the table of znodes is. */
class Owners {
  readonly places = new Map<number, number>();
  readonly lengths = new Map<number, number>();
  moves = 0;
  readonly slabs = new DataSlabs({
    isAt: (owner, place) => this.places.get(owner) === place,
    moved: (owner, place) => {
      this.moves++;
      this.places.set(owner, place);
    },
  });

  put(owner: number, data: Uint8Array): void {
    const place = this.slabs.put(owner, data);
    const oldPlace = this.places.get(owner);
    const oldLength = this.lengths.get(owner) ?? 0;
    this.places.set(owner, place);
    this.lengths.set(owner, data.length);
    if (oldPlace !== undefined) this.slabs.free(oldPlace, oldLength);
  }

  remove(owner: number): void {
    const place = this.places.get(owner);
    if (place === undefined) return;
    this.places.delete(owner);
    this.slabs.free(place, this.lengths.get(owner) ?? 0);
  }

  get(owner: number): Uint8Array | undefined {
    const place = this.places.get(owner);
    return place === undefined ? undefined : this.slabs.get(place, this.lengths.get(owner) ?? 0);
  }
}

describe("data in slabs", () => {
  it.each([0, 8, 4095, 4100, 524_296, NaN, -4096])("cannot be of %d bytes", (dataSlabBytes) => {
    expect(() => new DataTree({ dataSlabBytes })).toThrow(
      `dataSlabBytes is ${dataSlabBytes}. Write a multiple of 8 from 4096 to 524288.`,
    );
  });

  const step = fc.record({
    owner: fc.integer({ min: 1, max: 60 }),
    length: fc.integer({ min: 0, max: MOST_SLAB_DATA }),
  });

  it("are those of their owners, and what was borrowed never changes", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 1500 }), (steps) => {
        const owners = new Owners();
        const twin = new Map<number, Uint8Array>();
        const borrowed: [borrowed: Uint8Array, copy: Uint8Array][] = [];
        steps.forEach(({ owner, length }, number) => {
          if (length === 0) {
            owners.remove(owner);
            twin.delete(owner);
          } else {
            const data = new Uint8Array(length).fill(number);
            owners.put(owner, data);
            twin.set(owner, data.slice());
            data.fill(0xee);
          }
          const now = owners.get(owner);
          if (now !== undefined && number % 7 === 0) borrowed.push([now, now.slice()]);
        });
        for (let owner = 1; owner <= 60; owner++)
          expect(owners.get(owner)).toEqual(twin.get(owner));
        for (const [now, copy] of borrowed) expect(now).toEqual(copy);
      }),
      { numRuns: 60 },
    );
  });

  it("take at most about twice their size however often they are replaced", () => {
    const owners = new Owners();
    const count = 5000;
    for (let round = 0; round < 40; round++) {
      for (let owner = 1; owner <= count; owner++) {
        owners.put(owner, new Uint8Array(100 + ((owner * 7 + round) % 50)).fill(round));
      }
    }
    // A slab has 512 KiB, and one data of 150 bytes takes 160 with its head.
    const buffers = new Set<ArrayBufferLike>();
    for (let owner = 1; owner <= count; owner++) {
      const data = owners.get(owner);
      expect(data?.[0]).toBe(39);
      if (data !== undefined) buffers.add(data.buffer);
    }
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(bytes).toBeLessThan(2 * count * 160 + 2 * 512 * 1024);
    expect(owners.moves).toBeLessThan(40 * count);
  });

  it("of which few are left in each slab are moved together", () => {
    const owners = new Owners();
    for (let owner = 1; owner <= 40_000; owner++) {
      owners.put(owner, new Uint8Array(100).fill(owner));
    }
    for (let owner = 1; owner <= 40_000; owner++) if (owner % 100 !== 0) owners.remove(owner);
    const buffers = new Set<ArrayBufferLike>();
    for (let owner = 100; owner <= 40_000; owner += 100) {
      const data = owners.get(owner);
      expect(data).toEqual(new Uint8Array(100).fill(owner));
      if (data !== undefined) buffers.add(data.buffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
  });
});
