/** Where the records of a log can be decoded apart from what lies before them. */
import { readFileSync } from "node:fs";
import {
  cutRecords,
  decodeAll,
  decodeRun,
  itemJson,
  LogDecoder,
  type LogRun,
} from "@jute-ts/inspect";
import { readTxnLog } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";

const recorded = new URL("../../../test/java/persistence/recorded/logs/", import.meta.url);
const log = new Uint8Array(readFileSync(new URL("log.100000001", recorded))).slice(0, 5000);
const { records, end } = readTxnLog(log);
const HEADER_BYTES = 16;
const first: LogRun = {
  bytes: log.subarray(HEADER_BYTES, end.offset),
  offset: HEADER_BYTES,
  lastZxid: -1n,
};

describe("a run of records", () => {
  it("has the items that the log has there", () => {
    const expected = decodeAll(log, "log").filter(({ kind }) => kind === "txn");
    expect(decodeRun(first)?.map(itemJson)).toEqual(expected.map(itemJson));
  });

  it("has none when a byte is wrong, a record is missing its end, or the order is", () => {
    for (const at of [0, 5, 12, 40, first.bytes.length - 1]) {
      const bytes = first.bytes.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(decodeRun({ ...first, bytes })).toBeUndefined();
    }
    expect(decodeRun({ ...first, bytes: first.bytes.subarray(0, -1) })).toBeUndefined();
    expect(decodeRun({ ...first, lastZxid: records[0]?.zxid ?? 0n })).toBeUndefined();
  });

  it("is cut where whole records end", () => {
    const ends = records.map(({ endOffset }) => endOffset - HEADER_BYTES);
    for (let length = 0; length <= first.bytes.length; length++) {
      const whole = records.filter((_, index) => (ends[index] ?? 0) <= length);
      expect(cutRecords(first.bytes.subarray(0, length))).toEqual({
        end: ends[whole.length - 1] ?? 0,
        lastZxid: whole.at(-1)?.zxid,
      });
    }
    expect(cutRecords(log.subarray(HEADER_BYTES)).end).toBe(ends.at(-1));
  });
});

describe("a decoder of a log", () => {
  it("hands back its bytes only where a record comes next", () => {
    const decoder = new LogDecoder();
    expect(decoder.release()).toBeUndefined();
    decoder.push(log.subarray(0, 10));
    expect(decoder.release()).toBeUndefined();
    const third = records[2]?.offset ?? 0;
    decoder.push(log.subarray(10, third + 7));
    expect(decoder.heldBytes).toBe(7);
    const bytes = log.subarray(third, third + 7);
    expect(decoder.release()).toEqual({ bytes, offset: third, lastZxid: records[1]?.zxid });
    expect(decoder.heldBytes).toBe(0);
    const last = records.at(-1);
    decoder.pass(end.offset - third, last?.zxid ?? 0n);
    const rest = [...decoder.push(log.subarray(end.offset)), ...decoder.finish()];
    const { length } = log;
    expect(rest.map((item) => [item.kind, item.offset, item.endOffset])).toEqual([
      ["padding", end.offset, length],
    ]);
  });

  it("hands back nothing among zeros and after damage", () => {
    const decoder = new LogDecoder();
    decoder.push(log.subarray(0, end.offset + 100));
    expect(decoder.release()).toBeUndefined();
    const lost = new LogDecoder();
    lost.push(log.subarray(0, records[2]?.offset));
    lost.push(new Uint8Array(100).fill(0xff));
    expect(lost.release()).toBeUndefined();
  });
});
