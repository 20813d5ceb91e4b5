/**
 * Logs and snapshots that Apache's servers wrote (test/java/persistence): every byte
 * accounted for, with the values that the codecs of the server itself read.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  createDecoder,
  decodeAll,
  encodeFile,
  type Format,
  type Item,
  itemJson,
} from "@jute-ts/inspect";
import { readSnapshot, readTxnLog } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { expectFullCover } from "./coverage.js";

const recorded = new URL("../../../test/java/persistence/recorded/", import.meta.url);
const logs = ["logs/log.100000001", "logs/log.200000001"];
const snapshots = [
  "one-seal",
  "two-seals",
  "three-seals",
  "text-digest",
  "negative-text-digest",
  "zxid-without-digest",
].map((name) => `${name}/snapshot.200000002`);

describe.each(logs)("Apache's %s", (name) => {
  const bytes = read(name);

  it("is decoded to its last byte, as the server's own decoder does", () => {
    const items = decodeAll(bytes, "log");
    expectFullCover(items, bytes.length);
    expect(faultsOf(items)).toEqual([]);
    const { records, end } = readTxnLog(bytes);
    const txns = items.filter(({ kind }) => kind === "txn");
    expect(txns.map(({ offset, endOffset, zxid }) => ({ offset, endOffset, zxid }))).toEqual(
      records.map(({ offset, endOffset, zxid }) => ({ offset, endOffset, zxid })),
    );
    expect(items.filter(({ kind }) => kind === "padding")).toHaveLength(
      end.kind === "padding" ? 1 : 0,
    );
    expect(txns.at(-1)?.endOffset).toBe(end.offset);
  });

  it("gives the same items in pieces of any size", () => {
    const expected = decodeAll(bytes, "log").map(itemJson);
    for (const size of [1, 7, 100, 4096]) expect(inPieces(bytes, "log", size)).toEqual(expected);
  });

  it("is made again from its JSON, but for the padding", () => {
    const items = decodeAll(bytes, "log");
    const { end } = readTxnLog(bytes);
    expect(remade(items)).toEqual(Buffer.from(bytes.subarray(0, end.offset)));
  });
});

describe.each(snapshots)("Apache's %s", (name) => {
  const bytes = read(name);

  it("is decoded to its last byte, as the server's own decoder does", () => {
    const items = decodeAll(bytes, "snapshot");
    expectFullCover(items, bytes.length);
    expect(faultsOf(items)).toEqual([]);
    const { nodes, sessions, acls, trailer } = readSnapshot(bytes);
    const of = (kind: string) => items.filter((item) => item.kind === kind);
    expect(of("znode").map(({ paths }) => paths[0])).toEqual(
      nodes.map(({ path }) => (path === "" ? "/" : path)),
    );
    expect(of("znode").map(({ zxid }) => zxid)).toEqual(nodes.map(({ stat }) => stat.mzxid));
    expect(of("session").map(({ sessionId }) => sessionId)).toEqual([...sessions.keys()]);
    expect(of("acl")).toHaveLength(acls.size);
    expect(of("seal")).toHaveLength(trailer.seals);
    expect(of("digest")).toHaveLength(trailer.digest === undefined ? 0 : 1);
    const [last] = of("lastProcessedZxid");
    expect(last?.zxid).toBe(trailer.lastProcessedZxid);
  });

  it("gives the same items in pieces of any size", () => {
    const expected = decodeAll(bytes, "snapshot").map(itemJson);
    for (const size of [1, 7, 100]) expect(inPieces(bytes, "snapshot", size)).toEqual(expected);
  });

  it("is made again from its JSON", () => {
    expect(remade(decodeAll(bytes, "snapshot"))).toEqual(Buffer.from(bytes));
  });
});

describe("a compressed snapshot of Apache's", () => {
  const plain = decodeAll(read("two-seals/snapshot.200000002"), "snapshot").map(itemJson);

  it("in the framing of snappy has the same items", () => {
    const bytes = read("snappy/snapshot.200000002.snappy");
    expect(decodeAll(bytes, "snapshot").map(itemJson)).toEqual(plain);
    expect(inPieces(bytes, "snapshot", 1)).toEqual(plain);
  });

  it("inflated from gzip has the same items", () => {
    const bytes = gunzipSync(read("gz/snapshot.200000002.gz"));
    expect(decodeAll(new Uint8Array(bytes), "snapshot").map(itemJson)).toEqual(plain);
  });
});

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, recorded)));
}

function faultsOf(items: readonly Item[]) {
  return items.flatMap(({ faults }) => faults);
}

function inPieces(bytes: Uint8Array, format: Format, size: number) {
  const decoder = createDecoder(format);
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    items.push(...decoder.push(bytes.slice(at, at + size)));
  }
  return [...items, ...decoder.finish()].map(itemJson);
}

function remade(items: readonly Item[]): Buffer {
  return Buffer.concat([...encodeFile(items.map(itemJson))]);
}
