/**
 * A crash at every boundary of scripted histories. After each single operation
 * of a script the power fails, in as many ways as there are choices of what was
 * not synced and is kept nevertheless. Each time a new process recovers, and is
 * held to the books: nothing that was promised is lost, nothing that was taken
 * back is there again, epochs and logs obey D1 to D3.
 */
import { afterAll, describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import { CrashDisk, type Keep } from "../../test/storage/crash-disk.js";
import { bigintText, type Books, SMALL, StorageBench } from "../../test/storage/storage-bench.js";
import type { StorageOptions } from "../peer-options.js";
import { epochOf, epochStart, follows, makeZxid, type Zxid } from "@jute-ts/zookeeper";

interface Script {
  readonly name: string;
  readonly options?: StorageOptions;
  /** Plays on a server that has recovered an empty disk and accepted epoch 1. */
  readonly play: (bench: StorageBench) => void;
}

const z = (epoch: number, counter: number): Zxid => makeZxid(epoch, counter);

/** The txns `from` to `to` of an epoch. */
function txns(epoch: number, from: number, to: number): Zxid[] {
  return Array.from({ length: to - from + 1 }, (_, index) => z(epoch, from + index));
}

/** What a server does that leaves a role and takes up the next. */
function rest(bench: StorageBench): StorageBench {
  bench.storage.allowSnapshots(false);
  bench.storage.drain();
  return bench.run();
}

const OFTEN: StorageOptions = { ...SMALL, snapCount: 4 };
const PURGING: StorageOptions = { ...OFTEN, retainSnapshots: 3 };
const UNPADDED: StorageOptions = { ...SMALL, preAllocSizeBytes: 0 };

const SCRIPTS: readonly Script[] = [
  { name: "an empty directory becomes a server", play: () => undefined },
  { name: "one txn", play: (b) => b.append(z(1, 1)).run() },
  {
    name: "txns one by one",
    play: (b) => {
      for (const zxid of txns(1, 1, 5)) b.append(zxid).run();
    },
  },
  { name: "one batch", play: (b) => b.append(...txns(1, 1, 4)).run() },
  {
    name: "batches of which the mark says nothing for a while",
    play: (b) => {
      b.append(z(1, 1)).run();
      b.tickMs = 3;
      for (const zxid of txns(1, 2, 12)) {
        b.append(zxid).run();
        b.storage.onDeadline(b.nowMs);
        b.run();
      }
    },
  },
  {
    name: "TRUNC of what the mark says nothing of",
    play: (b) => {
      b.append(z(1, 1)).run();
      b.tickMs = 0;
      rest(b.append(...txns(1, 2, 6)))
        .truncate(z(1, 3))
        .run();
      b.nowMs += 1000;
      b.storage.onDeadline(b.nowMs);
      b.run().append(z(1, 4)).run();
    },
  },
  { name: "more than one batch at once", play: (b) => b.append(...txns(1, 1, 11)).run() },
  {
    name: "txns that arrive while a batch is being written",
    play: (b) => b.append(z(1, 1)).step().append(z(1, 2)).step().step().append(z(1, 3)).run(),
  },
  {
    name: "batches without padding",
    options: UNPADDED,
    play: (b) => b.append(...txns(1, 1, 9)).run(),
  },
  {
    name: "padding at every batch",
    options: { ...SMALL, preAllocSizeBytes: 100 },
    play: (b) => b.append(...txns(1, 1, 9)).run(),
  },
  {
    name: "txns of two epochs",
    play: (b) => b.append(z(1, 1)).run().epoch(2).append(z(2, 1)).run(),
  },
  { name: "an epoch that is accepted twice", play: (b) => b.epoch(2).epoch(2) },
  { name: "five epochs without a txn", play: (b) => [2, 3, 4, 5, 6].map((e) => b.epoch(e)) },
  {
    name: "epochs and txns at the same time",
    play: (b) => {
      b.append(...txns(1, 1, 3));
      b.storage.writeAcceptedEpoch(2);
      b.run();
    },
  },
  {
    name: "txns of a new epoch before its file is current",
    play: (b) => {
      b.append(z(1, 1)).run();
      b.storage.writeAcceptedEpoch(2);
      b.run().append(z(2, 1), z(2, 2)).run();
      b.storage.writeCurrentEpoch(2);
      b.run();
    },
  },
  {
    name: "draining a full queue",
    play: (b) =>
      rest(b.append(...txns(1, 1, 6)))
        .append(z(1, 7))
        .run(),
  },
  {
    name: "TRUNC inside the only log",
    play: (b) =>
      rest(b.append(...txns(1, 1, 6)))
        .truncate(z(1, 3))
        .run(),
  },
  {
    name: "TRUNC of what lies in several sectors",
    play: (b) =>
      rest(b.append(...txns(1, 1, 30)))
        .truncate(z(1, 3))
        .run()
        .append(z(1, 4))
        .run(),
  },
  {
    name: "TRUNC, and on in a new log",
    play: (b) =>
      rest(b.append(...txns(1, 1, 6)))
        .truncate(z(1, 4))
        .run()
        .epoch(2)
        .append(...txns(2, 1, 3))
        .run(),
  },
  {
    name: "TRUNC to the beginning",
    play: (b) =>
      rest(b.append(...txns(1, 1, 3)))
        .truncate(0n)
        .run(),
  },
  {
    name: "TRUNC to the beginning, of which nothing is left since a SNAP",
    play: (b) =>
      rest(b.install(z(1, 5), txns(1, 1, 5)).run())
        .truncate(0n)
        .run()
        .epoch(2),
  },
  {
    name: "TRUNC to the beginning, of which nothing is left since a SNAP, and on from there",
    play: (b) =>
      rest(b.install(z(1, 5), txns(1, 1, 5)).run())
        .truncate(0n)
        .run()
        .epoch(2)
        .append(...txns(2, 1, 3))
        .run(),
  },
  {
    name: "TRUNC to where the log ends",
    play: (b) =>
      rest(b.append(...txns(1, 1, 3)))
        .truncate(z(1, 3))
        .run(),
  },
  {
    name: "TRUNC over several logs",
    play: (b) => {
      for (const zxid of txns(1, 1, 4)) rest(b.append(zxid)).truncate(zxid).run();
      rest(b).truncate(z(1, 2)).run().append(z(1, 3)).run();
    },
  },
  {
    name: "TRUNC to a txn that is not there",
    play: (b) =>
      rest(b.append(...txns(1, 1, 3)))
        .truncate(z(1, 9))
        .run(),
  },
  {
    name: "TRUNC twice",
    play: (b) =>
      rest(
        rest(b.append(...txns(1, 1, 6)))
          .truncate(z(1, 5))
          .run(),
      )
        .truncate(z(1, 2))
        .run(),
  },
  {
    name: "TRUNC after a snapshot of the same history",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 3)) b.append(zxid).run();
      b.storage.allowSnapshots(false);
      rest(b.append(...txns(1, 4, 7)))
        .truncate(z(1, 4))
        .run()
        .append(z(1, 5))
        .run();
    },
  },
  {
    name: "TRUNC to before the newest snapshots",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 7)) b.append(zxid).run();
      rest(b).truncate(z(1, 3)).run().append(z(1, 4)).run();
    },
  },
  {
    name: "SNAP to a new server",
    play: (b) => {
      b.storage.writeAcceptedEpoch(2);
      b.run()
        .install(z(2, 5), txns(2, 1, 5))
        .run();
      b.storage.writeCurrentEpoch(2);
      b.run().append(z(2, 6)).run();
    },
  },
  {
    name: "SNAP over txns that were never committed",
    play: (b) => {
      rest(b.append(...txns(1, 1, 4))).storage.writeAcceptedEpoch(2);
      b.run()
        .install(epochStart(2), txns(1, 1, 2))
        .run();
      b.storage.writeCurrentEpoch(2);
      b.run()
        .append(...txns(2, 1, 2))
        .run();
    },
  },
  {
    name: "SNAP into the middle of the log",
    play: (b) =>
      rest(b.append(...txns(1, 1, 6)))
        .install(z(1, 4), txns(1, 1, 4))
        .run(),
  },
  {
    name: "SNAP with txns that wait after it",
    play: (b) => {
      rest(b.append(...txns(1, 1, 3))).storage.writeAcceptedEpoch(2);
      b.run()
        .install(z(2, 1), [...txns(1, 1, 2), z(2, 1)])
        .append(z(2, 2), z(2, 3))
        .run();
    },
  },
  {
    name: "SNAP over several logs and snapshots",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 6)) b.append(zxid).run();
      rest(b)
        .install(z(1, 8), txns(1, 1, 8))
        .run()
        .append(z(1, 9))
        .run();
    },
  },
  {
    name: "SNAP to before the own snapshots",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 6)) b.append(zxid).run();
      rest(b)
        .install(z(1, 1), txns(1, 1, 1))
        .run()
        .append(z(1, 2))
        .run();
    },
  },
  {
    name: "SNAP twice",
    play: (b) =>
      rest(b.install(z(1, 2), txns(1, 1, 2)).run())
        .install(z(1, 4), txns(1, 1, 4))
        .run(),
  },
  {
    name: "SNAP, then TRUNC to where it stands",
    play: (b) =>
      rest(
        b
          .install(z(1, 2), txns(1, 1, 2))
          .run()
          .append(...txns(1, 3, 5)),
      )
        .truncate(z(1, 2))
        .run()
        .append(z(1, 3))
        .run(),
  },
  {
    name: "periodic snapshots between txns",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 7)) b.append(zxid).run();
    },
  },
  {
    name: "a periodic snapshot beside running traffic",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      b.chooseLane = (lanes) => lanes - 1;
      for (const zxid of txns(1, 1, 9)) b.append(zxid).step().step().step();
      b.run();
    },
  },
  {
    name: "a periodic snapshot that is ready before the log",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 9)) b.append(zxid);
      // The snapshot's lane goes first as long as it can.
      b.chooseLane = (lanes) => lanes - 1;
      b.run();
    },
  },
  {
    name: "a periodic snapshot that is abandoned",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      b.append(...txns(1, 1, 3));
      b.step().step().step();
      rest(b).truncate(z(1, 2)).run();
    },
  },
  {
    name: "a periodic snapshot that is abandoned while it waits for the log",
    options: OFTEN,
    play: (b) => {
      b.storage.allowSnapshots(true);
      b.chooseLane = (lanes) => lanes - 1;
      b.append(...txns(1, 1, 3));
      for (let count = 0; count < 8; count++) b.step();
      rest(b).truncate(z(1, 2)).run();
    },
  },
  {
    name: "many snapshots, of which three are kept",
    options: PURGING,
    play: (b) => {
      b.storage.allowSnapshots(true);
      for (const zxid of txns(1, 1, 14)) b.append(zxid).run();
    },
  },
  {
    name: "reloading the state",
    play: (b) => {
      rest(b.append(...txns(1, 1, 5))).storage.reload();
      b.run().append(z(1, 6)).run();
    },
  },
  {
    name: "a state that is reloaded because its SNAP never ended",
    play: (b) => {
      rest(b.append(...txns(1, 1, 3)));
      b.state.clear();
      b.storage.reload();
      b.run().append(z(1, 4)).run();
    },
  },
];

describe("a crash at every boundary", () => {
  let boundaries = 0;
  let recoveries = 0;

  for (const { name, options = SMALL, play } of SCRIPTS) {
    it(name, () => {
      const bench = new StorageBench(new CrashDisk(), options);
      bench.onBoundary = () => {
        recoveries += crashHere(bench, options, boundaries++);
      };
      play(bench.recover().epoch(1));
      bench.run();
    });
  }

  it("also happens while a server recovers from a crash", () => {
    const first = new StorageBench()
      .recover()
      .epoch(1)
      .append(...txns(1, 1, 5))
      .run();
    first.append(...txns(1, 6, 9)).step();
    const kept: Keep = (index) => index % 2 === 0;
    const second = new StorageBench(first.disk.afterCrash(kept)).continueBooks(first.books);
    second.onBoundary = () => {
      recoveries += crashHere(second, SMALL, boundaries++);
    };
    second.recover();
  });

  it("also happens while a server finishes what a crash interrupted", () => {
    const first = new StorageBench()
      .recover()
      .epoch(1)
      .append(...txns(1, 1, 5))
      .run();
    rest(first).install(z(1, 7), txns(1, 1, 7));
    while (first.operations.at(-1)?.kind !== "rename") first.step();
    const second = new StorageBench(first.disk.clone()).continueBooks(first.books);
    second.onBoundary = () => {
      recoveries += crashHere(second, SMALL, boundaries++);
    };
    second.recover();
    expect(second.state.applied).toEqual(txns(1, 1, 7));
    expect(second.disk.names("log")).not.toContain("log.100000001");
    expect(second.disk.names("data")).toEqual([
      "acceptedEpoch",
      "currentEpoch",
      "snapshot.100000007",
    ]);
  });

  afterAll(() => {
    console.log(
      `${SCRIPTS.length} scripts: ${boundaries} boundaries, ${recoveries} recoveries of what a crash may have kept`,
    );
  });
});

/** Of the ways to crash at a boundary, one in so many is tried; the next boundary tries others. */
const ONE_IN = effort(1, 8);

/** Lets the server crash as it is now, in every way that was chosen. Returns in how many. */
function crashHere(bench: StorageBench, options: StorageOptions, boundary: number): number {
  const ways: (() => CrashDisk)[] = [() => bench.disk.clone()];
  for (const keep of choices(bench.disk.changesAtStake)) {
    ways.push(() => bench.disk.afterCrash(keep));
  }
  const tried = ways.filter((_, index) => (index + boundary) % ONE_IN === 0);
  for (const crash of tried) requireRecovery(crash(), bench.books, options);
  return tried.length;
}

/** All ways to keep three things or fewer; of more, those that break the most. */
function choices(count: number): Keep[] {
  if (count <= 3) {
    return Array.from({ length: 1 << count }, (_, bits) => (index) => ((bits >> index) & 1) === 1);
  }
  return [
    () => false,
    () => true,
    (index) => index === 0,
    (index) => index === count - 1,
    (index) => index !== 0,
    (index) => index !== count - 1,
    (index) => index % 2 === 0,
    (index) => index % 2 === 1,
    (index) => ((index * 2_654_435_761) >>> 7) % 3 === 0,
    (index) => index >= count / 2,
  ];
}

function requireRecovery(disk: CrashDisk, books: Books, options: StorageOptions): void {
  const next = new StorageBench(disk, options).continueBooks(books).recover();
  const { history } = next.outcome("recovered");
  const found = [...next.state.applied];

  // Nothing that was promised is lost, and nothing is there that was never written or was taken back.
  const isPossible = books.histories.some(
    ({ promised, written }) =>
      promised.every((zxid, index) => found[index] === zxid) &&
      found.every((zxid, index) => written[index] === zxid),
  );
  if (!isPossible) {
    expect.fail(JSON.stringify({ found, expected: books.histories }, bigintText));
  }
  expect(history.acceptedEpoch).toBeGreaterThanOrEqual(books.acceptedEpoch);
  expect(history.currentEpoch).toBeGreaterThanOrEqual(books.currentEpoch);

  // D1: the last txn is of an epoch that is current, and the current one was accepted.
  expect(epochOf(history.lastZxid)).toBeLessThanOrEqual(history.currentEpoch);
  expect(history.currentEpoch).toBeLessThanOrEqual(history.acceptedEpoch);

  // D2: what is remembered of the log has no hole and ends where the log ends.
  const recent = history.recentTxns.map(({ zxid }) => zxid);
  for (const [index, zxid] of recent.entries()) {
    const previous = recent[index - 1];
    if (previous !== undefined) expect(follows(previous, zxid)).toBe(true);
  }
  if (recent.length > 0) expect(recent.at(-1)).toBe(history.lastZxid);
  requireEqualFromEverySnapshot(next, options);

  // A vote may rest on what was found now: it must not be only in the memory of the system.
  const again = new StorageBench(
    disk.afterCrash(() => false),
    options,
  ).recover();
  expect(again.state.applied).toEqual(found);
  expect(again.outcome("recovered").history).toMatchObject({
    acceptedEpoch: history.acceptedEpoch,
    currentEpoch: history.currentEpoch,
  });

  // Life goes on, and what is promised now survives as well.
  const following = history.lastZxid + 1n;
  next.append(following).run();
  const last = new StorageBench(
    disk.afterCrash(() => false),
    options,
  ).recover();
  expect(last.state.applied).toEqual([...found, following]);
  requireEqualFromEverySnapshot(last, options);
}

/** D3: each snapshot leads to the same state at the same zxid. */
function requireEqualFromEverySnapshot(bench: StorageBench, options: StorageOptions): void {
  const snapshots = bench.disk.names("data").filter((name) => name.startsWith("snapshot."));
  if (snapshots.length < 2) return;
  for (const kept of snapshots) {
    const disk = bench.disk.afterCrash(() => true);
    for (const name of snapshots) if (name !== kept) disk.take({ directory: "data", name });
    const from = new StorageBench(disk, options).recover();
    if (from.outcomes.some(({ kind }) => kind === "refused")) continue;
    if (from.state.lastProcessedZxid !== bench.state.lastProcessedZxid) continue;
    expect(from.state.applied, kept).toEqual(bench.state.applied);
    expect(from.reports.filter(({ kind }) => kind === "digestMismatch")).toEqual([]);
  }
}
