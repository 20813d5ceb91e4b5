/**
 * What must be on disk before what is said: the rows of PROTOCOL.md's last table.
 * Each trace lists the disk's operations (with a "*") and the packets between
 * them, in their order; a packet that moved in front of an operation fails here.
 */
import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../test/memory-disk.js";
import { PeerHarness } from "../test/peer-harness.js";
import { makeTxn, makeTxns, snapshotPackets } from "../test/register-state.js";
import { makeZxid } from "@jute-ts/zookeeper";

function writesEpoch(name: "acceptedEpoch" | "currentEpoch"): string[] {
  return [
    `* create ${name}.tmp`,
    `* write ${name}.tmp`,
    `* sync ${name}.tmp`,
    `* rename ${name}.tmp to ${name}`,
    "* syncDirectory data",
  ];
}

/** A log that begins: first the mark beside it, then the file, its name last. */
function beginsLog(name: string): string[] {
  return [
    "* write synced",
    "* truncate synced",
    "* sync synced",
    `* create ${name}`,
    `* truncate ${name}`,
    `* write ${name}`,
    `* sync ${name}`,
    "* syncDirectory log",
  ];
}

const beginsFirstLog = (name: string): string[] => {
  const [write, truncate, sync, ...rest] = beginsLog(name);
  return [
    "* create synced",
    write ?? "",
    truncate ?? "",
    sync ?? "",
    "* syncDirectory data",
    ...rest,
  ];
};

describe("a vote leaves", () => {
  it("only when everything that the log holds is durable", () => {
    const disk = MemoryDisk.holding({ txns: makeTxns(1, 1, 3) });
    const peer = new PeerHarness({ disk });
    peer.holdFiles = true;
    expect(peer.say({ kind: "start" })).toEqual([]);
    const trace = peer.traceFiles();
    const vote = trace.indexOf("notify 2: looking vote 1 round 1");
    expect(trace.slice(0, vote)).toContain("* sync log.100000001");
    expect(trace.slice(0, vote)).toContain("* syncDirectory log");
    expect(trace.slice(vote).filter((text) => text.startsWith("*"))).toEqual([]);
  });
});

describe("LEADERINFO leaves", () => {
  it("only when the leader's accepted epoch is durable", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.holdFiles = true;
    expect(peer.introduce(2n)).toEqual([]);
    expect(peer.traceFiles()).toEqual([
      ...writesEpoch("acceptedEpoch"),
      "send 12: LEADERINFO epoch 1",
    ]);
  });
});

describe("ACKEPOCH leaves", () => {
  it("only when the learner's accepted epoch is durable", () => {
    const peer = new PeerHarness();
    peer.follow();
    peer.holdFiles = true;
    expect(peer.hear({ kind: "LEADERINFO", epoch: 1 })).toEqual([]);
    expect(peer.traceFiles()).toEqual([
      ...writesEpoch("acceptedEpoch"),
      "send 10: ACKEPOCH 0.0 current 0",
    ]);
  });
});

describe("the ACK of NEWLEADER leaves", () => {
  const newLeader = { kind: "NEWLEADER", epoch: 2, configuration: "" } as const;
  const ack = "send 10: ACK 2.0";

  function follower(): PeerHarness {
    const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
    peer.follow();
    peer.hear({ kind: "LEADERINFO", epoch: 2 });
    peer.holdFiles = true;
    return peer;
  }

  it("after DIFF: the txns in the log, then the current epoch (ZOOKEEPER-4643, 4646, 4785)", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 5) });
    for (const txn of makeTxns(1, 4, 5)) {
      expect(peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid })).toEqual([]);
    }
    // Nothing of it is on its way to the disk before the leader has said all.
    expect(peer.nextFile()).toBeUndefined();
    expect(peer.hear(newLeader)).toEqual(["applied 1.4 uncommitted", "applied 1.5 uncommitted"]);
    expect(peer.traceFiles()).toEqual([
      ...beginsFirstLog("log.100000004"),
      // The mark of what is synced follows the log; nobody waits for it.
      "* write synced",
      ...writesEpoch("currentEpoch"),
      ack,
    ]);
  });

  it("after DIFF of nothing: the current epoch", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) });
    expect(peer.hear(newLeader)).toEqual([]);
    expect(peer.traceFiles()).toEqual([...writesEpoch("currentEpoch"), ack]);
  });

  it("after TRUNC: the log's cut, the txns after it, then the current epoch", () => {
    const peer = follower();
    peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 2) });
    const txn = makeTxn(makeZxid(1, 3), 7n);
    peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid }, newLeader);
    const trace = peer.traceFiles();
    const steps = [
      "* truncate log.100000001",
      "* sync log.100000001",
      "applied 1.3 uncommitted",
      "* write log.100000003",
      "* sync log.100000003",
      "* syncDirectory log",
      "* sync currentEpoch.tmp",
      "* rename currentEpoch.tmp to currentEpoch",
      "* syncDirectory data",
      ack,
    ];
    expectInOrder(trace, steps);
    expect(trace.at(-1)).toBe(ack);
  });

  it("after SNAP: the log's cut, the snapshot, older files gone, the txns, then the current epoch", () => {
    const peer = follower();
    const zxid = makeZxid(1, 2);
    peer.hear(...snapshotPackets(zxid, [makeZxid(1, 1), zxid]));
    const txn = makeTxn(makeZxid(1, 3), 7n);
    peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid });
    expect(peer.nextFile()).toBeUndefined();
    expect(peer.hear(newLeader)).toEqual([]);
    const trace = peer.traceFiles();
    expectInOrder(trace, [
      "* sync unfinished-snapshot.100000002.tmp",
      "* truncate log.100000001",
      "* sync log.100000001",
      "* create installing-snapshot.100000002",
      "* syncDirectory data",
      "* rename unfinished-snapshot.100000002.tmp to snapshot.100000002",
      "* syncDirectory data",
      "* remove log.100000001",
      "* syncDirectory log",
      "* remove installing-snapshot.100000002",
      "* syncDirectory data",
      "applied 1.3 uncommitted",
      "* write log.100000003",
      "* sync log.100000003",
      "* syncDirectory log",
      "* sync currentEpoch.tmp",
      "* rename currentEpoch.tmp to currentEpoch",
      "* syncDirectory data",
      ack,
    ]);
    expect(trace.at(-1)).toBe(ack);
  });

  it("at once, when this server has followed the same epoch before", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) }, newLeader);
    peer.traceFiles();
    peer.holdFiles = false;
    peer.say({ kind: "disconnected", connection: 10, text: "reset" });
    peer.follow();
    peer.holdFiles = true;
    expect(
      peer.hear({ kind: "LEADERINFO", epoch: 2 }, { kind: "DIFF", zxid: 0n }, newLeader),
    ).toEqual(["send 10: ACKEPOCH 1.3 current none", ack]);
  });
});

describe("a leader counts itself", () => {
  it("for its epoch only when its current epoch is durable", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.introduce(2n);
    peer.holdFiles = true;
    peer.hearFrom(2n, { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 });
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 0) })).toEqual([]);
    expect(peer.peer.status().serving).toBe(false);
    expect(peer.traceFiles()).toEqual([...writesEpoch("currentEpoch"), "send 12: UPTODATE"]);
    expect(peer.peer.status().serving).toBe(true);
  });

  it("for a txn only when it is durable", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    peer.holdFiles = true;
    peer.submit(1);
    expect(peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] })).toEqual([]);
    expect(peer.traceFiles()).toEqual([...beginsFirstLog("log.100000001"), "* write synced"]);
    // One of three, its own: with one more it is committed.
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(1, 1) })).toContain("applied 1.1");
  });

  it("for a txn that the others have, not at all: it is committed without its own disk", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    peer.holdFiles = true;
    peer.submit(1);
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 1) })).toEqual([]);
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(1, 1) })).toEqual([
      "send 12: COMMIT 1.1",
      "send 13: COMMIT 1.1",
      "applied 1.1",
      "answer 1: applied",
    ]);
    expect(peer.peer.status().lastDurableZxid).toBe(0n);
  });

  it("alone in an ensemble of one: the txn is answered when it is durable", () => {
    const peer = new PeerHarness({ voters: 1 });
    peer.lead();
    peer.holdFiles = true;
    expect(peer.submit(1)).toEqual([]);
    const trace = peer.traceFiles();
    expect(trace.slice(0, 10)).toEqual(beginsFirstLog("log.100000001"));
    expect(trace.slice(10)).toEqual(["applied 1.1", "answer 1: applied", "* write synced"]);
  });
});

describe("the ACK of a txn leaves", () => {
  it("only when it and all before it are durable, one fsync for all that waited", () => {
    const peer = new PeerHarness();
    peer.followUpToDate();
    peer.holdFiles = true;
    for (const txn of makeTxns(1, 1, 3)) expect(peer.hear({ kind: "PROPOSAL", txn })).toEqual([]);
    expect(peer.traceFiles()).toEqual([
      ...beginsFirstLog("log.100000001"),
      "send 10: ACK 1.1",
      "send 10: ACK 1.2",
      "send 10: ACK 1.3",
      "* write synced",
    ]);
  });

  it("also when the txn is committed and applied long before", () => {
    const peer = new PeerHarness();
    peer.followUpToDate();
    peer.holdFiles = true;
    const txn = makeTxn(makeZxid(1, 1));
    expect(peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid })).toEqual([
      "applied 1.1",
    ]);
    expect(peer.traceFiles()).toContain("send 10: ACK 1.1");
  });

  it("never from an observer, which logs all the same", () => {
    const peer = new PeerHarness({ sid: 4n, observers: 1 });
    peer.followUpToDate();
    peer.holdFiles = true;
    const txn = makeTxn(makeZxid(1, 1));
    expect(peer.hear({ kind: "INFORM", txn })).toEqual(["applied 1.1"]);
    expect(peer.traceFiles().filter((text) => !text.startsWith("*"))).toEqual([]);
    expect(peer.peer.status().lastDurableZxid).toBe(txn.zxid);
  });
});

/** Expects that these occur in this order, with anything in between. */
function expectInOrder(trace: readonly string[], steps: readonly string[]): void {
  let from = 0;
  for (const step of steps) {
    const at = trace.indexOf(step, from);
    expect(
      at,
      `${step} after ${trace[from - 1] ?? "the beginning"} in\n${trace.join("\n")}`,
    ).not.toBe(-1);
    from = at + 1;
  }
}
