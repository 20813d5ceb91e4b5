import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../test/memory-disk.js";
import { PeerHarness, TO_LEADER } from "../../test/peer-harness.js";
import { makeTxn, makeTxns, snapshotPackets } from "../../test/register-state.js";
import { makeZxid } from "@jute-ts/zookeeper";

const zxids = (epoch: number, from: number, to: number): bigint[] =>
  makeTxns(epoch, from, to).map(({ zxid }) => zxid);

/** A follower with the txns 1.1 to 1.3 whose leader leads in epoch 2. */
function follower(): PeerHarness {
  const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
  peer.follow();
  peer.hear({ kind: "LEADERINFO", epoch: 2 });
  return peer;
}

const newLeader = { kind: "NEWLEADER", epoch: 2, configuration: "" } as const;
const lost = { kind: "disconnected", connection: TO_LEADER, text: "reset" } as const;

describe("a proposal that is not committed when NEWLEADER comes", () => {
  it("is neither logged nor acknowledged before UPTODATE (ZOOKEEPER-4685)", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(2, 1));
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) }, { kind: "PROPOSAL", txn });
    expect(peer.hear(newLeader)).toEqual(["send 10: ACK 2.0"]);
    expect(peer.peer.status().lastLoggedZxid).toBe(makeZxid(1, 3));
    expect(peer.hear({ kind: "UPTODATE" })).toEqual(["send 10: ACK 2.0", "send 10: ACK 2.1"]);
    expect(peer.peer.status()).toMatchObject({
      lastDurableZxid: txn.zxid,
      lastProcessedZxid: makeZxid(1, 3),
      outstanding: 1,
    });
  });

  it("may be committed between NEWLEADER and UPTODATE (ZOOKEEPER-4394)", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(2, 1));
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) }, { kind: "PROPOSAL", txn }, newLeader);
    expect(peer.hear({ kind: "COMMIT", zxid: txn.zxid })).toEqual([]);
    expect(peer.hear({ kind: "UPTODATE" })).toEqual([
      "send 10: ACK 2.0",
      "applied 2.1",
      "send 10: ACK 2.1",
    ]);
  });

  it("is forgotten when the connection is lost before UPTODATE", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(2, 1));
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) }, { kind: "PROPOSAL", txn }, newLeader);
    peer.say(lost);
    peer.follow();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 2 })).toEqual([
      "send 10: ACKEPOCH 1.3 current none",
    ]);
  });
});

describe("an observer", () => {
  it("takes INFORM for a proposal and its commit", () => {
    const peer = new PeerHarness({ sid: 4n, observers: 1 });
    peer.follow();
    peer.hear({ kind: "LEADERINFO", epoch: 1 }, { kind: "DIFF", zxid: 0n });
    const [first, second] = makeTxns(1, 1, 2);
    if (first === undefined || second === undefined) throw new Error("two txns were made");
    expect(peer.hear({ kind: "INFORM", txn: first })).toEqual([]);
    expect(peer.hear({ kind: "NEWLEADER", epoch: 1, configuration: "" })).toEqual([
      "applied 1.1 uncommitted",
      "send 10: ACK 1.0",
    ]);
    expect(peer.hear({ kind: "INFORM", txn: second })).toEqual([]);
    expect(peer.hear({ kind: "UPTODATE" })).toEqual(["send 10: ACK 1.0", "applied 1.2"]);
  });
});

describe("TRUNC", () => {
  it("cuts log and state", () => {
    const peer = follower();
    expect(peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 1) }, newLeader)).toEqual([
      "send 10: ACK 2.0",
    ]);
    expect(peer.state.applied).toEqual(zxids(1, 1, 1));
    peer.say({ kind: "stop" });
    const again = peer.restart();
    again.say({ kind: "start" });
    expect(again.state.applied).toEqual(zxids(1, 1, 1));
  });

  it("to a txn that is not there changes nothing, and the next time everything is asked for", () => {
    const peer = follower();
    const said = peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 7) });
    expect(said[0]).toMatch(/^close 10: the log cannot be cut after 0x100000007/);
    expect(peer.state.applied).toEqual(zxids(1, 1, 3));
    expect(peer.peer.status()).toMatchObject({ role: "looking", lastLoggedZxid: makeZxid(1, 3) });
    peer.follow();
    const [answer] = peer.hear({ kind: "LEADERINFO", epoch: 2 });
    expect(answer).toMatch(/^send 10: ACKEPOCH .* current none$/);
    expect(answer).not.toContain("1.3");
  });

  it("and everything after it is undone whole when NEWLEADER does not come (ZOOKEEPER-5094)", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(1, 3), 7n);
    peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 2) }, { kind: "PROPOSAL", txn });
    peer.hear({ kind: "COMMIT", zxid: txn.zxid });
    peer.say(lost);
    expect(peer.peer.status()).toMatchObject({
      role: "looking",
      lastLoggedZxid: makeZxid(1, 2),
      lastProcessedZxid: makeZxid(1, 2),
    });
    expect(peer.state.applied).toEqual(zxids(1, 1, 2));
  });

  it("that is interrupted half way ends before the next election", () => {
    const peer = follower();
    peer.holdFiles = true;
    peer.hear({ kind: "TRUNC", zxid: makeZxid(1, 2) });
    peer.releaseFiles(3);
    expect(peer.say(lost)).toEqual([]);
    expect(peer.peer.status().role).toBe("ending");
    peer.releaseFiles();
    const { role, lastLoggedZxid, lastProcessedZxid } = peer.peer.status();
    expect([role, lastLoggedZxid, lastProcessedZxid]).toEqual([
      "looking",
      makeZxid(1, 2),
      makeZxid(1, 2),
    ]);
  });
});

describe("SNAP", () => {
  const snapshot = snapshotPackets(makeZxid(1, 5), zxids(1, 1, 5));

  it("replaces the state, and a restart finds it", () => {
    const peer = follower();
    expect(peer.hear(...snapshot, newLeader)).toEqual(["send 10: ACK 2.0"]);
    const again = peer.restart();
    again.say({ kind: "start" });
    expect(again.state.applied).toEqual(zxids(1, 1, 5));
    expect(again.peer.status()).toMatchObject({
      lastDurableZxid: makeZxid(1, 5),
      currentEpoch: 2,
    });
  });

  it.each([
    ["in the middle of it", snapshot.slice(0, 3)],
    ["after it, before NEWLEADER", snapshot],
  ])("that is interrupted %s leaves what the disk has (ZOOKEEPER-3642)", (_, packets) => {
    const peer = follower();
    peer.hear(...packets);
    peer.say(lost);
    expect(peer.state.applied).toEqual(zxids(1, 1, 3));
    expect(peer.peer.status()).toMatchObject({
      role: "looking",
      lastProcessedZxid: makeZxid(1, 3),
      lastLoggedZxid: makeZxid(1, 3),
    });
  });

  it("is followed by txns that it holds already, which count once", () => {
    const peer = follower();
    peer.hear(...snapshot);
    for (const txn of makeTxns(1, 4, 6)) {
      expect(peer.hear({ kind: "PROPOSAL", txn }, { kind: "COMMIT", zxid: txn.zxid })).toEqual([]);
    }
    expect(peer.hear(newLeader)).toEqual(["applied 1.6 uncommitted", "send 10: ACK 2.0"]);
    expect(peer.state.applied).toEqual(zxids(1, 1, 6));
  });

  it("without its signature is no snapshot", () => {
    const peer = follower();
    peer.hear(...snapshot.slice(0, -1));
    expect(peer.hear({ kind: "SNAPSHOTPIECE", bytes: new Uint8Array(14) })).toContain(
      "close 10: malformed",
    );
    expect(peer.state.applied).toEqual(zxids(1, 1, 3));
  });
});

describe("a leader in synchronization", () => {
  it("that skips a commit breaks the protocol", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 5) });
    for (const txn of makeTxns(1, 4, 5)) peer.hear({ kind: "PROPOSAL", txn });
    expect(peer.hear({ kind: "COMMIT", zxid: makeZxid(1, 5) })[0]).toBe("close 10: commit-order");
  });

  it("is answered when it pings after NEWLEADER's ACK, and not before", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) });
    expect(peer.hear({ kind: "PING", zxid: 5n })).toEqual([]);
    peer.hear(newLeader);
    expect(peer.hear({ kind: "PING", zxid: 5n })).toEqual(["send 10: PINGANSWER 0.5 touched 0"]);
  });

  it("is lost after initLimit of silence, and after syncLimit once NEWLEADER is answered", () => {
    const peer = follower();
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) });
    peer.pass(999);
    expect(peer.peer.status().role).toBe("following");
    peer.hear(newLeader);
    peer.hear({ kind: "PING", zxid: 5n });
    peer.pass(499);
    expect(peer.peer.status().role).toBe("following");
    peer.pass(1);
    expect(peer.peer.status().role).toBe("looking");
  });
});
