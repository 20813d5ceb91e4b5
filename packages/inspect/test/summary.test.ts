/** Summaries of txns that are counted by the bytes of their paths, compared with a count by their texts. */
import { encodeTxnLogHeader, encodeTxnLogRecords } from "@jute-ts/persistence";
import { TxnHeader, DeleteTxn, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { decodeAll, Item, Summary } from "../src/index.js";

/** A log with a delete of each path. */
function deletesOf(paths: readonly (string | Uint8Array)[]): Item[] {
  const txns = paths.map((path, index) => {
    const zxid = BigInt(index + 1);
    const header = TxnHeader.encode({
      clientId: 1n,
      cxid: 1,
      zxid,
      time: 1_700_000_000_000n,
      type: OpCode.delete,
    });
    if (typeof path === "string") return bytesOf(header, DeleteTxn.encode({ path }));
    const length = Buffer.alloc(4);
    length.writeInt32BE(path.length);
    return bytesOf(header, length, path);
  });
  const log = bytesOf(encodeTxnLogHeader(), encodeTxnLogRecords(txns));
  return decodeAll(log, "log");
}

/** Paths and how often each was counted, in the order of a summary. */
function counted(items: readonly Item[]): unknown {
  const summary = new Summary();
  for (const item of items) summary.add(item);
  return summary.json();
}

/** The same items, of which only the layout knows anything. */
function plain(items: readonly Item[]): Item[] {
  return items.map((item) => new Item(item, item.quick?.layout() ?? item));
}

describe("a summary", () => {
  it("counts each path by itself, however alike they are", () => {
    const paths = Array.from({ length: 3000 }, (_, index) => `/n${String((index * 7919) % 1500)}`);
    const items = deletesOf(paths);
    expect(items.at(-1)?.quick).toBeDefined();
    const found = counted(items) as { paths: Record<string, { count: number }> };
    expect(found).toEqual(counted(plain(items)));
    expect(Object.values(found.paths).every(({ count }) => count === 2)).toBe(true);
    expect(Object.keys(found.paths)).toHaveLength(1000);
  });

  it("counts other bytes of the same text together", () => {
    const broken = [Uint8Array.of(0x2f, 0xff), Uint8Array.of(0x2f, 0xfe), Buffer.from("/\ufffd")];
    const items = deletesOf([...broken, "/ü", "/ü"]);
    const found = counted(items);
    expect(found).toMatchObject({ paths: { "/\ufffd": { count: 3 }, "/ü": { count: 2 } } });
    expect(found).toEqual(counted(plain(items)));
  });

  it("counts what is beyond its number of paths together", () => {
    const many = Array.from({ length: 10_050 }, (_, index) => `/many/${String(index)}`);
    const items = deletesOf([...many, "/ü", "/many/3", "/many/10049", "/ü"]);
    const found = counted(items);
    expect(found).toMatchObject({
      paths: { "(other paths)": { count: 53 }, "/many/3": { count: 2 } },
    });
    expect(found).toEqual(counted(plain(items)));
    // Texts that were counted before the bytes were, and some that only the texts know.
    const mixed = [...plain(items.slice(0, 5000)), ...items.slice(5000), ...plain(items)];
    expect(counted(mixed)).toEqual(counted(plain([...items, ...items])));
  });
});

function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
