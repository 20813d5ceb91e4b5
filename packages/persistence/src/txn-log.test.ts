import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleTxn } from "../test/sample-logs.js";
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  paddedLogSize,
  TXN_LOG_HEADER_BYTES,
  txnLogRecordBytes,
} from "./index.js";

describe("a log that is written", () => {
  it("begins with ZKLG, version 2 and an unused id", () => {
    expect(Buffer.from(encodeTxnLogHeader()).toString("hex")).toBe(
      "5a4b4c47000000020000000000000000",
    );
    expect(encodeTxnLogHeader().length).toBe(TXN_LOG_HEADER_BYTES);
  });

  it("has its records in one piece of memory that nothing else shares", () => {
    const txns = [sampleTxn(1n), sampleTxn(2n, 5000), sampleTxn(3n, 0)];
    const bytes = encodeTxnLogRecords(txns);
    expect(bytes.byteOffset).toBe(0);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(bytes.length).toBe(txns.reduce((sum, txn) => sum + txnLogRecordBytes(txn), 0));
  });

  it("is the same whether records are written together or one by one", () => {
    const txns = [sampleTxn(1n), sampleTxn(2n, 300), sampleTxn(3n)];
    const oneByOne = txns.map((txn) => encodeTxnLogRecords([txn]));
    expect(Buffer.concat(oneByOne)).toEqual(Buffer.from(encodeTxnLogRecords(txns)));
    expect(encodeTxnLogRecords([]).length).toBe(0);
  });

  it("takes no txn that has not even a header", () => {
    expect(() => encodeTxnLogRecords([sampleTxn(1n), new Uint8Array(31)])).toThrow(
      /header of 32 bytes, and this one has 31/,
    );
  });
});

// What Java computes is recorded and compared in test/java/persistence.
describe("the size of a log with what is allocated in advance", () => {
  it("leaves more than 4 KiB after the position, and then stays", () => {
    const inside = fc
      .tuple(fc.nat(100_000_000), fc.nat(100_000_000))
      .map(([at, left]) => [at, at + left] as const);
    fc.assert(
      fc.property(inside, fc.integer({ min: 4097, max: 200_000_000 }), ([at, size], advance) => {
        const grown = paddedLogSize(at, size, advance);
        expect(grown).toBeGreaterThan(at + 4096);
        expect(grown === size || grown === size + advance).toBe(true);
        expect(paddedLogSize(at, grown, advance)).toBe(grown);
        expect(paddedLogSize(at, size, 0)).toBe(size);
      }),
    );
  });
});
