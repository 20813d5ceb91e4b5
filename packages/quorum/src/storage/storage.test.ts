/**
 * Which operations follow each other, one by one: the order of writes, fsyncs and
 * renames is the contract, so it is spelled out.
 */
import { txnLogRecordBytes } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { makeTxn } from "../../test/register-state.js";
import { CrashDisk } from "../../test/storage/crash-disk.js";
import { changesAsText } from "../../test/storage/operation-text.js";
import { SMALL, StorageBench } from "../../test/storage/storage-bench.js";
import type { FileOperation } from "../file-operations.js";
import { makeZxid, type Zxid } from "@jute-ts/zookeeper";

const z = (counter: number, epoch = 1): Zxid => makeZxid(epoch, counter);
const RECORD = txnLogRecordBytes(makeTxn(1n).bytes);

function started(options = SMALL): StorageBench {
  const bench = new StorageBench(new CrashDisk(), options).recover().epoch(1);
  bench.operations.length = 0;
  bench.outcomes.length = 0;
  return bench;
}

/** The kinds of the outcomes, each with the changes that were carried out before it. */
function story(bench: StorageBench, act: () => void): string[] {
  const lines: string[] = [];
  let told = bench.outcomes.length;
  bench.operations.length = 0;
  bench.onBoundary = () => {
    lines.push(...changesAsText(bench.operations.splice(0)));
    for (; told < bench.outcomes.length; told++)
      lines.push(`=> ${bench.outcomes[told]?.kind ?? ""}`);
  };
  act();
  bench.run();
  return lines;
}

describe("the order of operations", () => {
  it("makes an empty directory a server's: a first snapshot, then the accepted and the current epoch", () => {
    const bench = new StorageBench();
    expect(story(bench, () => bench.recover())).toEqual([
      "create unfinished-snapshot.0.tmp",
      "write unfinished-snapshot.0.tmp 0+16",
      "write unfinished-snapshot.0.tmp 16+8",
      expect.stringMatching(/^write unfinished-snapshot.0.tmp 24\+/),
      "sync unfinished-snapshot.0.tmp",
      "rename unfinished-snapshot.0.tmp snapshot.0",
      "syncDirectory data",
      "syncDirectory data",
      "syncDirectory log",
      "create acceptedEpoch.tmp",
      "write acceptedEpoch.tmp 0+1",
      "sync acceptedEpoch.tmp",
      "rename acceptedEpoch.tmp acceptedEpoch",
      "syncDirectory data",
      "create currentEpoch.tmp",
      "write currentEpoch.tmp 0+1",
      "sync currentEpoch.tmp",
      "rename currentEpoch.tmp currentEpoch",
      "syncDirectory data",
      "=> recovered",
    ]);
  });

  it("reports the first txn of a log as durable only with the log's name", () => {
    const bench = started();
    expect(story(bench, () => bench.append(z(1)))).toEqual([
      "create synced",
      "write synced 0+128",
      "truncate synced 128",
      "sync synced",
      "syncDirectory data",
      "create log.100000001",
      `truncate log.100000001 ${16 + 8192}`,
      `write log.100000001 0+${16 + RECORD}`,
      "sync log.100000001",
      "syncDirectory log",
      "=> durable",
      expect.stringMatching(/^write synced 0\+/),
    ]);
  });

  it("writes all that came during a write with one fsync, up to the most txns of a batch", () => {
    const bench = started();
    bench.append(z(1)).run();
    const lines = story(bench, () => bench.append(z(2), z(3), z(4), z(5), z(6), z(7), z(8)));
    expect(lines).toEqual([
      `write log.100000001 ${16 + RECORD}+${RECORD}`,
      `write log.100000001 ${16 + 2 * RECORD}+${3 * RECORD}`,
      "sync log.100000001",
      "=> durable",
      expect.stringMatching(/^write synced 64\+/),
      `write log.100000001 ${16 + 5 * RECORD}+${3 * RECORD}`,
      "sync log.100000001",
      "=> durable",
      expect.stringMatching(/^write synced 0\+/),
    ]);
    expect(bench.outcomes).toContainEqual({ kind: "durable", zxid: z(5) });
    expect(bench.outcomes.at(-1)).toEqual({ kind: "durable", zxid: z(8) });
  });

  describe("the mark", () => {
    const marks = (lines: readonly string[]): readonly string[] =>
      lines.filter((line) => line.startsWith("write synced"));
    const pass = (bench: StorageBench, ms: number): readonly string[] =>
      marks(
        story(bench, () => {
          bench.nowMs += ms;
          bench.storage.onDeadline(bench.nowMs);
        }),
      );

    /** A server whose mark was just written, and whose clock stands still. */
    function marked(): StorageBench {
      const bench = started();
      bench.append(z(1)).run();
      bench.tickMs = 0;
      bench.storage.onDeadline(bench.nowMs);
      return bench;
    }

    it("lags for 20 ms at most, however many batches there are", () => {
      const bench = marked();
      expect(bench.storage.nextDeadline).toBeUndefined();
      for (const counter of [2, 3]) {
        expect(marks(story(bench, () => bench.append(z(counter))))).toEqual([]);
        expect(bench.storage.nextDeadline).toBe(bench.nowMs + 20);
      }
      expect(pass(bench, 19)).toEqual([]);
      expect(pass(bench, 1)).toHaveLength(1);
      expect(bench.storage.nextDeadline).toBeUndefined();
      expect(marks(story(bench, () => bench.append(z(4))))).toEqual([]);
      bench.nowMs += 20;
      expect(marks(story(bench, () => bench.append(z(5))))).toHaveLength(1);
    });

    it("comes with the batch that is being written when it is due, however slow the disk is", () => {
      const bench = marked();
      for (const counter of [2, 3, 4]) {
        bench.append(z(counter));
        bench.nowMs += 25;
        expect(bench.storage.nextDeadline).toBeUndefined();
        bench.storage.onDeadline(bench.nowMs);
        expect(marks(story(bench, () => bench.run()))).toHaveLength(1);
      }
    });

    it("says nothing of a log that was cut meanwhile", () => {
      const bench = marked();
      bench.append(z(2), z(3)).run();
      bench.truncate(z(2)).run();
      expect(bench.storage.nextDeadline).toBeUndefined();
      expect(pass(bench, 1000)).toEqual([]);
    });
  });

  it("writes no more than maxBatchBytes at once, but a longer txn alone", () => {
    const bench = started({ ...SMALL, maxBatchBytes: 2 * RECORD });
    bench.append(z(1)).run();
    const lines = story(bench, () => bench.append(z(2), z(3), z(4), z(5)));
    expect(lines.filter((line) => line.startsWith("write log"))).toEqual([
      `write log.100000001 ${16 + RECORD}+${RECORD}`,
      `write log.100000001 ${16 + 2 * RECORD}+${RECORD}`,
      `write log.100000001 ${16 + 3 * RECORD}+${2 * RECORD}`,
    ]);
    expect(lines.filter((line) => line === "=> durable")).toHaveLength(2);
    const tiny = started({ ...SMALL, maxBatchBytes: 1 });
    expect(
      story(tiny, () => tiny.append(z(1), z(2))).filter((line) => line === "=> durable"),
    ).toHaveLength(2);
  });

  it("replaces an epoch's file and tells of it when its name is durable, in memory too", () => {
    const bench = started();
    const seen: number[] = [];
    bench.intercept = () => {
      seen.push(bench.storage.acceptedEpoch);
      return undefined;
    };
    expect(
      story(bench, () => {
        bench.storage.writeAcceptedEpoch(7);
      }),
    ).toEqual([
      "create acceptedEpoch.tmp",
      "write acceptedEpoch.tmp 0+1",
      "sync acceptedEpoch.tmp",
      "rename acceptedEpoch.tmp acceptedEpoch",
      "syncDirectory data",
      "=> acceptedEpochDurable",
    ]);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(bench.storage.acceptedEpoch).toBe(7);
  });

  it("cuts the newest logs first, each durably, and takes back what the mark says before, and says where it cuts", () => {
    const bench = started();
    bench.append(z(1), z(2)).run();
    bench.storage.reload();
    bench.run().append(z(3)).run();
    bench.storage.reload();
    bench.run().append(z(4)).run();
    expect(story(bench, () => bench.truncate(z(1)))).toEqual([
      "remove synced",
      "syncDirectory data",
      "remove log.100000004",
      "syncDirectory log",
      "remove log.100000003",
      "syncDirectory log",
      "sync log.100000001",
      "create synced",
      "write synced 0+128",
      "truncate synced 128",
      "sync synced",
      "syncDirectory data",
      `truncate log.100000001 ${16 + RECORD}`,
      "sync log.100000001",
      "=> truncated",
    ]);
    expect(bench.state.applied).toEqual([z(1)]);
    expect(bench.outcome("truncated").history.lastZxid).toBe(z(1));
  });

  it("changes nothing when the log does not hold what it is to be cut after", () => {
    const bench = started();
    bench.append(z(1), z(2)).run();
    for (const wanted of [z(3), z(1, 9), z(0, 1)]) {
      expect(story(bench, () => bench.truncate(wanted))).toEqual(["=> cannotTruncate"]);
      expect(bench.state.applied).toEqual([z(1), z(2)]);
    }
  });

  it("installs a snapshot whole before anything is taken away, and removes all that was before", () => {
    const bench = started();
    bench.append(z(1), z(2), z(3)).run();
    bench.storage.drain();
    const lines = story(bench, () => bench.install(z(2), [z(1), z(2)]).append(z(3)));
    expect(lines.slice(lines.indexOf("sync unfinished-snapshot.100000002.tmp"))).toEqual([
      "sync unfinished-snapshot.100000002.tmp",
      "remove synced",
      "syncDirectory data",
      "sync log.100000001",
      "create synced",
      "write synced 0+128",
      "truncate synced 128",
      "sync synced",
      "syncDirectory data",
      `truncate log.100000001 ${16 + 2 * RECORD}`,
      "sync log.100000001",
      "create installing-snapshot.100000002",
      "syncDirectory data",
      "rename unfinished-snapshot.100000002.tmp snapshot.100000002",
      "syncDirectory data",
      "remove synced",
      "syncDirectory data",
      "remove log.100000001",
      "syncDirectory log",
      "remove snapshot.0",
      "syncDirectory data",
      "remove installing-snapshot.100000002",
      "syncDirectory data",
      "=> snapshotInstalled",
      "create synced",
      "write synced 0+128",
      "truncate synced 128",
      "sync synced",
      "syncDirectory data",
      "create log.100000003",
      `truncate log.100000003 ${16 + 8192}`,
      `write log.100000003 0+${16 + RECORD}`,
      "sync log.100000003",
      "syncDirectory log",
      "=> durable",
      expect.stringMatching(/^write synced/),
    ]);
  });

  it("cuts off a torn tail and makes durable what the vote rests on", () => {
    const bench = started();
    bench.append(z(1), z(2)).run();
    const log = { directory: "log", name: "log.100000001" } as const;
    const torn = bench.disk.contents(log).slice(0, 16 + 2 * RECORD + 20);
    torn.fill(0xaa, 16 + 2 * RECORD);
    bench.disk.place(log, torn);
    const next = new StorageBench(bench.disk);
    expect(story(next, () => next.recover())).toEqual([
      `truncate log.100000001 ${16 + 2 * RECORD}`,
      "sync snapshot.0",
      "sync log.100000001",
      "syncDirectory data",
      "syncDirectory log",
      "=> recovered",
    ]);
    expect(next.outcome("recovered").history.tornBytes).toBe(20);
  });
});

describe("periodic snapshots", () => {
  const often = { ...SMALL, snapCount: 4 };

  it("begin only where it is allowed, after half of snapCount or more", () => {
    const bench = started(often);
    bench.append(z(1), z(2), z(3)).run();
    expect(bench.disk.names("data")).toContain("snapshot.0");
    expect(bench.disk.names("data")).toHaveLength(4);
    bench.storage.allowSnapshots(true);
    bench.append(z(4)).run();
    expect(bench.disk.names("data")).toContain("snapshot.100000004");
    expect(bench.reports.map(({ kind }) => kind)).toContain("snapshotWritten");
    bench.append(z(5)).run();
    // The log goes on in a new file.
    expect(bench.disk.names("log")).toEqual(["log.100000001", "log.100000005"]);
  });

  it("are published only when the log holds every txn of which there may be traces", () => {
    const bench = started(often);
    bench.storage.allowSnapshots(true);
    bench.append(z(1), z(2));
    // Only the snapshot's lane moves: it is the last that was begun.
    bench.chooseLane = (lanes) => lanes - 1;
    for (let count = 0; count < 20; count++) {
      bench.intercept = (operation) => {
        expect(operation.kind).not.toBe("rename");
        return undefined;
      };
      if (bench.operations.at(-1)?.kind === "sync") break;
      bench.step();
    }
    expect(bench.disk.names("data")).toContain("unfinished-snapshot.100000002.tmp");
    bench.intercept = undefined;
    bench.run();
    expect(bench.disk.names("data")).toContain("snapshot.100000002");
  });

  it("are abandoned, and their file removed, when the state may hold what is not committed", () => {
    const bench = started(often);
    bench.storage.allowSnapshots(true);
    bench.append(z(1), z(2)).step().step();
    bench.storage.allowSnapshots(false);
    bench.storage.drain();
    bench.run();
    expect(bench.outcomes.at(-1)).toEqual({ kind: "drained", lastZxid: z(2) });
    expect(bench.disk.names("data")).toEqual([
      "acceptedEpoch",
      "currentEpoch",
      "snapshot.0",
      "synced",
    ]);
  });

  it("are kept, the newest three, with the logs that they need", () => {
    const bench = started({ ...often, retainSnapshots: 1 });
    bench.storage.allowSnapshots(true);
    for (let counter = 1; counter <= 12; counter++) bench.append(z(counter)).run();
    const snapshots = bench.disk.names("data").filter((name) => name.startsWith("snapshot."));
    expect(snapshots).toEqual(["snapshot.100000008", "snapshot.10000000a", "snapshot.10000000c"]);
    expect(bench.disk.names("log")).toEqual(["log.100000009", "log.10000000b"]);
  });
});

describe("a disk that fails", () => {
  /** Plays everything that a storage does, with the operation of this number failing. */
  function playWithFailure(
    failing: number,
    reason: "io" | "no-space",
  ): { bench: StorageBench; failed: FileOperation | undefined } {
    const bench = new StorageBench(new CrashDisk(), { ...SMALL, snapCount: 6, retainSnapshots: 3 });
    let failed: FileOperation | undefined;
    let count = 0;
    bench.intercept = (operation) => {
      count++;
      if (count !== failing) return undefined;
      failed = operation;
      return { kind: "failed", reason, message: "as the test wants" };
    };
    const acts = [
      () => bench.recover(),
      () => bench.epoch(1),
      () => bench.append(z(1), z(2)).run(),
      () => {
        bench.storage.allowSnapshots(true);
        for (let counter = 3; counter <= 9; counter++) bench.append(z(counter)).run();
        bench.storage.allowSnapshots(false);
      },
      () => bench.truncate(z(8)).run(),
      () => bench.install(z(10), [z(10)]).run(),
      () => bench.append(z(11)).run(),
    ];
    for (const act of acts) {
      if (failed !== undefined) break;
      act();
    }
    return { bench, failed };
  }

  it.each(["io", "no-space"] as const)(
    "ends everything at whichever operation it fails with %s",
    (reason) => {
      let failing = 1;
      for (; ; failing++) {
        const { bench, failed } = playWithFailure(failing, reason);
        if (failed === undefined) break;
        const operation = failed;
        expect(bench.outcomes.at(-1)?.kind, JSON.stringify(operation.kind)).toBe("failed");
        expect(bench.outcome("failed").text).toContain(operation.kind);
        // Whatever is asked for afterwards, nothing is done and nothing promised.
        const before = bench.outcomes.length;
        bench.storage.drain();
        bench.storage.writeAcceptedEpoch(9);
        expect(bench.isIdle).toBe(true);
        expect(bench.outcomes).toHaveLength(before);
      }
      expect(failing).toBeGreaterThan(150);
    },
  );

  it("is not asked again after a failed fsync, even though that might succeed", () => {
    const bench = started();
    bench.append(z(1)).run();
    bench.intercept = (operation) =>
      operation.kind === "sync"
        ? { kind: "failed", reason: "io", message: "write-back failed" }
        : undefined;
    bench.append(z(2)).run();
    bench.intercept = undefined;
    bench.append(z(3)).run();
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(["durable", "failed"]);
    expect(bench.storage.lastDurableZxid).toBe(z(1));
  });

  it("may answer for operations that were never asked for", () => {
    const bench = started();
    bench.storage.onFileDone(999, { kind: "done" });
    bench.append(z(1)).run();
    bench.storage.onFileDone(1, { kind: "failed", reason: "io", message: "late" });
    expect(bench.outcomes.map(({ kind }) => kind)).toEqual(["durable"]);
  });
});

describe("a caller's mistakes", () => {
  it("are told at once: a txn that cannot follow, an append while the log is read, two tasks", () => {
    const bench = started();
    bench.append(z(1));
    expect(() => {
      bench.storage.append(makeTxn(z(3)));
    }).toThrow("0x100000003");
    expect(() => {
      bench.storage.append(makeTxn(z(1)));
    }).toThrow("0x100000001");
    expect(() => {
      bench.storage.append(makeTxn(z(2, 2)));
    }).toThrow("0x200000002");
    bench.storage.reload();
    expect(() => {
      bench.storage.append(makeTxn(z(2)));
    }).toThrow("reload");
    expect(() => {
      bench.storage.truncate(z(1));
    }).toThrow("reload");
  });
});
