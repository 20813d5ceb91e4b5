/**
 * The storage with ZooKeeper's data tree as its state: snapshots that are written
 * while the tree changes lead, with the log after them, to the same tree.
 */
import { readFileSync } from "node:fs";
import { encodeTxnLogHeader, encodeTxnLogRecords, SnapshotFileEncoder } from "@jute-ts/persistence";
import {
  CreateRequest,
  CreateSessionTxn,
  decodeTxn,
  encodeTxn,
  makeZxid,
  OpCode,
  Perms,
  TxnHeader,
  type Zxid,
} from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { DataTree } from "./index.js";
import { CrashDisk } from "../../quorum/test/storage/crash-disk.js";
import type { Effect, Report } from "@jute-ts/quorum";
import { Storage } from "@jute-ts/quorum/internals/storage/storage.js";
import type { StorageOutcome } from "@jute-ts/quorum/internals/storage/storage-outcome.js";

/** A server without an ensemble: what it proposes is committed at once. */
class Alone {
  readonly tree = new DataTree({ snapshotPieceBytes: 200, extendedTypes: true });
  readonly reports: Report[] = [];
  readonly outcomes: StorageOutcome[] = [];
  readonly storage: Storage;
  readonly #disk: CrashDisk;
  /** Marks are written after each batch. */
  #nowMs = 0;
  readonly #waiting: (Effect & { kind: "file" })[] = [];

  constructor(disk: CrashDisk, digestInSnapshots = true) {
    this.#disk = disk;
    this.storage = new Storage(
      {
        storage: { snapCount: 20, preAllocSizeBytes: 4096, readBytes: 1000, digestInSnapshots },
        maxTxnBytes: 100_000,
        commitLogCount: 10,
        random: () => 0.5,
        nowMs: () => (this.#nowMs += 1000),
      },
      this.tree,
      (effect) => {
        if (effect.kind === "file") this.#waiting.push(effect);
        if (effect.kind === "report") this.reports.push(effect.report);
      },
      (outcome) => {
        this.outcomes.push(outcome);
      },
    );
    this.storage.recover();
    this.run();
  }

  run(steps = Infinity): void {
    for (let step = 0; step < steps; step++) {
      // Lanes take turns, not quite regularly.
      const [next] = this.#waiting.splice((step * 7) % Math.max(this.#waiting.length, 1), 1);
      if (next === undefined) return;
      this.storage.onFileDone(next.id, this.#disk.carryOut(next.operation));
    }
  }

  /** Carries out the request with this number: the first opens the session, all others create a znode. */
  request(counter: number): Uint8Array {
    const isFirst = counter === 1;
    const opCode = isFirst ? OpCode.createSession : OpCode.create;
    const body = isFirst ? sessionBody() : createBody(counter);
    const zxid = makeZxid(1, counter);
    const request = { sessionId: 1n, cxid: counter, opCode, body, authInfo: [] };
    const bytes = this.tree.prepare(request, zxid, BigInt(counter));
    const txn = { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
    expect(txn.header.type).toBe(opCode);
    this.storage.append(txn);
    this.tree.apply(txn);
    this.storage.onApplied();
    return bytes;
  }
}

function sessionBody(): Uint8Array {
  return new CreateSessionTxn({ timeOut: 1000 }).encode();
}

function createBody(counter: number): Uint8Array {
  return new CreateRequest({
    path: `/n${counter}`,
    data: new Uint8Array(50).fill(counter),
    acl: [{ perms: Perms.ALL, id: { scheme: "world", id: "anyone" } }],
    flags: 0,
  }).encode();
}

describe("a data tree on a disk", () => {
  it("is the same after every start, from each of its fuzzy snapshots", () => {
    const disk = new CrashDisk();
    const server = new Alone(disk);
    server.storage.writeAcceptedEpoch(1);
    server.run();
    server.storage.writeCurrentEpoch(1);
    server.run();
    server.storage.allowSnapshots(true);
    for (let counter = 1; counter <= 200; counter++) {
      server.request(counter);
      // A few steps only: snapshots are still being written while the tree goes on.
      server.run(4);
    }
    server.run();
    const snapshots = disk.names("data").filter((name) => name.startsWith("snapshot."));
    expect(snapshots.length).toBeGreaterThan(3);
    for (const kept of snapshots) {
      const image = disk.afterCrash(() => false);
      for (const name of snapshots) if (name !== kept) image.take({ directory: "data", name });
      const again = new Alone(image);
      expect(again.outcomes.map(({ kind }) => kind)).toEqual(["recovered"]);
      expect(again.tree.lastProcessedZxid).toBe(makeZxid(1, 200));
      expect(again.tree.digest()).toBe(server.tree.digest());
      expect(again.reports.filter(({ kind }) => kind === "digestMismatch")).toEqual([]);
    }
  });
});

describe("the digest at the end of a snapshot", () => {
  it("is right in a snapshot of Java's that a half-applied txn got into", () => {
    const folder = new URL("../../../test/java/persistence/half-applied/", import.meta.url);
    const disk = new CrashDisk();
    for (const [directory, name] of [
      ["data", "snapshot.3000001e5"],
      ["log", "log.3000001e5"],
    ] as const) {
      disk.place({ directory, name }, Uint8Array.from(readFileSync(new URL(name, folder))));
    }
    placeEpochs(disk, 3);
    const server = new Alone(disk);
    expect(server.outcomes.map(({ kind }) => kind)).toEqual(["recovered"]);
    expect(server.tree.lastProcessedZxid).toBe(0x3000001ebn);
    expect(mismatches(server)).toEqual([]);
  });

  it("is not held against a snapshot that has traces of the one txn after it", () => {
    expect(mismatches(afterRestart(snapshotAt(5, 6), logOf(6, 10)))).toEqual([]);
    // The snapshot was begun before that: the digest belongs to a txn of the log.
    expect(mismatches(afterRestart(snapshotAt(5, 6, 3), logOf(4, 10)))).toEqual([]);
  });

  it("is held against one that has traces of the txn after that, or whose next txn explains nothing", () => {
    const five = [makeZxid(1, 5)];
    expect(mismatches(afterRestart(snapshotAt(5, 7), logOf(6, 10)))).toEqual(five);
    // Nothing after it.
    expect(mismatches(afterRestart(snapshotAt(5, 6), logOf(5, 5)))).toEqual(five);
    // After it a txn that changes nothing and has no digest.
    const failed = encodeTxn(
      OpCode.error,
      { clientId: 1n, cxid: 6, zxid: makeZxid(1, 6), time: 6n },
      { err: -101 },
    );
    expect(mismatches(afterRestart(snapshotAt(5, 6), [failed]))).toEqual(five);
  });

  it("is compared with nothing where digests are off", () => {
    expect(mismatches(afterRestart(snapshotAt(5, 7), logOf(6, 10), false))).toEqual([]);
  });
});

describe("the digest that a leader wrote into a txn", () => {
  it("is compared while the log is replayed, too", () => {
    const [fourth = new Uint8Array()] = logOf(4, 4);
    const { header, digest, body } = decodeTxn(fourth);
    if (digest === null) throw new Error("a leader adds its digest");
    const wrong = { version: digest.version, treeDigest: digest.treeDigest + 1n };
    const other = encodeTxn(OpCode.create, header, body as never, wrong);
    const log = [...logOf(1, 3), other, ...logOf(5, 6)];
    expect(mismatches(afterRestart(undefined, log))).toEqual([makeZxid(1, 4)]);
  });
});

/** The tree after so many txns, and the txns. */
function treeAfter(count: number): { tree: DataTree; txns: Uint8Array[] } {
  const disk = new CrashDisk();
  const server = new Alone(disk);
  const txns: Uint8Array[] = [];
  for (let counter = 1; counter <= count; counter++) txns.push(server.request(counter));
  return { tree: server.tree, txns };
}

function logOf(first: number, last: number): Uint8Array[] {
  return treeAfter(last).txns.slice(first - 1);
}

/** A snapshot with the znodes after txn `contents` and the digest after txn `digestOf`. */
function snapshotAt(digestOf: number, contents: number, begun = digestOf): Placed {
  const encoder = new SnapshotFileEncoder();
  const parts = [encoder.header()];
  const source = treeAfter(contents).tree.snapshot();
  for (let piece = source.next(); piece !== undefined; piece = source.next()) {
    parts.push(Uint8Array.from(encoder.body(piece)));
  }
  const digest = {
    zxid: makeZxid(1, digestOf),
    version: 2,
    digest: treeAfter(digestOf).tree.digest(),
  };
  parts.push(encoder.trailer({ digest }));
  return { name: `snapshot.${makeZxid(1, begun).toString(16)}`, bytes: joined(parts) };
}

interface Placed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function afterRestart(
  snapshot: Placed | undefined,
  txns: readonly Uint8Array[],
  digests = true,
): Alone {
  const disk = new CrashDisk();
  const [first = new Uint8Array()] = txns;
  const name = `log.${decodeTxn(first).header.zxid.toString(16)}`;
  const bytes = joined([encodeTxnLogHeader(), encodeTxnLogRecords(txns)]);
  if (snapshot === undefined) placeEmptySnapshot(disk);
  else disk.place({ directory: "data", name: snapshot.name }, snapshot.bytes);
  disk.place({ directory: "log", name }, bytes);
  placeEpochs(disk, 1);
  const server = new Alone(disk, digests);
  expect(server.outcomes.map(({ kind }) => kind)).toEqual(["recovered"]);
  return server;
}

function placeEmptySnapshot(disk: CrashDisk): void {
  const { name, bytes } = snapshotAt(0, 0);
  disk.place({ directory: "data", name }, bytes);
}

function placeEpochs(disk: CrashDisk, epoch: number): void {
  for (const name of ["acceptedEpoch", "currentEpoch"]) {
    disk.place({ directory: "data", name }, new TextEncoder().encode(String(epoch)));
  }
}

function mismatches(server: Alone): Zxid[] {
  return server.reports.flatMap((each) => (each.kind === "digestMismatch" ? [each.zxid] : []));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
