/** Rows for znodes: numbers that are given again, lists of children, and data of every length. */
import { crc32 } from "node:zlib";
import { StatPersisted } from "@jute-ts/zookeeper";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { type Znode, ZnodeTable } from "./znode-table.js";
import { contentCrc, znodeDigest } from "./tree-digest.js";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const stats = fc
  .record({
    czxid: long,
    mzxid: long,
    ctime: long,
    mtime: long,
    version: int,
    cversion: int,
    aversion: int,
    ephemeralOwner: long,
    pzxid: long,
  })
  .map((fields) => new StatPersisted(fields));

/** What Java hashes of a stat, in its order. */
function digested(stat: StatPersisted): Uint8Array {
  const view = new DataView(new ArrayBuffer(60));
  const { czxid, mzxid, pzxid, ctime, mtime } = stat;
  [czxid, mzxid, pzxid, ctime, mtime].forEach((value, i) => {
    view.setBigInt64(8 * i, value);
  });
  [stat.version, stat.cversion, stat.aversion].forEach((value, i) => {
    view.setInt32(40 + 4 * i, value);
  });
  view.setBigInt64(52, stat.ephemeralOwner);
  return new Uint8Array(view.buffer);
}

describe("a row", () => {
  it("holds any stat, and has the share of a stat that is hashed as bytes", () => {
    fc.assert(
      fc.property(
        stats,
        fc.string({ unit: "binary" }),
        fc.uint8Array({ maxLength: 70 }),
        (stat, name, data) => {
          const table = new ZnodeTable();
          const path = `/n${name}`;
          const znode = table.add(path, 0, 0);
          table.setStat(znode, stat);
          table.setData(znode, data);
          table.setContentCrc(znode, contentCrc(path, data));
          expect(table.stat(znode)).toEqual(stat);
          expect(table.data(znode)).toEqual(data);
          const whole = Buffer.concat([Buffer.from(path), data, digested(stat)]);
          expect(table.share(znode)).toBe(crc32(whole));
          expect(znodeDigest(path, data, stat)).toBe(crc32(whole));
        },
      ),
    );
  });

  it("keeps null, empty, short and long data apart, whichever replaces which", () => {
    const lengths = [-1, 0, 1, 100, 1024, 1025, 5000];
    const table = new ZnodeTable();
    const znode = table.add("/a", 0, 0);
    for (const from of lengths) {
      for (const to of lengths) {
        for (const length of [from, to]) {
          const data = length < 0 ? null : new Uint8Array(length).fill(length);
          table.setData(znode, data);
          expect(table.data(znode)).toEqual(data);
          expect(table.dataLength(znode)).toBe(Math.max(length, 0));
        }
      }
    }
  });

  it("is free again, empty, when its znode has gone", () => {
    const table = new ZnodeTable();
    const znodes = Array.from({ length: 1000 }, (_, i) => table.add(`/${i}`, i, i));
    for (const znode of znodes) {
      table.setData(znode, new Uint8Array(2000));
      table.remove(znode);
    }
    const again = Array.from({ length: 1000 }, () => table.add("/again", 0, 0));
    expect(new Set(again)).toEqual(new Set(znodes));
    for (const znode of again) {
      expect(table.data(znode)).toBeNull();
      expect(table.stat(znode)).toEqual(new StatPersisted());
      expect(table.children(znode)).toEqual([]);
    }
  });
});

/** A head of eight bytes, and a multiple of eight. */
function slabBytesFor(length: number): number {
  return length > 0 && length <= 1024 ? 8 + 8 * Math.ceil(length / 8) : 0;
}

const NULL = new Uint8Array([0, 0]);

describe("data in small slabs", () => {
  const steps = fc.array(
    fc.record({
      which: fc.nat({ max: 11 }),
      // Null, empty, short and long; most are short, and as many as three fill a slab.
      length: fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(-2, -1, 0, 1025) },
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 1024 }) },
      ),
    }),
    { minLength: 50, maxLength: 1000 },
  );

  it("is that of its znode, and is counted as long as the znode has it", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const table = new ZnodeTable(4096);
        const rows = new Map<number, Znode>();
        const twin = new Map<number, Uint8Array | null>();
        all.forEach(({ which, length }, number) => {
          const znode = rows.get(which) ?? table.add(`/${which}`, 0, 0);
          if (length === -2) {
            table.remove(znode);
            rows.delete(which);
            twin.delete(which);
          } else {
            const data = length < 0 ? null : new Uint8Array(length).fill(number);
            table.setData(znode, data);
            rows.set(which, znode);
            twin.set(which, data);
          }
          let live = 0;
          for (const data of twin.values()) live += slabBytesFor(data?.length ?? 0);
          expect(table.slabBytes.live).toBe(live);
          // Gaps, the ends of slabs into which nothing more fitted, and the current slab.
          expect(table.slabBytes.total).toBeLessThanOrEqual(
            (live * 2 * 4096) / (4096 - 1024) + 4096,
          );
        });
        for (const [which, data] of twin) {
          expect(Buffer.compare(table.data(rows.get(which) ?? 0) ?? NULL, data ?? NULL)).toBe(0);
        }
      }),
      { numRuns: effort(100, 20) },
    );
  });
});

describe("children", () => {
  it("are in the order in which they came, whichever go", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 60 }), (choices) => {
        const table = new ZnodeTable();
        const parent = table.add("", 0, 0);
        let expected: Znode[] = [];
        for (const choice of choices) {
          const gone = expected[choice];
          if (gone === undefined) {
            const child = table.add(`/${choice}`, 0, 0);
            table.attach(parent, child);
            expected.push(child);
          } else {
            table.detach(parent, gone);
            table.remove(gone);
            expected = expected.filter((child) => child !== gone);
          }
          expect(table.children(parent)).toEqual(expected);
          expect(table.childCount(parent)).toBe(expected.length);
          expect([...table.withDescendants(parent)]).toEqual([parent, ...expected]);
        }
      }),
    );
  });
});
