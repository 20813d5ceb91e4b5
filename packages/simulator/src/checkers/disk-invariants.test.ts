import { SnapshotFileEncoder } from "@jute-ts/persistence";
import { describe, expect, it } from "vitest";
import { makeZxid } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import type { Checker } from "./checker.js";
import { CommitQuorum } from "./commit-quorum.js";
import { EpochsOnDisk } from "./epochs-on-disk.js";
import { LogContinuity } from "./log-continuity.js";
import { DiskEqualsMemory } from "./disk-equals-memory.js";
import { EqualDigests } from "./equal-digests.js";
import { DurabilityBarriers } from "./durability-barriers.js";
import { applied, FakeRun, newLog, sessionTxn, syncedLog } from "./fake-run.js";
import { GhostDigests } from "../model/ghost-digests.js";
import { type Ghosts, newGhosts } from "../model/ghosts.js";

const one = sessionTxn(1, 1);
const two = sessionTxn(1, 2, 8n);
const three = sessionTxn(1, 3, 9n);
const later = sessionTxn(2, 1, 10n);

function runWith(make: (ghosts: Ghosts, digests: GhostDigests) => Checker): FakeRun {
  const ghosts = newGhosts();
  const digests = new GhostDigests();
  return new FakeRun([ghosts.history, ghosts.disks, digests, make(ghosts, digests)]);
}

describe("EpochsOnDisk", () => {
  const recovered = (lastZxid: bigint, acceptedEpoch: number, currentEpoch: number) =>
    ({
      kind: "report",
      report: {
        kind: "recovered",
        lastZxid,
        snapshotZxid: undefined,
        txns: 0,
        acceptedEpoch,
        currentEpoch,
        tornBytes: 0,
      },
    }) as const;

  it("refuses what Apache's servers do not write into such a file", () => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    const file = { directory: "data", name: "acceptedEpoch.tmp" } as const;
    const write = (text: string): void => {
      run.file(1n, { kind: "write", file, offset: 0, bytes: Buffer.from(text) });
    };
    write("12");
    expect(() => {
      write("12\n");
    }).toThrow('writes "12\\n" to acceptedEpoch.tmp');
  });

  it("accepts a crash between a learner's log and its epoch, and what recovery makes of it", () => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    run.peer(1n).disk.putEpochs(3, 1);
    run.peer(1n).disk.putLog([one, later]);
    run.observe({ kind: "crash", sid: 1n });
    run.step(1n, { acceptedEpoch: 3 }, [recovered(later.zxid, 3, 2)]);
  });

  it.each([
    ["a log beyond the accepted epoch", 1, 1, [one, later]],
    ["a current epoch beyond the accepted epoch", 1, 2, [one]],
  ])("refuses %s", (_, accepted, current, txns) => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    run.peer(1n).disk.putEpochs(accepted, current);
    run.peer(1n).disk.putLog(txns);
    expect(() => {
      run.observe({ kind: "crash", sid: 1n });
    }).toThrow("a crash left 1");
  });

  it("refuses an accepted epoch that goes back", () => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    run.step(1n, { acceptedEpoch: 4 });
    run.peer(1n).disk.putEpochs(3, 1);
    expect(() => {
      run.observe({ kind: "crash", sid: 1n });
    }).toThrow("goes back from 4 to 3");
  });

  it.each(["acceptedEpoch", "currentEpoch"])("refuses a file %s without an epoch", (name) => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    run.peer(1n).disk.putEpochs(3, 3);
    run.peer(1n).disk.put({ directory: "data", name }, new Uint8Array(0));
    expect(() => {
      run.observe({ kind: "crash", sid: 1n });
    }).toThrow(`a file ${name} that holds no epoch`);
  });

  it("refuses to recover with a current epoch after the log", () => {
    const run = runWith((ghosts) => new EpochsOnDisk(ghosts));
    expect(() => {
      run.step(1n, {}, [recovered(later.zxid, 3, 1)]);
    }).toThrow("1 has recovered");
  });
});

describe("LogContinuity", () => {
  function logging(): FakeRun {
    const run = runWith((ghosts) => new LogContinuity(ghosts));
    run.lead(1n, 1);
    run.file(2n, { kind: "syncDirectory", directory: "log" });
    return run;
  }

  it("accepts a log without a hole, over files and epochs", () => {
    const run = logging();
    for (const operation of newLog([one, two])) run.file(2n, operation);
    run.lead(1n, 2, { lastProcessedZxid: two.zxid });
    for (const operation of newLog([later])) run.file(2n, operation);
  });

  it("refuses a hole", () => {
    const run = logging();
    const [create, write] = newLog([one, three]);
    if (create === undefined || write === undefined) throw new Error("no operations");
    run.file(2n, create);
    expect(() => {
      run.file(2n, write);
    }).toThrow("0x100000002 is missing");
  });

  it("refuses a recovery that leaves the torn end of a log behind", () => {
    const run = logging();
    const { disk } = run.peer(2n);
    const report = {
      kind: "report",
      report: {
        kind: "recovered",
        lastZxid: one.zxid,
        snapshotZxid: undefined,
        txns: 1,
        acceptedEpoch: 1,
        currentEpoch: 1,
        tornBytes: 5,
      },
    } as const;
    disk.putLog([one]);
    run.step(2n, {}, [report]);
    const [[path, whole] = ["", new Uint8Array(0)]] = [...disk.current];
    disk.current.set(path, Uint8Array.of(...whole, 1, 2, 3, 4, 5));
    expect(() => {
      run.step(2n, {}, [report]);
    }).toThrow("leaves log.100000001 torn");
  });

  it("accepts a record after a snapshot that holds what is missing", () => {
    const run = logging();
    const file = { directory: "data", name: "snapshot.100000002" } as const;
    run.file(2n, { kind: "create", file });
    for (const operation of newLog([three])) run.file(2n, operation);
  });

  it("refuses an aborted record that is left when a learner has synchronized", () => {
    const run = logging();
    for (const operation of newLog([one, two])) run.file(2n, operation);
    run.lead(1n, 2, { lastProcessedZxid: one.zxid });
    run.step(2n, { role: "following", epoch: 2, lastLoggedZxid: one.zxid });
    expect(() => {
      run.send(2n, 1n, { kind: "ACK", zxid: makeZxid(2, 0) });
    }).toThrow("its logs still hold 0x100000002");
  });

  it("refuses a snapshot of something aborted that is left then (ZOOKEEPER-1549)", () => {
    const run = logging();
    for (const operation of newLog([one])) run.file(2n, operation);
    const file = { directory: "data", name: "snapshot.100000002" } as const;
    run.file(2n, { kind: "create", file });
    run.lead(1n, 2, { lastProcessedZxid: one.zxid });
    run.step(2n, { role: "following", epoch: 2, lastLoggedZxid: one.zxid });
    expect(() => {
      run.send(2n, 1n, { kind: "ACK", zxid: makeZxid(2, 0) });
    }).toThrow("still has a snapshot at 0x100000002");
  });
});

function treeOf(...txns: readonly (typeof one)[]): DataTree {
  const tree = new DataTree();
  for (const txn of txns) tree.apply(txn);
  return tree;
}

function snapshotOf(tree: DataTree): Uint8Array {
  const encoder = new SnapshotFileEncoder();
  const pieces = [encoder.header()];
  const source = tree.snapshot();
  for (let piece = source.next(); piece !== undefined; piece = source.next())
    pieces.push(encoder.body(piece));
  pieces.push(encoder.trailer({}));
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe("DiskEqualsMemory", () => {
  const status = { lastProcessedZxid: two.zxid, lastDurableZxid: two.zxid };

  it("accepts a disk that holds what memory has, with and without a snapshot", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    run.peer(1n).tree = treeOf(one, two);
    run.peer(1n).disk.putLog([one, two]);
    run.step(1n, status);
    run.end();
    const file = { directory: "data", name: "snapshot.100000001" } as const;
    run.peer(1n).disk.put(file, snapshotOf(treeOf(one)));
    run.end();
  });

  it("refuses a disk that lacks a txn", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    run.peer(1n).tree = treeOf(one, two);
    run.peer(1n).disk.putLog([one]);
    run.step(1n, status);
    expect(() => {
      run.end();
    }).toThrow("ends at 0x100000001; memory is at 0x100000002");
  });

  it("refuses a snapshot with something that was not there at its zxid (ZOOKEEPER-1549)", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    const dirty = treeOf(one, three);
    dirty.setLastProcessed(one.zxid);
    run.peer(1n).tree = treeOf(one, two);
    run.peer(1n).disk.put({ directory: "data", name: "snapshot.100000001" }, snapshotOf(dirty));
    run.peer(1n).disk.putLog([one, two]);
    run.step(1n, status);
    expect(() => {
      run.end();
    }).toThrow("has other sessions");
  });

  it("refuses a server that looks for a leader with more in memory than on the disk", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    run.step(1n, { role: "following" });
    run.peer(1n).tree = treeOf(one, two);
    run.peer(1n).disk.putLog([one]);
    expect(() => {
      run.step(1n, { role: "looking" });
    }).toThrow("a memory that ends at 0x100000002, its disk at 0x100000001");
  });

  it("refuses a server that looks for a leader with half of something else in memory (ZOOKEEPER-3642)", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    run.step(1n, { role: "following" });
    run.peer(1n).tree = treeOf(one, two);
    run.peer(1n).disk.putLog([one, two]);
    run.step(1n, status, [applied(two)]);
    run.step(1n, { role: "looking" });
    run.step(1n, { role: "following" });
    run.peer(1n).tree = treeOf(two);
    expect(() => {
      run.step(1n, { role: "looking" });
    }).toThrow(/a memory that has the digest -?\d+ and 1 sessions at 0x100000002/);
  });

  it("refuses a snapshot that is reported but cannot be read after a power failure", () => {
    const run = runWith((ghosts, digests) => new DiskEqualsMemory(ghosts, digests));
    run.peer(1n).tree = treeOf(one);
    run.step(1n, { lastProcessedZxid: one.zxid }, [applied(one)]);
    const written = { kind: "snapshotWritten", zxid: one.zxid, bytes: 1 } as const;
    expect(() => {
      run.step(1n, {}, [{ kind: "report", report: written }]);
    }).toThrow("cannot be read");
  });
});

describe("EqualDigests", () => {
  it("refuses two trees that differ at the same zxid", () => {
    const run = runWith(({ history }, digests) => new EqualDigests(digests, history));
    run.peer(1n).tree = treeOf(one, two);
    run.step(1n, { lastProcessedZxid: two.zxid }, [applied(two)]);
    run.peer(2n).tree = treeOf(two);
    expect(() => {
      run.step(2n, { lastProcessedZxid: two.zxid }, [applied(two)]);
    }).toThrow(/2 has digest -?\d+ and 1 sessions, 1 had -?\d+ and 2/);
  });

  it("compares the end with a replay of what is committed", () => {
    const run = runWith(({ history }, digests) => new EqualDigests(digests, history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.peer(1n).tree = treeOf(one, two);
    run.end();
    run.peer(2n).tree = treeOf(two);
    expect(() => {
      run.end();
    }).toThrow("the state of 2 is not what all committed txns");
  });
});

describe("DurabilityBarriers", () => {
  const log = [one, two];

  function synced(): FakeRun {
    const run = runWith((ghosts) => new DurabilityBarriers(ghosts));
    for (const [sid, peer] of run.peers) {
      peer.disk.putEpochs(1, 1);
      run.file(sid, { kind: "syncDirectory", directory: "log" });
    }
    run.lead(1n, 1);
    run.step(2n, { role: "following", epoch: 1 });
    return run;
  }

  it.each([
    ["is not synced", newLog(log)],
    ["is synced under a name that is not", [...newLog(log), ...syncedLog(log).slice(0, 1)]],
  ])("refuses an ACK of what %s", (_, operations) => {
    const run = synced();
    for (const operation of operations) run.file(2n, operation);
    expect(() => {
      run.send(2n, 1n, { kind: "ACK", zxid: two.zxid });
    }).toThrow("only 0x0 is on its disk");
  });

  it("accepts an ACK of what is synced, name and all", () => {
    const run = synced();
    for (const operation of [...newLog(log), ...syncedLog(log)]) run.file(2n, operation);
    run.send(2n, 1n, { kind: "ACK", zxid: two.zxid });
  });

  it("refuses a vote for itself with txns that a power failure would take", () => {
    const run = synced();
    for (const operation of newLog(log)) run.file(2n, operation);
    const notification = {
      leader: 2n,
      zxid: two.zxid,
      peerEpoch: 1n,
      state: "looking",
      electionEpoch: 1n,
      version: 2,
      configuration: undefined,
    } as const;
    expect(() => {
      run.step(2n, {}, [{ kind: "notify", to: 1n, notification }]);
    }).toThrow("a vote for itself");
  });

  it("refuses an epoch that is offered or accepted before it is on disk", () => {
    const run = synced();
    expect(() => {
      run.send(1n, 2n, { kind: "LEADERINFO", epoch: 2 });
    }).toThrow("acceptedEpoch on its disk is 1");
    run.peer(1n).disk.putEpochs(2, 1);
    run.send(1n, 2n, { kind: "LEADERINFO", epoch: 2 });
    const ack = { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 1 } as const;
    expect(() => {
      run.send(2n, 1n, ack);
    }).toThrow("acceptedEpoch on its disk is 1");
  });

  it("refuses an epoch that is offered while a power failure would leave an empty file", () => {
    const run = synced();
    run.peer(1n).disk.durable.set("data/acceptedEpoch", new Uint8Array(0));
    expect(() => {
      run.send(1n, 2n, { kind: "LEADERINFO", epoch: 1 });
    }).toThrow("acceptedEpoch on its disk is damaged");
  });

  it("refuses an answer to NEWLEADER before history and epoch are on disk", () => {
    const run = synced();
    run.send(1n, 2n, { kind: "PROPOSAL", txn: one });
    run.send(1n, 2n, { kind: "COMMIT", zxid: one.zxid });
    run.send(1n, 2n, { kind: "NEWLEADER", epoch: 1, configuration: "" });
    const ack = { kind: "ACK", zxid: makeZxid(1, 0) } as const;
    expect(() => {
      run.send(2n, 1n, ack);
    }).toThrow("the ACK of NEWLEADER with 0x100000001");
  });

  it("refuses a commit that less than a quorum has on disk", () => {
    const run = synced();
    for (const operation of [...newLog(log), ...syncedLog(log)]) run.file(1n, operation);
    expect(() => {
      run.step(1n, { lastCommittedZxid: two.zxid });
    }).toThrow("but only servers 1 have it");
    for (const operation of [...newLog(log), ...syncedLog(log)]) run.file(3n, operation);
    run.step(1n, { lastCommittedZxid: one.zxid });
  });
});

describe("CommitQuorum", () => {
  const ack = { kind: "ACK", zxid: one.zxid } as const;
  const plan = { kind: "TRUNC", zxid: 0n } as const;

  /** Server 1 leads epoch 1 and has brought 2 and 3 up to date; `isDurable`: whether it has its proposal on disk. */
  function leading(isDurable: boolean): FakeRun {
    const run = runWith((ghosts) => new CommitQuorum(ghosts));
    run.step(1n, { role: "leading", phase: "discovery" });
    for (const learner of [2n, 3n]) {
      run.step(learner, { role: "following", epoch: 1 });
      run.send(1n, learner, plan);
    }
    run.lead(1n, 1);
    run.file(1n, { kind: "syncDirectory", directory: "log" });
    if (isDurable)
      for (const operation of [...newLog([one]), ...syncedLog([one])]) run.file(1n, operation);
    return run;
  }

  it("accepts a commit that the leader's log and a follower, or two followers, stand for", () => {
    for (const isDurable of [true, false]) {
      const run = leading(isDurable);
      run.say(2n, 1n, ack);
      if (!isDurable) run.say(3n, 1n, ack);
      run.step(1n, { lastCommittedZxid: one.zxid });
    }
  });

  it("refuses a commit before acknowledgements have arrived", () => {
    const run = leading(true);
    run.send(2n, 1n, ack);
    expect(() => {
      run.step(1n, { lastCommittedZxid: one.zxid });
    }).toThrow("of those whose word counts only 1 acknowledged it");
  });

  it("refuses to count what a follower said before it was told to start again", () => {
    const run = leading(true);
    run.say(2n, 1n, ack);
    run.send(1n, 2n, plan);
    expect(() => {
      run.step(1n, { lastCommittedZxid: one.zxid });
    }).toThrow("1 commits 0x100000001, but of those whose word counts only 1");
  });
});
