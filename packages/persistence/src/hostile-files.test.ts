/**
 * Files that no writer made: 100,000 seeded mutations (a tenth in `npm test`) of what Java wrote. Whatever
 * arrives, the outcome is what a slow twin finds too, or a typed error; a snapshot
 * that is accepted is the one that was written.
 */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { mutation } from "../../../test/properties/mutation.js";
import { effort } from "../../../test/effort.js";
import { testSeed } from "../../../test/seed.js";
import { chunksOf, concatenated, sampleLog, sampleTxn } from "../test/sample-logs.js";
import { bodyOf, Collected, fileOf, smallTree } from "../test/sample-snapshots.js";
import { readSlowly, type SlowReading } from "../test/slow-log-reader.js";
import {
  decodeEpochFile,
  encodeEpochFile,
  EpochFileError,
  readSnapshot,
  readTxnLog,
  SnappyDecoder,
  SnappyFormatError,
  SnapshotBodyDecoder,
  SnapshotFormatError,
  TxnLogDecoder,
  TxnLogFormatError,
} from "./index.js";

const seed = testSeed();
const replay = `replay with: JUTE_SEED=${String(seed)} npm run test:all -- packages/persistence/src/hostile`;
const recorded = new URL("../../../test/java/persistence/recorded/", import.meta.url);

function bytesOf(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(path, recorded)));
}

const firstLog = bytesOf("logs/log.100000001");
const logs = [
  // The first records, with and without zeros after them, and the whole log of another epoch.
  firstLog.subarray(0, 700),
  concatenated([
    firstLog.subarray(0, readTxnLog(firstLog).records[4]?.endOffset),
    new Uint8Array(40),
  ]),
  bytesOf("logs/log.200000001"),
  sampleLog(
    [1n, 2n, 3n].map((zxid) => sampleTxn(zxid, 3)),
    20,
  ),
];
const bodies = [bodyOf(smallTree), bytesOf("one-seal/snapshot.200000002").slice(16, -13)];
const snapshots = [
  fileOf(smallTree, { lastProcessedZxid: 1n }),
  fileOf(smallTree, { digest: { zxid: 1n, digest: 2n, version: 1 } }),
  bytesOf("three-seals/snapshot.200000002"),
];

const cuts = fc.array(fc.nat(), { maxLength: 4 });

/** Runs the property `numRuns` times and returns how often each outcome came. */
function outcomesOf(
  samples: readonly Uint8Array[],
  numRuns: number,
  outcomeOf: (bytes: Uint8Array, places: readonly number[], original: Uint8Array) => string,
): Map<string, number> {
  const counts = new Map<string, number>();
  const sample: Arbitrary<Uint8Array> = fc.constantFrom(...samples);
  const property = fc.property(sample, mutation, cuts, (original, mutate, places) => {
    const outcome = outcomeOf(mutate(original), places, original);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  });
  fc.assert(property, { seed, numRuns });
  return counts;
}

/** Damage that never got past the first check, or never got caught, would prove little. */
function expectEach(counts: ReadonlyMap<string, number>, ...outcomes: readonly string[]): void {
  for (const outcome of outcomes)
    expect(counts.get(outcome) ?? 0, outcome).toBeGreaterThan(effort(20, 0));
}

describe(`mutations (${replay})`, () => {
  it("of logs end where the slow twin says, for the same reason", () => {
    const maxTxnBytes = 400;
    const counts = outcomesOf(logs, effort(50_000, 2000), (bytes, places) => {
      const expected = readSlowly(bytes, maxTxnBytes);
      const found = readInChunks(chunksOf(bytes, places), maxTxnBytes);
      expect(found).toEqual(expected);
      return found.end.kind;
    });
    expectEach(counts, "end", "padding", "torn", "rotten", "format error");
  }, 120_000);

  it("of snapshot files are refused, unless nothing has changed", () => {
    const counts = outcomesOf(snapshots, effort(25_000, 1000), (bytes, _, original) => {
      const error = snapshotError(() => readSnapshot(bytes));
      if (error === undefined) expect(Buffer.compare(bytes, original)).toBe(0);
      return error?.kind ?? "read";
    });
    expectEach(counts, "read", "seal", "truncated", "limit", "length", "path", "trailing", "magic");
  }, 120_000);

  it("of snapshot bodies are refused, or hold what is written again as the same bytes", () => {
    const counts = outcomesOf(bodies, effort(20_000, 1000), (bytes, places) => {
      const collected = new Collected();
      const decoder = new SnapshotBodyDecoder(collected);
      let used = 0;
      const error = snapshotError(() => {
        for (const chunk of chunksOf(bytes, places)) {
          if (!decoder.done) used += decoder.push(chunk);
        }
      });
      if (error !== undefined) return error.kind;
      if (!decoder.done) return "incomplete";
      expect(Buffer.compare(bodyOf(collected.tree), bytes.subarray(0, used))).toBe(0);
      return "read";
    });
    expectEach(counts, "read", "incomplete", "count", "length", "limit", "path", "text");
  }, 120_000);

  it("of compressed snapshots inflate or are refused", () => {
    const counts = outcomesOf(
      [bytesOf("snappy/snapshot.200000002.snappy")],
      effort(3000, 300),
      (bytes, places) => {
        const decoder = new SnappyDecoder({ maxBytes: 20_000 });
        try {
          for (const chunk of chunksOf(bytes, places)) decoder.push(chunk);
          decoder.finish();
          return "inflated";
        } catch (error) {
          if (error instanceof SnappyFormatError) return "refused";
          throw error;
        }
      },
    );
    expectEach(counts, "inflated", "refused");
  });

  it("of epoch files are epochs or refused", () => {
    const files = [0, 7, 123_456, 2 ** 31 - 1].map((epoch) => encodeEpochFile(epoch));
    const counts = outcomesOf(files, effort(2000, 200), (bytes) => {
      try {
        const epoch = decodeEpochFile(bytes);
        expect(Number.isInteger(epoch) && epoch >= 0 && epoch < 2 ** 31).toBe(true);
        return "epoch";
      } catch (error) {
        if (error instanceof EpochFileError) return "refused";
        throw error;
      }
    });
    expectEach(counts, "epoch", "refused");
  });
});

describe("memory", () => {
  it("is bounded by a record, however long the log and whatever is wrong with it", () => {
    const megabyte = new Uint8Array(1_000_000);
    // A record of the greatest length seems to begin every 12 bytes, so the search has to wait for each.
    const heads = megabyte.map(
      (_, at) => [0, 0, 0, 0, 1, 2, 3, 4, 0, 0x1f, 0xff, 0xf0][at % 12] ?? 0,
    );
    const junk = megabyte.map((_, at) => (at * 7919) & 0xff);
    const claim = Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4, 0x7f, 0xff, 0xff, 0xff);
    for (const [what, start, rest] of [
      ["zeros", [], megabyte],
      ["heads", [], heads],
      ["junk", [], junk],
      ["a length of 2 GiB", claim, junk],
    ] as const) {
      const decoder = new TxnLogDecoder();
      decoder.push(concatenated([sampleLog([sampleTxn(1n)]), Uint8Array.from(start)]));
      const before = retainedBytes();
      let most = 0;
      for (let pushed = 0; pushed < effort(24, 12); pushed++) {
        decoder.push(rest);
        if (pushed % 6 !== 5) continue;
        most = Math.max(most, retainedBytes() - before);
      }
      // At most three records of 2 MiB, and what else is going on.
      expect(most, what).toBeLessThan(8_000_000);
      expect(decoder.finish().kind, what).toMatch(/padding|torn/);
    }
  }, 60_000);

  it("is bounded by what has come, whatever a snapshot promises", () => {
    const promises = [
      Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1f, 0xff, 0xfe),
    ];
    for (const promise of promises) {
      const before = retainedBytes();
      const decoders = Array.from({ length: 200 }, () => new SnapshotBodyDecoder(new Collected()));
      for (const decoder of decoders) {
        decoder.push(promise);
        decoder.push(Uint8Array.of(0));
      }
      expect((retainedBytes() - before) / decoders.length).toBeLessThan(10_000);
      expect(decoders.every((decoder) => !decoder.done)).toBe(true);
    }
  }, 60_000);
});

function readInChunks(chunks: readonly Uint8Array[], maxTxnBytes: number): SlowReading {
  const decoder = new TxnLogDecoder({ maxTxnBytes });
  const zxids: bigint[] = [];
  try {
    for (const chunk of chunks) zxids.push(...decoder.push(chunk).map(({ zxid }) => zxid));
    const end = decoder.finish();
    const nextValidOffset = end.kind === "rotten" ? end.nextValidOffset : undefined;
    return { zxids, end: { kind: end.kind, offset: end.offset }, nextValidOffset };
  } catch (error) {
    if (!(error instanceof TxnLogFormatError)) throw error;
    return { zxids, end: { kind: "format error", offset: 0 }, nextValidOffset: undefined };
  }
}

function snapshotError(run: () => unknown): SnapshotFormatError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof SnapshotFormatError) return error;
    throw error;
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is still in use, the contents of byte arrays included. */
function retainedBytes(): number {
  // The first call may leave byte arrays to be freed beside what runs.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
