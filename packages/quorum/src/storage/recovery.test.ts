/**
 * What recovery makes of directories that crashes, rot and people leave: torn
 * tails at every byte and in every set of sectors, flipped bits at every byte,
 * missing and foreign files.
 */
import {
  encodeSyncedMark,
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  txnLogRecordBytes,
} from "@jute-ts/persistence";
import { encodeTxn, makeZxid, OpCode, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import { beforeEach, describe, expect, it } from "vitest";
import { makeTxn } from "../../test/register-state.js";
import { CrashDisk, SECTOR_BYTES } from "../../test/storage/crash-disk.js";
import { SMALL, StorageBench } from "../../test/storage/storage-bench.js";
import type { FilePath } from "../file-operations.js";
import type { StorageOptions } from "../peer-options.js";
import type { LoggedTxn } from "../replicated-state.js";

const z = (counter: number, epoch = 1): Zxid => makeZxid(epoch, counter);
const RECORD = txnLogRecordBytes(makeTxn(1n).bytes);
const LOG: FilePath = { directory: "log", name: "log.100000001" };
const MARK: FilePath = { directory: "data", name: "synced" };

const dataFile = (name: string): FilePath => ({ directory: "data", name });
const logFile = (first: Zxid): FilePath => ({
  directory: "log",
  name: `log.${first.toString(16)}`,
});
const ascii = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

function logOf(...zxids: readonly Zxid[]): Uint8Array {
  return concatenated(
    encodeTxnLogHeader(),
    encodeTxnLogRecords(zxids.map((zxid) => makeTxn(zxid).bytes)),
  );
}

function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function withFlippedBit(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

/** A txn with so much data in it. */
function largeTxn(zxid: Zxid, dataBytes: number): LoggedTxn {
  const header = { clientId: 0n, cxid: 0, zxid, time: 0n };
  const data = new Uint8Array(dataBytes).fill(Number(zxid & 0xffn) + 1);
  const bytes = encodeTxn(OpCode.setData, header, { path: "/", data, version: 0 });
  return { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
}

/** A disk with the epoch 1 and these txns, all of it durable. */
function diskWith(...zxids: readonly Zxid[]): CrashDisk {
  const bench = new StorageBench().recover().epoch(1);
  return bench.append(...zxids).run().disk;
}

function recover(disk: CrashDisk, options: StorageOptions = SMALL): StorageBench {
  return new StorageBench(disk, options).recover();
}

function refusal(disk: CrashDisk, options?: StorageOptions): string {
  return recover(disk, options).outcome("refused").text;
}

describe("a torn tail", () => {
  it("is cut off at whichever byte of the last three records it begins, with and without zeros after", () => {
    const promised = [z(1), z(2)];
    const whole = logOf(...promised, z(3), z(4), z(5));
    const mark = encodeSyncedMark({ file: LOG.name, bytes: 16 + 2 * RECORD });
    for (let cut = 16 + 2 * RECORD; cut <= whole.length; cut++) {
      for (const padding of [0, 1, 600]) {
        const disk = diskWith(...promised);
        disk.place(LOG, concatenated(whole.subarray(0, cut), new Uint8Array(padding)));
        disk.place(MARK, mark);
        const bench = recover(disk);
        const count = Math.floor((cut - 16) / RECORD);
        const expected = [z(1), z(2), z(3), z(4), z(5)].slice(0, count);
        expect(bench.state.applied, `cut at ${cut}`).toEqual(expected);
        expect(bench.outcome("recovered").history.tornBytes).toBeLessThanOrEqual(cut);
        // The next start finds nothing torn any more.
        expect(recover(disk).outcome("recovered").history.tornBytes).toBe(0);
      }
    }
  });

  it.each([
    ["that goes on", true],
    ["that begins", false],
  ])("may have lost any sectors of the last batch, in a log %s", (_, goesOn) => {
    const bench = new StorageBench(new CrashDisk(), SMALL).recover().epoch(1);
    if (goesOn) bench.append(z(1)).run();
    const first = goesOn ? 2 : 1;
    // The first is on its way before the others come, which are written after it before the fsync.
    for (let counter = first; counter < first + 4; counter++) {
      bench.storage.append(largeTxn(z(counter), 420));
    }
    while (!isWriteOfLargeTxns(bench)) bench.step();
    const promised = bench.storage.lastDurableZxid;
    const count = bench.disk.changesAtStake;
    expect(count).toBeGreaterThan(3);
    const lengths = new Set<Zxid>();
    for (let bits = 0; bits < 1 << count; bits++) {
      const found = recover(bench.disk.afterCrash((index) => ((bits >> index) & 1) === 1));
      const { lastZxid } = found.outcome("recovered").history;
      expect(lastZxid, bits.toString(2)).toBeGreaterThanOrEqual(promised);
      lengths.add(lastZxid);
    }
    // From nothing of the batch to all of it, and parts.
    expect(lengths.has(promised) && lengths.has(z(first + 3))).toBe(true);
    expect(lengths.size).toBeGreaterThan(2);
  });

  it("is cut off when the same crash tore the mark: the mark before it is in another place", () => {
    for (const place of [0, 64]) {
      // Enough fsyncs for a mark in both places.
      const bench = new StorageBench(new CrashDisk(), SMALL).recover().epoch(1);
      for (const zxid of [z(1), z(2), z(3)]) bench.append(zxid).run();
      const { disk: crashed } = bench;
      const torn = crashed.contents(MARK).slice();
      torn.fill(0, place + 20, place + 24);
      // A record that is gone, and one after it that is whole: without any mark this would be rot.
      const records = logOf(z(1), z(2), z(3), z(4), z(5));
      records.fill(0, 16 + 3 * RECORD + 8, 16 + 4 * RECORD);
      crashed.place(LOG, records);
      crashed.place(MARK, torn);
      const { history } = recover(crashed).outcome("recovered");
      expect(history.lastZxid, `torn at ${place}`).toBe(z(3));
    }
  });

  it("of an earlier log is left alone when the next one goes on without a hole, as Java leaves it", () => {
    const disk = diskWith(z(1), z(2));
    disk.place(LOG, concatenated(logOf(z(1), z(2)), new Uint8Array(7).fill(9)));
    disk.place(logFile(z(3)), logOf(z(3)));
    expect(recover(disk).state.applied).toEqual([z(1), z(2), z(3)]);
  });

  it("takes the log with it when nothing else was in it", () => {
    for (const bytes of [new Uint8Array(0), logOf(), logOf().subarray(0, 7), new Uint8Array(900)]) {
      const disk = diskWith(z(1));
      disk.place(logFile(z(2)), bytes);
      const bench = recover(disk);
      expect(bench.state.applied).toEqual([z(1)]);
      expect(disk.names("log")).toEqual([LOG.name]);
      bench.append(z(2)).run();
      expect(recover(disk).state.applied).toEqual([z(1), z(2)]);
    }
  });

  it("is none where txns follow that are longer than is allowed now", () => {
    const disk = diskWith(z(1));
    disk.take(MARK);
    const txns = [z(1), z(2), z(3)].map((zxid) => largeTxn(zxid, 5000).bytes);
    const log = concatenated(encodeTxnLogHeader(), encodeTxnLogRecords(txns));
    disk.place(LOG, withFlippedBit(log, 100));
    expect(refusal(disk)).toMatch(/log.100000001 is damaged at byte 16/);
  });
});

/** Whether the last operation wrote several large txns. */
function isWriteOfLargeTxns(bench: StorageBench): boolean {
  const last = bench.operations.at(-1);
  return last?.kind === "write" && last.bytes.length > 2 * SECTOR_BYTES;
}

describe("rot", () => {
  it("of any byte that was promised is refused, with the file and the place", () => {
    const disk = diskWith(z(1), z(2), z(3));
    const bytes = disk.contents(LOG);
    for (let at = 0; at < 16 + 3 * RECORD; at++) {
      const image = disk.clone();
      const rotten = bytes.slice();
      rotten[at] = (rotten[at] ?? 0) ^ 0x10;
      image.place(LOG, rotten);
      const bench = recover(image);
      if (at >= 8 && at < 16) {
        // The database id, which means nothing.
        expect(bench.state.applied).toEqual([z(1), z(2), z(3)]);
      } else {
        expect(bench.outcome("refused").text, `byte ${at}`).toContain(LOG.name);
      }
    }
  });

  it("is told from a torn batch without a mark too, where more follows than one batch has", () => {
    const disk = diskWith(z(1));
    const rotten = concatenated(
      encodeTxnLogHeader(),
      encodeTxnLogRecords(
        Array.from({ length: 400 }, (_, index) => largeTxn(z(index + 1), 4000).bytes),
      ),
    );
    rotten[16 + 30] = 0xff;
    disk.place(LOG, rotten);
    for (const mark of [
      encodeSyncedMark({ file: LOG.name, bytes: 16 }),
      ascii("log.1 4 zz"),
      undefined,
    ]) {
      if (mark === undefined) disk.take(MARK);
      else disk.place(MARK, mark);
      expect(refusal(disk)).toMatch(/log\.100000001 is damaged at byte 16/);
    }
  });

  it("is no damage, however long, where the power failed while a log was being cut there", () => {
    const disk = diskWith(z(1));
    const logs = encodeTxnLogRecords(
      Array.from({ length: 400 }, (_, index) => largeTxn(z(index + 2), 4000).bytes),
    );
    const kept = logOf(z(1));
    // A part of what was to go is zeros, and the file has its old length.
    const left = concatenated(kept, logs.fill(0, 0, 512));
    disk.place(LOG, left);
    disk.place(MARK, encodeSyncedMark({ file: LOG.name, bytes: kept.length, isCut: true }));
    const bench = recover(disk);
    expect(bench.state.applied).toEqual([z(1)]);
    expect(bench.disk.contents(LOG)).toEqual(kept);
    // Of another log it says nothing, and before the cut it is as strict as ever.
    disk.place(LOG, left);
    disk.place(MARK, encodeSyncedMark({ file: "log.77", bytes: kept.length, isCut: true }));
    expect(refusal(disk)).toMatch(/log\.100000001 is damaged at byte/);
    left.fill(0, 20, kept.length);
    disk.place(LOG, left);
    disk.place(MARK, encodeSyncedMark({ file: LOG.name, bytes: kept.length, isCut: true }));
    expect(refusal(disk)).toContain("had been synced");
  });

  it("of a tail that the mark says was synced is refused even when the tail is gone", () => {
    const disk = diskWith(z(1), z(2));
    disk.place(LOG, logOf(z(1)));
    expect(refusal(disk)).toContain("had been synced");
  });

  it("of the mark is harmless, whatever is in it", () => {
    const marks = [
      new Uint8Array(0),
      new Uint8Array(50).fill(0xff),
      ascii("log.100000001 9999"),
      encodeSyncedMark({ file: "log.77", bytes: 123 }),
      encodeSyncedMark({ file: LOG.name, bytes: 0 }),
    ];
    for (const mark of marks) {
      const disk = diskWith(z(1), z(2));
      disk.place(MARK, mark);
      const bench = recover(disk);
      expect(bench.state.applied).toEqual([z(1), z(2)]);
      bench.append(z(3)).run();
      expect(recover(disk).state.applied).toEqual([z(1), z(2), z(3)]);
    }
  });
});

describe("logs that do not fit together", () => {
  it.each([
    ["a hole inside an epoch", [z(1), z(2)], [z(4)], "0x100000004 cannot follow 0x100000002"],
    ["a hole between epochs", [z(1)], [z(2, 2)], "0x200000002 cannot follow 0x100000001"],
    ["a txn twice", [z(1), z(2)], [z(2), z(3)], "0x100000002 cannot follow 0x100000002"],
  ])("are refused: %s", (_, first, second, text) => {
    const disk = diskWith(...first);
    disk.place(logFile(second[0] ?? 0n), logOf(...second));
    expect(refusal(disk)).toContain(text);
  });

  it.each([
    ["is empty", new Uint8Array(0)],
    ["has become zeros", new Uint8Array(600)],
    ["has lost its header's end", logOf().subarray(0, 7)],
    ["has lost a part of its last txn", logOf(z(1), z(2)).subarray(0, -5)],
    ["has another last txn", withFlippedBit(logOf(z(1), z(2)), 16 + RECORD + 30)],
  ])("are refused when one before an epoch's first txn %s", (_, bytes) => {
    const disk = diskWith(z(1), z(2));
    disk.place(dataFile("acceptedEpoch"), ascii("2"));
    disk.place(logFile(z(1, 2)), logOf(z(1, 2)));
    expect(recover(disk.clone()).state.applied).toEqual([z(1), z(2), z(1, 2)]);
    disk.place(LOG, bytes);
    expect(refusal(disk)).toMatch(/log\.100000001 is damaged from byte \d+ on.*0x200000001/);
  });

  it("are refused when a log's name is not its first txn", () => {
    const disk = diskWith(z(1));
    disk.place(logFile(z(2)), logOf(z(3)));
    expect(refusal(disk)).toMatch(/log\.100000002 is damaged at byte 16: .*0x100000003/);
  });

  it("are refused when the first log is missing", () => {
    const disk = diskWith(z(1));
    disk.take(LOG);
    disk.place(logFile(z(2)), logOf(z(2)));
    expect(refusal(disk)).toContain("0x100000002 cannot follow 0x0");
  });

  // The second one is shorter than a header, which the fuzzer found.
  it.each(["#!/bin/sh\necho this is not a log\n", "1"])(
    "are refused when one is no log at all: %j",
    (text) => {
      const disk = diskWith(z(1));
      disk.place(logFile(z(2)), ascii(text));
      expect(refusal(disk)).toContain("log.100000002 is no transaction log");
    },
  );

  it("are read, and can be cut, whatever was allowed when a txn was written", () => {
    const txns = [5000, 100, 40_000, 10, 9000].map((dataBytes, index) =>
      largeTxn(z(index + 2), dataBytes),
    );
    const log = concatenated(
      encodeTxnLogHeader(),
      encodeTxnLogRecords(txns.map(({ bytes }) => bytes)),
    );
    const zxids = [z(1), ...txns.map(({ zxid }) => zxid)];
    for (const isMarked of [true, false]) {
      const disk = diskWith(z(1));
      disk.place(logFile(z(2)), log);
      if (isMarked) {
        disk.place(MARK, encodeSyncedMark({ file: logFile(z(2)).name, bytes: log.length }));
      }
      const bench = recover(disk);
      expect(bench.state.applied).toEqual(zxids);
      expect(bench.outcome("recovered").history.recentTxns.at(-1)?.bytes).toEqual(txns[4]?.bytes);
      bench.truncate(z(4)).run();
      expect(bench.state.applied).toEqual(zxids.slice(0, 4));
      expect(recover(disk).state.applied).toEqual(zxids.slice(0, 4));
    }
  });

  it("are refused when such a txn has rotted, or a length that asks for everything", () => {
    const disk = diskWith(z(1));
    const large = [largeTxn(z(2), 40_000), largeTxn(z(3), 10)];
    const whole = concatenated(
      encodeTxnLogHeader(),
      encodeTxnLogRecords(large.map(({ bytes }) => bytes)),
    );
    for (const at of [16 + 8, 16 + 8 + 3, 16 + 2000]) {
      const rotten = whole.slice();
      rotten[at] = (rotten[at] ?? 0) ^ 0x7f;
      disk.place(logFile(z(2)), rotten);
      expect(refusal(disk), `byte ${at}`).toContain("log.100000002 is damaged at byte 16");
    }
  });

  it("lose the torn end of a txn that is longer than is allowed now, however much of it is there", () => {
    const disk = diskWith(z(1));
    const records = encodeTxnLogRecords([largeTxn(z(2), 3 << 20).bytes]);
    const whole = Buffer.concat([encodeTxnLogHeader(), records]);
    disk.place(logFile(z(2)), whole.subarray(0, -1));
    expect(recover(disk).outcome("recovered").history.lastZxid).toBe(z(1));
  });
});

describe("snapshots", () => {
  let disk: CrashDisk;

  /** snapshot.0, snapshot.100000002 and snapshot.100000004, with the logs for all. */
  beforeEach(() => {
    const bench = new StorageBench(new CrashDisk(), { ...SMALL, snapCount: 4 }).recover().epoch(1);
    bench.storage.allowSnapshots(true);
    for (let counter = 1; counter <= 5; counter++) bench.append(z(counter)).run();
    ({ disk } = bench);
    expect(disk.names("data")).toContain("snapshot.100000004");
  });

  it("are read from the newest on, and an older one will do when the logs make up for it", () => {
    expect(recover(disk.clone()).outcome("recovered").history).toMatchObject({
      snapshotZxid: z(4),
      replayed: 1,
    });
    const bytes = disk.contents(dataFile("snapshot.100000004"));
    for (let at = 0; at < bytes.length; at += 3) {
      const image = disk.clone();
      const rotten = bytes.slice();
      rotten[at] = (rotten[at] ?? 0) ^ 1;
      image.place(dataFile("snapshot.100000004"), rotten);
      const bench = recover(image);
      expect(bench.state.applied, `byte ${at}`).toEqual([z(1), z(2), z(3), z(4), z(5)]);
    }
  });

  it("allow a torn tail before a new epoch where they hold all that is left, as Java's do that it takes when it starts", () => {
    for (const name of disk.names("log")) disk.take({ directory: "log", name });
    disk.place(LOG, logOf(z(1), z(2), z(3), z(4), z(5)).subarray(0, -5));
    disk.place(logFile(z(1, 2)), logOf(z(1, 2)));
    disk.place(dataFile("acceptedEpoch"), ascii("2"));
    expect(recover(disk.clone()).outcome("recovered").history.lastZxid).toBe(z(1, 2));
    disk.take(dataFile("snapshot.100000004"));
    expect(refusal(disk)).toContain("log.100000001 is damaged from byte");
  });

  it("are refused when the older one leads to less than the newer one held", () => {
    disk.place(dataFile("snapshot.100000009"), new Uint8Array(200));
    expect(refusal(disk)).toMatch(/snapshot\.100000009 cannot be read.*0x100000005/);
  });

  it("are refused when none can be read, and logs without one unless they are trusted", () => {
    const empty = disk.clone();
    for (const name of disk.names("data").filter((name) => name.startsWith("snapshot."))) {
      disk.place(dataFile(name), new Uint8Array(3));
      empty.take(dataFile(name));
    }
    expect(refusal(disk)).toContain("no snapshot can be read");
    expect(refusal(empty)).toContain("no snapshot to begin with");
    // As it is written in zoo.cfg.
    expect(refusal(empty)).toContain("snapshot.trust.empty=true");
    const trusted = recover(empty, { ...SMALL, trustEmptySnapshot: true });
    expect(trusted.state.applied).toEqual([z(1), z(2), z(3), z(4), z(5)]);
  });

  it("are made for logs that were trusted once, so that the next start needs no trust", () => {
    for (const name of disk.names("data").filter((name) => name.startsWith("snapshot."))) {
      disk.take(dataFile(name));
    }
    recover(disk, { ...SMALL, trustEmptySnapshot: true });
    const next = recover(disk);
    expect(next.outcome("recovered").history).toMatchObject({ lastZxid: z(5), snapshotZxid: 0n });
    // What no quorum has confirmed is not in it: the log can still be cut anywhere.
    next.truncate(z(2)).run();
    expect(next.outcome("truncated").history.lastZxid).toBe(z(2));
    expect(recover(disk).state.applied).toEqual([z(1), z(2)]);
  });

  it("are made for trusted logs that begin within an epoch, or hold nothing", () => {
    const within = new CrashDisk();
    within.place(logFile(z(7)), logOf(z(7), z(8)));
    recover(within, { ...SMALL, trustEmptySnapshot: true });
    expect(within.names("data")).toContain("snapshot.100000006");
    expect(recover(within).state.applied).toEqual([z(7), z(8)]);
    const empty = new CrashDisk();
    empty.place(logFile(z(1)), logOf());
    recover(empty, { ...SMALL, trustEmptySnapshot: true });
    expect(recover(empty).outcome("recovered").history.lastZxid).toBe(0n);
  });

  it("are made where a process died while it was making one", () => {
    const half = new CrashDisk();
    half.place(logFile(z(1)), logOf(z(1), z(2)));
    half.place(dataFile("unfinished-snapshot.0.tmp"), ascii("ZKSN"));
    const bench = recover(half, { ...SMALL, trustEmptySnapshot: true });
    expect(bench.outcome("recovered").history.lastZxid).toBe(z(2));
    expect(half.names("data")).toContain("snapshot.0");
    expect(half.names("data")).not.toContain("unfinished-snapshot.0.tmp");
  });

  it("are not made when the process dies in between, and the next start is asked again", () => {
    for (const name of disk.names("data").filter((name) => name.startsWith("snapshot."))) {
      disk.take(dataFile(name));
    }
    const trusting = { ...SMALL, trustEmptySnapshot: true };
    for (let operations = 0; ; operations++) {
      const image = disk.clone();
      const bench = new StorageBench(image, trusting);
      bench.storage.recover();
      for (let count = 0; count < operations && !bench.isIdle; count++) bench.step();
      const crashed = image.afterCrash(() => false);
      expect(recover(crashed, trusting).state.applied, `after ${operations}`).toHaveLength(5);
      if (bench.isIdle) break;
    }
  });

  it("compressed with gzip are refused with what to do, but read when the driver inflates them", () => {
    const plain = disk.contents(dataFile("snapshot.100000004"));
    disk.take(dataFile("snapshot.100000004"));
    disk.place(dataFile("snapshot.100000004.gz"), Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0));
    expect(refusal(disk)).toContain("gunzip");
    disk.place(dataFile("snapshot.100000004.gz"), plain);
    expect(recover(disk).outcome("recovered").history.snapshotZxid).toBe(z(4));
  });
});

describe("an empty directory", () => {
  it("becomes a server only by an administrator's word when autocreate is off", () => {
    const off = { ...SMALL, autocreate: false };
    const disk = new CrashDisk();
    for (let start = 0; start < 2; start++) {
      const bench = recover(disk, off);
      expect(bench.outcome("recovered").history).toMatchObject({ mayVote: false, lastZxid: 0n });
      expect(disk.names("data")).toEqual(["acceptedEpoch", "currentEpoch"]);
    }
    disk.place(dataFile("../initialize"), new Uint8Array(0));
    expect(recover(disk, off).outcome("recovered").history.mayVote).toBe(true);
    expect(disk.names("data")).toEqual(["acceptedEpoch", "currentEpoch", "snapshot.0"]);
  });

  it("takes that word where the script leaves it and where Java looks for it, and only once", () => {
    const off = { ...SMALL, autocreate: false };
    for (const directory of ["data", "log"] as const) {
      const disk = new CrashDisk();
      disk.place({ directory, name: "../initialize" }, new Uint8Array(0));
      expect(recover(disk, off).outcome("recovered").history.mayVote).toBe(true);
      expect(disk.names(directory)).not.toContain("../initialize");
    }
    // Java removes it from a directory with data too, or it would be honoured when they are lost.
    const disk = diskWith(z(1));
    disk.place(dataFile("../initialize"), new Uint8Array(0));
    expect(recover(disk, off).state.applied).toEqual([z(1)]);
    expect(disk.names("data")).not.toContain("../initialize");
  });

  it("is no new server's when the epoch that it followed is left", () => {
    const disk = diskWith(z(1));
    disk.take(LOG);
    disk.take(dataFile("snapshot.0"));
    disk.take(MARK);
    for (const autocreate of [true, false]) {
      expect(refusal(disk, { ...SMALL, autocreate })).toMatch(
        /followed a leader in epoch 1.*neither a snapshot nor a log/,
      );
    }
  });

  it("keeps nothing of what was being written when a process died", () => {
    const disk = diskWith(z(1));
    for (const name of ["acceptedEpoch.tmp", "currentEpoch.tmp", "unfinished-snapshot.9.tmp"]) {
      disk.place(dataFile(name), ascii("7"));
    }
    const bench = recover(disk);
    expect(disk.names("data")).toEqual(["acceptedEpoch", "currentEpoch", "snapshot.0", "synced"]);
    expect(bench.storage.acceptedEpoch).toBe(1);
  });
});

describe("epoch files", () => {
  it("that are missing are written again from the last txn", () => {
    const disk = diskWith(z(1));
    disk.take(dataFile("acceptedEpoch"));
    disk.take(dataFile("currentEpoch"));
    expect(recover(disk).outcome("recovered").history).toMatchObject({
      acceptedEpoch: 1,
      currentEpoch: 1,
    });
    expect(disk.contents(dataFile("currentEpoch"))).toEqual(ascii("1"));
    disk.take(dataFile("currentEpoch"));
    disk.place(dataFile("acceptedEpoch"), ascii("5"));
    expect(recover(disk).outcome("recovered").history).toMatchObject({
      acceptedEpoch: 5,
      currentEpoch: 1,
    });
  });

  it("follow a log that a crash left ahead of the current epoch, as far as it was accepted", () => {
    const disk = diskWith(z(1));
    disk.place(logFile(z(1, 2)), logOf(z(1, 2)));
    expect(refusal(disk)).toContain("acceptedEpoch is 1");
    disk.place(dataFile("acceptedEpoch"), ascii("3"));
    expect(recover(disk).outcome("recovered").history).toMatchObject({
      acceptedEpoch: 3,
      currentEpoch: 2,
    });
    expect(disk.contents(dataFile("currentEpoch"))).toEqual(ascii("2"));
  });

  it.each(["", "\n", "-2", "2147483648", "0x10", "1 2", "\u0000\u0001"])(
    "with %j in them are refused",
    (text) => {
      const disk = diskWith(z(1));
      disk.place(dataFile("currentEpoch"), ascii(text));
      expect(refusal(disk)).toContain("currentEpoch");
    },
  );

  it("are refused when the accepted epoch is behind the current one", () => {
    const disk = diskWith(z(1));
    disk.place(dataFile("currentEpoch"), ascii("4"));
    expect(refusal(disk)).toContain("currentEpoch is 4");
  });
});

describe("what the peer is told", () => {
  it("holds the last txns of the log, in bytes that it shares with no others that were read", () => {
    const disk = diskWith(z(1), z(2), z(3), z(4), z(5), z(6), z(7));
    const { history } = recover(disk).outcome("recovered");
    expect(history.recentTxns.map(({ zxid }) => zxid)).toEqual([z(3), z(4), z(5), z(6), z(7)]);
    for (const { zxid, bytes } of history.recentTxns) {
      expect(bytes).toEqual(makeTxn(zxid).bytes);
      expect(bytes.buffer.byteLength).toBeLessThanOrEqual(65_536);
    }
    expect(history).toMatchObject({ lastZxid: z(7), snapshotZxid: 0n, replayed: 7, tornBytes: 0 });
  });
});
