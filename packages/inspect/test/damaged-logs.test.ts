/**
 * Logs of Apache's server with random damage: what lies before it and after it is shown
 * as if nothing had happened, and every byte in between is in an item that says why.
 */
import { readFileSync } from "node:fs";
import { createDecoder, decodeAll, type Item, itemJson } from "@jute-ts/inspect";
import { readTxnLog } from "@jute-ts/persistence";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { expectFullCover } from "./coverage.js";

const recorded = new URL("../../../test/java/persistence/recorded/logs/", import.meta.url);
const first = new Uint8Array(readFileSync(new URL("log.100000001", recorded))).slice(0, 5000);
const second = new Uint8Array(readFileSync(new URL("log.200000001", recorded)));
const { records } = readTxnLog(first);
const whole = new Map(
  txnsOf(decodeAll(first, "log")).map((item) => [item.offset, JSON.stringify(itemJson(item))]),
);
const HEADER_BYTES = 16;

/** One run of bytes that was written over, behind the header. */
const damage = fc.record({
  start: fc.oneof(
    fc.integer({ min: HEADER_BYTES, max: first.length - 1 }),
    // What tells lengths and checksums is small, and hurts most.
    fc
      .tuple(fc.constantFrom(...records), fc.integer({ min: 0, max: 11 }))
      .map(([{ offset }, at]) => offset + at),
  ),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 1 }),
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    fc.integer({ min: 1, max: 1000 }).map((size) => new Uint8Array(size)),
    // The end of another record, where it can be taken for that of this one.
    fc.constant(Uint8Array.of(0x42)),
  ),
});

describe("a log that was damaged somewhere", () => {
  it("is shown up to the damage and again after it, and every byte between is accounted for", () => {
    fc.assert(
      fc.property(damage, fc.integer({ min: 1, max: 5000 }), ({ start, bytes }, pieceBytes) => {
        const log = first.slice();
        const length = Math.min(bytes.length, log.length - start);
        log.set(bytes.subarray(0, length), start);
        const items = decodeAll(log, "log");
        expectFullCover(items, log.length);
        expect(items.some(({ faults }) => faults.length > 0)).toBe(!isWhole(log));
        const shown = new Map(
          txnsOf(items).map((item) => [item.offset, JSON.stringify(itemJson(item))]),
        );
        for (const { offset, endOffset } of records) {
          if (endOffset > start && offset < start + length) continue;
          if (shown.get(offset) !== whole.get(offset)) {
            expect.fail(`the record at ${offset} is not what it was`);
          }
        }
        expect(inPieces(log, pieceBytes)).toEqual(items.map(itemJson));
      }),
      { numRuns: effort(2000, 400) },
    );
  });

  it("is searched to its end when a length reaches beyond that", () => {
    const log = first.slice();
    const { offset } = records[2] ?? { offset: 0 };
    new DataView(log.buffer).setInt32(offset + 8, 15 << 20);
    const items = decodeAll(log, "log");
    expect(txnsOf(items)).toHaveLength(records.length - 1);
    expect(items.flatMap(({ faults }) => faults)).toEqual([
      { offset, reason: "the data ends inside a message" },
    ]);
  });

  it("says that a server does not read what follows zeros", () => {
    const log = first.slice();
    const [, , third, fourth] = records;
    log.fill(0, third?.offset, fourth?.offset);
    const items = decodeAll(log, "log");
    expectFullCover(items, log.length);
    expect(txnsOf(items)).toHaveLength(records.length - 1);
    expect(items.flatMap(({ faults }) => faults.map(({ reason }) => reason))).toEqual([
      "a server stops reading at the zeros before this",
    ]);
  });
});

describe("several logs one after the other", () => {
  const all = [first.subarray(0, readTxnLog(first).end.offset), first, second];
  it.each([
    ["in order", [all[0], all[2]]],
    ["with padding between", [all[1], all[2]]],
    ["in another order", [all[2], all[0]]],
  ])("are all shown, and it is said where another begins: %s", (_name, logs) => {
    const parts = logs.flatMap((log) => (log === undefined ? [] : [log]));
    const bytes = new Uint8Array(Buffer.concat(parts));
    const items = decodeAll(bytes, "log");
    expectFullCover(items, bytes.length);
    expect(txnsOf(items).map(({ zxid }) => zxid)).toEqual(
      parts.flatMap((log) => readTxnLog(log).records.map(({ zxid }) => zxid)),
    );
    const faults = items.flatMap((item) => item.faults);
    expect(faults.map(({ offset }) => offset)).toEqual([parts[0]?.length]);
    expect(faults[0]?.reason).toContain("another log begins here");
    expect(inPieces(bytes, 5)).toEqual(items.map(itemJson));
  });
});

describe("a source that is empty", () => {
  it.each(["log", "snapshot", "capture"] as const)("is no %s", (format) => {
    const items = decodeAll(new Uint8Array(0), format);
    expectFullCover(items, 0);
    expect(items.flatMap(({ faults }) => faults)).toHaveLength(1);
  });
});

/** Whether this is the log, or its first records and padding: whole records at the end that became zeros. */
function isWhole(log: Uint8Array): boolean {
  return records
    .flatMap(({ offset, endOffset }) => [offset, endOffset])
    .some(
      (end) =>
        Buffer.compare(log.subarray(0, end), first.subarray(0, end)) === 0 &&
        log.subarray(end).every((byte) => byte === 0),
    );
}

function txnsOf(items: readonly Item[]): Item[] {
  return items.filter(({ kind }) => kind === "txn");
}

function inPieces(bytes: Uint8Array, size: number) {
  const decoder = createDecoder("log");
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    items.push(...decoder.push(bytes.slice(at, at + size)));
  }
  return [...items, ...decoder.finish()].map(itemJson);
}
