import { crc32 } from "node:zlib";
import { StatPersisted } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DigestSum, znodeDigest } from "./tree-digest.js";

const stat = new StatPersisted();

test("is the CRC-32 of path, data and stat, the path in UTF-8", () => {
  const well = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(well, fc.uint8Array(), (name, data) => {
      const bytes = Buffer.concat([Buffer.from(`/n${name}`), data, Buffer.alloc(60)]);
      expect(znodeDigest(`/n${name}`, data, stat)).toBe(crc32(bytes));
    }),
  );
});

test("takes a lone surrogate for a question mark, as Java encodes it", () => {
  expect(znodeDigest("/a\ud800b\udc00", null, stat)).toBe(znodeDigest("/a?b?", null, stat));
});

test("leaves out what is below /zookeeper, and takes both names of the root for one", () => {
  expect(znodeDigest("/zookeeper/config", Uint8Array.of(1), stat)).toBe(0);
  expect(znodeDigest("/zookeeper", null, stat)).not.toBe(0);
  expect(znodeDigest("/", null, stat)).toBe(znodeDigest("", null, stat));
});

test("sums up as a signed long", () => {
  const sum = new DigestSum();
  sum.replace(0, 0xffff_ffff);
  sum.replace(0xffff_ffff, 1);
  sum.replace(2, 0);
  expect(sum.is(-1n)).toBe(true);
  expect(sum.value).toBe(-1n);
  expect(sum.is(0xffff_ffffn)).toBe(false);
  sum.clear();
  expect(sum.value).toBe(0n);
});
