import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { chunksOf, concatenated, sampleLog, sampleTxn } from "../test/sample-logs.js";
import { readSlowly } from "../test/slow-log-reader.js";
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  readTxnLog,
  TxnLogDecoder,
  type TxnLogDecoderOptions,
  type TxnLogEnd,
  TxnLogFormatError,
} from "./index.js";

const txns = [1n, 2n, 3n, 4n].map((counter) => sampleTxn((1n << 32n) + counter));
const log = sampleLog(txns);
const recordSize = encodeTxnLogRecords(txns.slice(0, 1)).length;

/** Where record `index` begins in `log`. */
function startOf(index: number): number {
  return 16 + index * recordSize;
}

/** A copy with bytes replaced. */
function patched(bytes: Uint8Array, at: number, ...replacement: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(replacement, at);
  return copy;
}

function endOf(bytes: Uint8Array, options?: TxnLogDecoderOptions): TxnLogEnd {
  return readTxnLog(bytes, options).end;
}

describe("a log without a flaw", () => {
  it("gives its records, with where they are", () => {
    const { records, end } = readTxnLog(log);
    expect(records.map(({ bytes }) => bytes)).toEqual(txns);
    expect(records.map(({ zxid }) => zxid & 0xffn)).toEqual([1n, 2n, 3n, 4n]);
    expect(records.map(({ offset, endOffset }) => [offset, endOffset])).toEqual(
      [0, 1, 2, 3].map((index) => [startOf(index), startOf(index + 1)]),
    );
    expect(end).toEqual({ kind: "end", offset: log.length });
  });

  it("gives the same in whatever chunks it comes", () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 20, 400, 5000), { maxLength: 12 });
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, cuts, fc.nat(3000), (dataSizes, places, padding) => {
        const written = dataSizes.map((size, index) => sampleTxn(BigInt(index + 1), size));
        const decoder = new TxnLogDecoder();
        const bytes = sampleLog(written, padding);
        const records = chunksOf(bytes, places).flatMap((chunk) => decoder.push(chunk));
        expect(records.map((record) => record.bytes)).toEqual(written);
        const kind = padding > 0 ? "padding" : "end";
        expect(decoder.finish()).toEqual({ kind, offset: bytes.length - padding });
      }),
    );
  });

  it("gives the same byte by byte", () => {
    const decoder = new TxnLogDecoder();
    const records = Array.from(log, (byte) => decoder.push(Uint8Array.of(byte))).flat();
    expect(records.map(({ bytes }) => bytes)).toEqual(txns);
    expect(decoder.finish().kind).toBe("end");
  });

  it("is not copied where a record lies whole in a chunk", () => {
    for (const { bytes, offset } of readTxnLog(log).records) {
      expect(bytes.buffer).toBe(log.buffer);
      expect(bytes.byteOffset).toBe(log.byteOffset + offset + 12);
    }
  });

  it("keeps the bytes of records that crossed chunks as later chunks come", () => {
    const decoder = new TxnLogDecoder();
    const chunks = chunksOf(log, [startOf(1) - 30, startOf(1) + 9, startOf(2) + 9, startOf(3) + 9]);
    const records = chunks.flatMap((chunk) => decoder.push(chunk));
    expect(records.map(({ bytes }) => bytes)).toEqual(txns);
  });

  it("may have a header only, and any database id", () => {
    expect(endOf(encodeTxnLogHeader())).toEqual({ kind: "end", offset: 16 });
    expect(readTxnLog(patched(log, 8, 1, 2, 3, 4, 5, 6, 7, 8)).records.length).toBe(4);
  });

  it("may leave zxids out, which is for others to judge", () => {
    expect(readTxnLog(sampleLog([sampleTxn(5n), sampleTxn(9n)])).records.length).toBe(2);
  });

  it("takes no more once it was finished", () => {
    const decoder = new TxnLogDecoder();
    decoder.push(log);
    decoder.finish();
    expect(() => decoder.push(log)).toThrow(/has ended/);
    expect(decoder.finish().kind).toBe("end");
  });
});

describe("what is no log", () => {
  it.each([
    ["a snapshot", patched(log, 2, 0x53, 0x4e), "magic", 0],
    ["another magic in the first bytes", Buffer.from("hello"), "magic", 0],
    ["version 1", patched(log, 7, 1), "version", 4],
    ["version 3", patched(log, 7, 3), "version", 4],
    ["version 0 with records", patched(log, 7, 0, 0xff), "version", 4],
  ])("%s is refused, again and again", (_, bytes, kind, offset) => {
    expect(() => readTxnLog(bytes)).toThrow(TxnLogFormatError);
    const decoder = new TxnLogDecoder();
    const attempts = [() => decoder.push(bytes), () => decoder.finish(), () => decoder.push(log)];
    if (bytes.length < 16) attempts.shift();
    if (bytes.length < 16) decoder.push(bytes);
    for (const attempt of attempts) {
      expect(attempt).toThrow(expect.objectContaining({ name: "TxnLogFormatError", kind, offset }));
    }
  });
});

describe("the end of a log that a crash cut", () => {
  it("is at the last whole record, at every truncation", () => {
    for (let length = 0; length < log.length; length++) {
      const { records, end } = readTxnLog(log.subarray(0, length));
      const whole = Math.max(0, Math.floor((length - 16) / recordSize));
      const offset = length < 16 ? 0 : startOf(whole);
      const rest = log.subarray(offset, length);
      const restKind = rest.every((byte) => byte === 0) ? "padding" : "torn";
      const kind = length < 16 ? "torn" : rest.length === 0 ? "end" : restKind;
      expect(records.length).toBe(whole);
      expect(end).toMatchObject({ kind, offset });
    }
  });

  it("is at the last whole record when the rest of the allocation is zeros, at every byte", () => {
    for (let length = startOf(2); length < log.length; length++) {
      const bytes = concatenated([log.subarray(0, length), new Uint8Array(9000)]);
      const { offset, kind } = endOf(bytes);
      const whole = Math.floor((length - 16) / recordSize);
      expect(offset).toBe(startOf(whole));
      const begun = bytes.subarray(offset, length).some((byte) => byte !== 0);
      expect(kind).toBe(begun ? "torn" : "padding");
    }
  });

  it("is at 0 when the header was never written to its end", () => {
    for (const bytes of [
      new Uint8Array(0),
      encodeTxnLogHeader().subarray(0, 15),
      new Uint8Array(16),
      new Uint8Array(70_000),
      patched(new Uint8Array(5000), 0, 0x5a, 0x4b),
    ]) {
      expect(endOf(bytes)).toMatchObject({ kind: "torn", offset: 0 });
    }
  });

  it("has a reason that says what is there", () => {
    const reasons = [
      [log.subarray(0, startOf(1) + 20), "the file ends 20 bytes into a record"],
      [
        Buffer.concat([log.subarray(0, startOf(1)), Uint8Array.of(7)]),
        "the file ends 1 byte into a record",
      ],
      [new Uint8Array(0), "the file is empty"],
      [log.subarray(0, 7), "the file ends inside its header"],
      [patched(log, startOf(3) + 40, 0xaa), "the checksum of a record is wrong"],
      [patched(log, log.length - 1, 0x43), "a record does not end with 'B'"],
      [
        patched(log, startOf(3) + 8, 0xff, 0xff, 0xff, 0xff),
        "a length of -1 is less than any txn has",
      ],
      [patched(log, startOf(3), 1), "the checksum of a record is wrong"],
    ] as const;
    for (const [bytes, reason] of reasons)
      expect(endOf(bytes)).toMatchObject({ kind: "torn", reason });
  });
});

describe("damage in the middle of a log", () => {
  it("at any bit of a record is rot, since valid records follow", () => {
    for (let bit = startOf(1) * 8; bit < startOf(2) * 8; bit++) {
      const at = bit >> 3;
      const bytes = patched(log, at, (log[at] ?? 0) ^ (1 << (bit & 7)));
      expect(endOf(bytes), `bit ${String(bit)}`).toMatchObject({
        kind: "rotten",
        offset: startOf(1),
        nextValidOffset: startOf(2),
      });
    }
  });

  it("is found after lost sectors, whatever they hold now", () => {
    const big = [1n, 2n, 3n, 4n, 5n].map((zxid) => sampleTxn(zxid, 2000));
    const size = encodeTxnLogRecords(big.slice(0, 1)).length;
    for (const fill of [0, 0x42, 0xff]) {
      // The sector holds the end of the second record and the beginning of the third.
      const bytes = sampleLog(big).fill(fill, 4096, 4608);
      expect(endOf(bytes)).toMatchObject({
        kind: "rotten",
        offset: 16 + size,
        nextValidOffset: 16 + 3 * size,
      });
    }
  });

  it("by zeros where a record was is no padding", () => {
    const bytes = Uint8Array.from(log).fill(0, startOf(1), startOf(3));
    expect(endOf(bytes)).toMatchObject({
      kind: "rotten",
      offset: startOf(1),
      nextValidOffset: startOf(3),
    });
  });

  it("by zeros and then bytes that are no record is what a crash may leave", () => {
    const bytes = concatenated([log, new Uint8Array(100), Uint8Array.of(1, 2, 3)]);
    expect(endOf(bytes)).toMatchObject({ kind: "torn", offset: log.length });
  });

  it("to the header is rot when records follow", () => {
    const bytes = Uint8Array.from(log).fill(0, 0, 16);
    expect(endOf(bytes)).toMatchObject({ kind: "rotten", offset: 0, nextValidOffset: 16 });
  });
});

describe("records in the wrong place", () => {
  it("are rot, though each is whole", () => {
    const cases = [
      { zxids: [5n, 4n], reason: "a record with zxid 0x4 follows 0x5" },
      { zxids: [5n, 5n, 6n], reason: "a record with zxid 0x5 follows 0x5" },
      { zxids: [-1n], reason: "a record with zxid 0xffffffffffffffff is the first" },
    ];
    for (const { zxids, reason } of cases) {
      const { records, end } = readTxnLog(sampleLog(zxids.map((zxid) => sampleTxn(zxid))));
      const offset = records.at(-1)?.endOffset ?? 16;
      expect(end).toEqual({ kind: "rotten", offset, reason, nextValidOffset: offset });
    }
  });

  it("are those that do not begin where the file's name says", () => {
    const bytes = sampleLog([sampleTxn(5n), sampleTxn(6n)]);
    expect(readTxnLog(bytes, { firstZxid: 5n }).records.length).toBe(2);
    expect(endOf(bytes, { firstZxid: 4n })).toMatchObject({
      kind: "rotten",
      offset: 16,
      reason: "the first record has zxid 0x5, and the file's name says 0x4",
    });
  });
});

describe("what was synced", () => {
  const torn = patched(log, startOf(1) + 40, 0xaa);

  it("cannot be torn: damage there is rot, whatever follows", () => {
    const last = patched(log, startOf(3) + 40, 0xaa);
    expect(endOf(last, { syncedBytes: log.length })).toEqual({
      kind: "rotten",
      offset: startOf(3),
      reason: "the checksum of a record is wrong, and it had been synced",
      nextValidOffset: undefined,
    });
    expect(endOf(torn, { syncedBytes: startOf(1) + 1 })).toMatchObject({
      kind: "rotten",
      nextValidOffset: startOf(2),
    });
  });

  it("ends where the rest may be torn, even if valid records follow", () => {
    expect(endOf(torn, { syncedBytes: startOf(1) })).toEqual({
      kind: "torn",
      offset: startOf(1),
      reason: "the checksum of a record is wrong",
    });
    expect(
      endOf(Uint8Array.from(log).fill(0, startOf(1), startOf(2)), { syncedBytes: 16 }).kind,
    ).toBe("torn");
  });

  it("must all be there", () => {
    const synced = { syncedBytes: log.length };
    expect(endOf(log, synced).kind).toBe("end");
    expect(endOf(sampleLog(txns, 4096), synced).kind).toBe("padding");
    const missing = [
      [log.subarray(0, startOf(3)), startOf(3), "the file ends here"],
      [sampleLog(txns.slice(0, 3), 4096), startOf(3), "the records end and zeros begin here"],
      [log.subarray(0, 5), 0, "the file ends inside its header, and it had been synced"],
      [new Uint8Array(0), 0, "the file is empty, and it had been synced"],
    ] as const;
    for (const [bytes, offset, reason] of missing) {
      const end = endOf(bytes, synced);
      expect(end).toMatchObject({ kind: "rotten", offset, nextValidOffset: undefined });
      expect(end).toHaveProperty("reason", expect.stringContaining(reason));
    }
  });
});

describe("a txn above the limit", () => {
  const long = sampleTxn(3n, 1000);
  const bytes = sampleLog([sampleTxn(1n), sampleTxn(2n), long]);
  const limit = { maxTxnBytes: long.length - 1 };

  it("is accepted at the limit and not above", () => {
    expect(readTxnLog(bytes, { maxTxnBytes: long.length }).records.length).toBe(3);
    expect(readTxnLog(bytes, limit).records.length).toBe(2);
  });

  it("is never taken for torn when it is whole, since cutting it off would lose it", () => {
    for (const options of [limit, { ...limit, syncedBytes: 16 }]) {
      const decoder = new TxnLogDecoder(options);
      for (const byte of bytes) decoder.push(Uint8Array.of(byte));
      expect(decoder.finish()).toMatchObject({
        kind: "rotten",
        offset: bytes.length - long.length - 13,
        reason: expect.stringContaining("raise maxTxnBytes") as string,
        oversizedTxnBytes: long.length,
      });
    }
  });

  it("is torn when it is none, and rot when another record follows", () => {
    expect(endOf(bytes.subarray(0, -1), limit).kind).toBe("torn");
    expect(endOf(patched(bytes, bytes.length - 3, 9), limit).kind).toBe("torn");
    const followed = concatenated([
      bytes.subarray(0, -1),
      Uint8Array.of(0),
      encodeTxnLogRecords([sampleTxn(4n)]),
    ]);
    expect(endOf(followed, limit)).toMatchObject({
      kind: "rotten",
      nextValidOffset: bytes.length,
    });
  });
});

describe("a search after damage", () => {
  it("finds what trying every offset finds", () => {
    // Bytes from which lengths, checksums that are almost right, and records are put together.
    const piece = fc.oneof(
      fc.constantFrom(...txns, sampleTxn(9n, 0)).map((txn) => encodeTxnLogRecords([txn])),
      fc.nat(400).map((length) => Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 0, 0, length >> 8, length)),
      fc.nat(70).map((length) => new Uint8Array(length)),
      fc.uint8Array({ maxLength: 80 }),
      fc.constant(new Uint8Array(40).fill(0x42)),
    );
    const pieces = fc.array(fc.tuple(piece, fc.nat(12), fc.nat(12)), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 8 }), (parts, cuts) => {
        const trimmed = parts.map(([part, front, back]) =>
          part.length > 90 && front + back > 15 ? part.subarray(front, part.length - back) : part,
        );
        const bytes = concatenated([encodeTxnLogHeader(), ...trimmed]);
        const expected = readSlowly(bytes, 200);
        const decoder = new TxnLogDecoder({ maxTxnBytes: 200 });
        const records = chunksOf(bytes, cuts).flatMap((chunk) => decoder.push(chunk));
        const end = decoder.finish();
        expect(records.map(({ zxid }) => zxid)).toEqual(expected.zxids);
        expect(end).toMatchObject(expected.end);
        if (end.kind === "rotten") expect(end.nextValidOffset).toBe(expected.nextValidOffset);
      }),
      { numRuns: effort(3000, 500) },
    );
  });

  it("costs no more than reading, though a record seems to begin everywhere", () => {
    // Every 12 bytes a record of a megabyte seems to begin, 100 GB to add up; where most would end, there is a 'B'.
    const head = Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 0, 0x0f, 0x42, 0x40);
    const heads = new Uint8Array(1_200_000).map((_, index) => head[index % 12] ?? 0);
    const bytes = concatenated([log, heads, new Uint8Array(3_000_000).fill(0x42)]);
    const start = performance.now();
    expect(endOf(bytes)).toMatchObject({ kind: "torn", offset: log.length });
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
