import { describe, expect, it } from "vitest";
import type { FileOperation, FileResult } from "@jute-ts/quorum";
import { Disk, type CrashLoss } from "./disk.js";
import { EventQueue } from "./event-queue.js";
import { Random } from "./random.js";

const LOG = { directory: "log", name: "log.1" } as const;
const SPEED = { operationMs: 1, syncMs: 5 };
const LOSE_ALL: CrashLoss = { kind: "power", keepProbability: 0, tear: false };

/** A disk that is asked for one thing after the other. */
class Bench {
  readonly queue = new EventQueue();
  readonly disk: Disk;
  readonly #results: FileResult[] = [];

  constructor(seed = 1) {
    this.disk = new Disk(this.queue, new Random(seed), SPEED, {
      onCarriedOut: () => undefined,
      onDone: (_id, result) => this.#results.push(result),
    });
  }

  do(...operations: FileOperation[]): FileResult {
    for (const operation of operations) this.disk.request(1, "log", operation);
    while (this.queue.advance());
    const last = this.#results.at(-1);
    if (last === undefined) throw new Error("no result");
    return last;
  }
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

const CREATE: FileOperation = { kind: "create", file: LOG };
const SYNC: FileOperation = { kind: "sync", file: LOG };
const SYNC_DIRECTORY: FileOperation = { kind: "syncDirectory", directory: "log" };

function write(offset: number, data: Uint8Array): FileOperation {
  return { kind: "write", file: LOG, offset, bytes: data };
}

describe("a simulated disk", () => {
  it("takes as long as it is slow, and ends soon what it has begun when it heals", () => {
    const bench = new Bench();
    bench.do(CREATE);
    bench.disk.slowDown(1e6);
    const begunMs = bench.queue.nowMs;
    bench.disk.request(1, "log", SYNC);
    bench.disk.slowDown(1);
    expect(bench.queue.nextMs()).toBeGreaterThan(begunMs + 1000);
    bench.disk.heal();
    expect(bench.queue.nextMs()).toBeLessThan(begunMs + 100);
    expect(bench.do(SYNC)).toEqual({ kind: "done" });
  });

  it("keeps what was synced through any crash, whatever is written later", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const bench = new Bench(seed);
      const random = new Random(seed);
      bench.do(CREATE, write(0, filled(1500, 7)), SYNC, SYNC_DIRECTORY);
      // Appends only: nothing that was synced is written over.
      let end = 1500;
      for (let count = random.integer(1, 5); count > 0; count -= 1) {
        const length = random.integer(1, 900);
        bench.do(write(end, filled(length, 9)));
        end += length;
      }
      const tear = random.chance(0.5);
      bench.disk.crash({ kind: "power", keepProbability: random.fraction(), tear }, random);
      const found = bench.disk.contents(LOG, "current") ?? bytes();
      expect(found.length).toBeGreaterThanOrEqual(1500);
      expect(found.length).toBeLessThanOrEqual(end);
      expect(found.subarray(0, 1500).every((byte) => byte === 7)).toBe(true);
      // After it lies what was written, or nothing: each byte new or zero.
      expect(found.subarray(1500).every((byte) => byte === 0 || byte === 9)).toBe(true);
      expect(String(bench.disk.contents(LOG, "durable"))).toBe(String(found));
    }
  });

  it("loses any subset of the sectors that were not synced", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 200; seed += 1) {
      const bench = new Bench(seed);
      bench.do(CREATE, write(0, filled(3 * 512, 1)), SYNC, SYNC_DIRECTORY);
      bench.do(write(0, filled(3 * 512, 2)));
      bench.disk.crash({ kind: "power", keepProbability: 0.5, tear: false }, new Random(seed));
      const found = bench.disk.contents(LOG, "current") ?? bytes();
      const sectors = [0, 512, 1024].map((at) => found.subarray(at, at + 512));
      for (const sector of sectors) expect(new Set(sector).size).toBe(1);
      seen.add(sectors.map((sector) => sector[0]).join(""));
    }
    expect([...seen].sort()).toEqual(["111", "112", "121", "122", "211", "212", "221", "222"]);
  });

  it("tears the last write at any byte", () => {
    const cuts = new Set<number>();
    for (let seed = 1; seed <= 400; seed += 1) {
      const bench = new Bench(seed);
      bench.do(CREATE, write(0, bytes(1, 2, 3, 4)), SYNC, SYNC_DIRECTORY);
      bench.do(write(4, bytes(5, 6, 7, 8)));
      bench.disk.crash({ kind: "power", keepProbability: 1, tear: true }, new Random(seed));
      const found = [...(bench.disk.contents(LOG, "current") ?? [])];
      const cut = found.findIndex((byte, at) => byte !== at + 1);
      const kept = cut < 0 ? found.length : cut;
      expect(found.slice(kept).every((byte) => byte === 0)).toBe(true);
      cuts.add(kept);
    }
    expect([...cuts].sort()).toEqual([4, 5, 6, 7]);
  });

  it("forgets a file whose directory was not synced, though the file was", () => {
    const bench = new Bench();
    bench.do(CREATE, write(0, bytes(1)), SYNC);
    expect(bench.disk.names("log", "current")).toEqual(["log.1"]);
    expect(bench.disk.names("log", "durable")).toEqual([]);
    bench.disk.crash(LOSE_ALL, new Random(1));
    expect(bench.disk.names("log", "current")).toEqual([]);
  });

  it("renames whole or not at all", () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 50; seed += 1) {
      const bench = new Bench(seed);
      bench.disk.place({ directory: "log", name: "epoch" }, bytes(1));
      bench.do(CREATE, write(0, bytes(2)), SYNC, SYNC_DIRECTORY);
      bench.do({ kind: "rename", file: LOG, to: "epoch" });
      bench.disk.crash({ kind: "power", keepProbability: 0.5, tear: false }, new Random(seed));
      const names = bench.disk.names("log", "current");
      const found = bench.disk.contents({ directory: "log", name: "epoch" }, "current");
      outcomes.add(`${names.join(" ")}: ${String(found)}`);
    }
    expect([...outcomes].sort()).toEqual(["epoch log.1: 1", "epoch: 2"]);
  });

  it("brings back a removed file when the removal was not synced", () => {
    const bench = new Bench();
    bench.do(CREATE, write(0, bytes(1)), SYNC, SYNC_DIRECTORY, { kind: "remove", file: LOG });
    expect(bench.disk.contents(LOG, "current")).toBeUndefined();
    bench.disk.crash(LOSE_ALL, new Random(1));
    expect(bench.disk.contents(LOG, "current")).toEqual(bytes(1));
  });

  it("keeps everything when only the process dies, and loses it when the power fails later", () => {
    const bench = new Bench();
    bench.do(CREATE, write(0, bytes(1)), SYNC, SYNC_DIRECTORY, write(0, bytes(2)));
    bench.disk.crash({ kind: "process" }, new Random(1));
    expect(bench.disk.contents(LOG, "current")).toEqual(bytes(2));
    expect(bench.disk.contents(LOG, "durable")).toEqual(bytes(1));
    bench.disk.crash(LOSE_ALL, new Random(1));
    expect(bench.disk.contents(LOG, "current")).toEqual(bytes(1));
  });

  it("tells a process nothing of what the one before had asked for, however soon it begins", () => {
    const queue = new EventQueue();
    const told: number[] = [];
    const disk = new Disk(queue, new Random(1), SPEED, {
      onCarriedOut: (operation) => {
        if (operation.kind !== "create") return;
        disk.crash({ kind: "process" }, new Random(1));
        disk.request(2, "log", write(0, bytes(1)));
        disk.request(3, "log", SYNC);
      },
      onDone: (id) => told.push(id),
    });
    disk.request(1, "log", CREATE);
    while (queue.advance());
    expect(told).toEqual([2, 3]);
  });

  it("forgets what was under way on a disk that is replaced, and brings back no file that is lost", () => {
    const tmp = { directory: "log", name: "log.tmp" } as const;
    const made: FileOperation[] = [
      { kind: "create", file: tmp },
      SYNC_DIRECTORY,
      { kind: "rename", file: tmp, to: LOG.name },
    ];
    for (const operations of [[CREATE], made]) {
      for (const isReplaced of [true, false]) {
        const bench = new Bench();
        bench.do(...operations, write(0, bytes(1)));
        bench.disk.crash({ kind: "process" }, new Random(1));
        if (isReplaced) bench.disk.replace([]);
        else expect(bench.disk.lose(LOG)).toBe(true);
        bench.do(SYNC_DIRECTORY);
        bench.disk.crash(LOSE_ALL, new Random(1));
        expect(bench.disk.names("log", "current")).toEqual([]);
      }
    }
  });

  it("keeps a file that is put there, though the one before it was being removed", () => {
    const bench = new Bench();
    bench.do(CREATE, SYNC, SYNC_DIRECTORY, { kind: "remove", file: LOG });
    bench.disk.place(LOG, bytes(4));
    bench.do(SYNC_DIRECTORY);
    expect(bench.disk.contents(LOG, "durable")).toEqual(bytes(4));
  });

  it("may carry out half of the operation that a crash interrupts, and nothing behind it", () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 200; seed += 1) {
      const bench = new Bench(seed);
      bench.do(CREATE, SYNC_DIRECTORY);
      bench.disk.request(1, "log", write(0, bytes(1, 2)));
      bench.disk.request(2, "log", write(2, bytes(3)));
      expect(bench.disk.crash({ kind: "process" }, new Random(seed))).toEqual(["write"]);
      expect(bench.queue.advance()).toBe(false);
      found.add(String(bench.disk.contents(LOG, "current")));
    }
    expect([...found].sort()).toEqual(["", "1", "1,2"]);
  });

  it("fails as it is told to, once", () => {
    const bench = new Bench();
    bench.do(CREATE);
    bench.disk.failNext({ operation: "write", reason: "no-space" });
    expect(bench.do(write(0, bytes(1)))).toMatchObject({ kind: "failed", reason: "no-space" });
    expect(bench.do(write(0, bytes(1)))).toEqual({ kind: "done" });
  });

  it("does not make good a failed fsync by one that succeeds", () => {
    const lost = new Set<boolean>();
    for (let seed = 1; seed <= 50; seed += 1) {
      const bench = new Bench(seed);
      bench.do(CREATE, write(0, bytes(1)), SYNC, SYNC_DIRECTORY, write(0, bytes(2)));
      bench.disk.failNext({ operation: "sync", reason: "io" });
      expect(bench.do(SYNC)).toMatchObject({ kind: "failed", reason: "io" });
      expect(bench.do(SYNC)).toEqual({ kind: "done" });
      lost.add(bench.disk.contents(LOG, "durable")?.[0] === 1);
    }
    expect(lost).toEqual(new Set([true, false]));
  });

  it("extends with zeros, also where something was cut off before", () => {
    const bench = new Bench();
    bench.do(CREATE, write(0, bytes(1, 2, 3)), { kind: "truncate", file: LOG, size: 1 });
    bench.do({ kind: "truncate", file: LOG, size: 3 }, write(4, bytes(5)));
    expect(bench.disk.contents(LOG, "current")).toEqual(bytes(1, 0, 0, 0, 5));
  });

  it("names what is missing", () => {
    const bench = new Bench();
    const result = bench.do({ kind: "read", file: LOG, offset: 0, length: 1 });
    expect(result).toEqual({
      kind: "failed",
      reason: "missing",
      message: "no file log.1 in the log directory",
    });
  });
});
