/**
 * The storage with ZooKeeper's data tree as its state: snapshots that are written
 * while the tree changes lead, with the log behind them, to the same tree.
 */
import { CreateRequest, makeZxid, OpCode, Perms, TxnHeader } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { DataTree } from "./index.js";
import { CrashDisk } from "../../quorum/test/storage/crash-disk.js";
import type { Effect, Report } from "@jute-ts/quorum";
import { Storage } from "@jute-ts/quorum/internals/storage/storage.js";
import type { StorageOutcome } from "@jute-ts/quorum/internals/storage/storage-outcome.js";

/** A server without an ensemble: what it proposes is committed at once. */
class Alone {
  readonly tree = new DataTree({ snapshotPieceBytes: 200 });
  readonly reports: Report[] = [];
  readonly outcomes: StorageOutcome[] = [];
  readonly storage: Storage;
  readonly #disk: CrashDisk;
  readonly #waiting: (Effect & { kind: "file" })[] = [];

  constructor(disk: CrashDisk) {
    this.#disk = disk;
    this.storage = new Storage(
      {
        storage: { snapCount: 20, preAllocSizeBytes: 4096, readBytes: 1000 },
        maxTxnBytes: 100_000,
        commitLogCount: 10,
        random: () => 0.5,
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

  create(counter: number): void {
    const zxid = makeZxid(1, counter);
    const body = new CreateRequest({
      path: `/n${counter % 40}`,
      data: new Uint8Array(50).fill(counter),
      acl: [{ perms: Perms.ALL, id: { scheme: "world", id: "anyone" } }],
      flags: 0,
    }).encode();
    const request = { sessionId: 1n, cxid: counter, opCode: OpCode.create, body, authInfo: [] };
    const bytes = this.tree.prepare(request, zxid, BigInt(counter));
    const txn = { zxid, header: TxnHeader.decode(bytes.subarray(0, 32)), bytes };
    this.storage.append(txn);
    this.tree.apply(txn);
    this.storage.onApplied();
  }
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
      server.create(counter);
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
