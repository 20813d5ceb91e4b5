/** Rows for znodes: numbers that are given again, lists of children, and data of every length. */
import { crc32 } from "node:zlib";
import { StatPersisted } from "@jute-ts/zookeeper";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
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
