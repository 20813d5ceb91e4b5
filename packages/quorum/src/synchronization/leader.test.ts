import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../test/memory-disk.js";
import { PeerHarness } from "../../test/peer-harness.js";
import { makeTxns } from "../../test/register-state.js";
import { makeZxid, type Zxid } from "@jute-ts/zookeeper";

/** A leader with the txns 1.1 to 1.3 that leads in epoch 2. */
function leader(options: ConstructorParameters<typeof PeerHarness>[0] = {}): PeerHarness {
  return new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }), ...options });
}

const LAST = makeZxid(1, 3);
const SLOW_13 = /^close 13: \d+ bytes wait for a slow learner$/;
const drained = { kind: "drained", connection: 13 } as const;

describe("a leader carries a plan out", () => {
  const plans: readonly [string, Zxid, number, readonly string[]][] = [
    ["equal", LAST, 1, ["DIFF 1.3"]],
    ["in memory", makeZxid(1, 2), 1, ["DIFF 1.3", "PROPOSAL 1.3", "COMMIT 1.3"]],
    ["ahead with txns that nobody committed", makeZxid(1, 5), 0, ["TRUNC 1.3"]],
  ];
  it.each(plans)("for a learner that is %s", (_, lastZxid, currentEpoch, packets) => {
    const peer = leader();
    peer.lead();
    expect(peer.join(2n, { lastZxid, currentEpoch })).toEqual(
      ["LEADERINFO epoch 2", ...packets, "NEWLEADER epoch 2"].map((text) => `send 12: ${text}`),
    );
  });

  it("for a learner that has only seen an epoch begin", () => {
    const disk = MemoryDisk.holding({ txns: [...makeTxns(1, 1, 2), ...makeTxns(3, 1, 2)] });
    const peer = new PeerHarness({ disk });
    peer.lead();
    expect(peer.join(2n, { lastZxid: makeZxid(3, 0), currentEpoch: 3 })).toEqual([
      "send 12: LEADERINFO epoch 4",
      "send 12: DIFF 3.2",
      "send 12: PROPOSAL 3.1",
      "send 12: COMMIT 3.1",
      "send 12: PROPOSAL 3.2",
      "send 12: COMMIT 3.2",
      "send 12: NEWLEADER epoch 4",
    ]);
  });

  it("with a snapshot, one piece whenever the connection has room, and NEWLEADER after its end", () => {
    const peer = leader();
    peer.establish();
    expect(peer.join(3n)).toEqual([
      "send 13: LEADERINFO epoch 2",
      "send 13: SNAP 1.3",
      "send 13: SNAPSHOTPIECE",
    ]);
    for (let piece = 2; piece <= 4; piece++) {
      expect(peer.say(drained)).toEqual(["send 13: SNAPSHOTPIECE"]);
    }
    expect(peer.say(drained)).toEqual(["send 13: SNAPSHOTEND", "send 13: NEWLEADER epoch 2"]);
    expect(peer.say(drained)).toEqual([]);
  });
});

describe("the live traffic of a learner that is being synchronized", () => {
  it("begins with the proposals that wait for acks, before NEWLEADER", () => {
    const peer = leader();
    peer.establish();
    peer.submit(1);
    expect(peer.join(3n, { lastZxid: LAST, currentEpoch: 1 })).toEqual([
      "send 13: LEADERINFO epoch 2",
      "send 13: DIFF 1.3",
      "send 13: PROPOSAL 2.1",
      "send 13: NEWLEADER epoch 2",
    ]);
  });

  it("waits from NEWLEADER to UPTODATE, and a follower of Java's gets no commit in between (ZOOKEEPER-4394)", () => {
    const peer = leader();
    peer.establish();
    peer.submit(1);
    peer.join(3n, { lastZxid: LAST, currentEpoch: 1 });
    const said = [
      ...peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 1) }),
      ...peer.submit(2),
      ...peer.pass(50),
    ];
    // But it is pinged, for its leader may take its time.
    expect(said.filter((text) => text.startsWith("send 13"))).toEqual(["send 13: PING 2.2"]);
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(2, 0) })).toEqual([
      "send 13: UPTODATE",
      "send 13: COMMIT 2.1",
      "send 13: PROPOSAL 2.2",
    ]);
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(2, 2) })).toContain(
      "send 13: COMMIT 2.2",
    );
  });

  it("can begin before UPTODATE, as that of Java's leaders does", () => {
    const peer = leader({ liveBeforeUpToDate: true });
    peer.establish();
    peer.submit(1);
    peer.join(3n, { lastZxid: LAST, currentEpoch: 1 });
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 1) })).toContain(
      "send 13: COMMIT 2.1",
    );
  });

  it("of an observer is only what is committed", () => {
    const peer = leader({ observers: 1 });
    peer.establish();
    peer.submit(1);
    expect(peer.join(4n, { role: "observer", lastZxid: LAST, currentEpoch: 1 })).toEqual([
      "send 14: LEADERINFO epoch 2",
      "send 14: DIFF 1.3",
      "send 14: NEWLEADER epoch 2",
    ]);
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 1) })).toEqual([
      "send 12: COMMIT 2.1",
      "applied 2.1",
      "answer 1: applied",
    ]);
    expect(peer.hearFrom(4n, { kind: "ACK", zxid: makeZxid(2, 0) })).toEqual([
      "send 14: UPTODATE",
      "send 14: INFORM 2.1",
    ]);
  });

  it("is held back during a snapshot, and follows it in order", () => {
    const peer = leader();
    peer.establish();
    peer.submit(1);
    peer.join(3n);
    peer.submit(2);
    expect(
      peer
        .hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 2) })
        .filter((text) => text.startsWith("send 13")),
    ).toEqual([]);
    // It is not pinged meanwhile either.
    expect(peer.pass(50)).toEqual(["send 12: PING 2.2"]);
    const said: string[] = [];
    for (let piece = 2; piece <= 5; piece++) said.push(...peer.say(drained));
    expect(said.slice(3)).toEqual([
      "send 13: SNAPSHOTEND",
      "send 13: PROPOSAL 2.1",
      "send 13: NEWLEADER epoch 2",
    ]);
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(2, 0) })).toEqual([
      "send 13: UPTODATE",
      "send 13: PROPOSAL 2.2",
      "send 13: COMMIT 2.1",
      "send 13: COMMIT 2.2",
    ]);
  });
});

describe("a learner that does not read", () => {
  it("is closed when more than maxQueuedBytes wait for it, and nobody else is", () => {
    const peer = leader({ maxQueuedBytes: 1000 });
    peer.establish(2n, 3n);
    const said: string[] = [];
    for (let request = 1; request < 20; request++) {
      said.push(...peer.submit(request));
      said.push(...peer.say({ kind: "drained", connection: 12 }));
      said.push(...peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, request) }));
    }
    // Nobody broke a rule: the machine of a slow learner may be gone.
    const closes = said.filter((text) => text.startsWith("close"));
    expect(closes).toEqual([expect.stringMatching(SLOW_13)]);
    const closed = said.indexOf(closes[0] ?? "");
    expect(said.slice(closed).filter((text) => text.startsWith("send 13"))).toEqual([]);
    expect(said.at(-1)).toBe("answer 19: applied");
  });

  it("is closed during its snapshot too, since what is held back counts", () => {
    const peer = leader({ maxQueuedBytes: 1000 });
    peer.establish();
    peer.join(3n);
    const said: string[] = [];
    for (let request = 1; request < 20; request++) {
      said.push(...peer.submit(request), ...peer.say({ kind: "drained", connection: 12 }));
    }
    expect(said).toContainEqual(expect.stringMatching(SLOW_13));
  });
});

describe("a history is taken over", () => {
  it("when a quorum of voters has acknowledged it, and then everyone who has is told", () => {
    const peer = leader({ voters: 5, observers: 1 });
    peer.lead();
    const has = { lastZxid: LAST, currentEpoch: 1 } as const;
    for (const sid of [2n, 3n]) peer.introduce(sid);
    for (const sid of [2n, 3n]) peer.hearFrom(sid, { kind: "ACKEPOCH", ...has });
    expect(peer.joinAndAck(6n, { role: "observer", ...has })).toHaveLength(3);
    const ack = { kind: "ACK", zxid: makeZxid(2, 0) } as const;
    expect(peer.hearFrom(2n, ack)).toEqual([]);
    // Once more does not count twice.
    expect(peer.hearFrom(2n, ack)).toEqual([]);
    expect(peer.peer.status().serving).toBe(false);
    expect(peer.hearFrom(3n, ack)).toEqual([
      "send 12: UPTODATE",
      "send 13: UPTODATE",
      "send 16: UPTODATE",
    ]);
    expect(peer.peer.status().lastCommittedZxid).toBe(LAST);
    expect(peer.joinAndAck(4n, has).at(-1)).toBe("send 14: UPTODATE");
  });
});

describe("what a follower acknowledged on an older connection", () => {
  it("does not count any more: its log may have been cut since", () => {
    const peer = leader({ voters: 5 });
    peer.lead();
    const has = { lastZxid: LAST, currentEpoch: 1 } as const;
    for (const sid of [2n, 3n]) peer.introduce(sid);
    for (const sid of [2n, 3n]) peer.hearFrom(sid, { kind: "ACKEPOCH", ...has });
    for (const sid of [2n, 3n]) peer.hearFrom(sid, { kind: "ACK", zxid: makeZxid(2, 0) });
    peer.holdFiles = true;
    peer.submit(1);
    const ack = { kind: "ACK", zxid: makeZxid(2, 1) } as const;
    expect(peer.hearFrom(2n, ack)).toEqual([]);
    // It comes again, and is told to cut off the very txn that it had acknowledged.
    peer.say({ kind: "disconnected", connection: 12, text: "reset" });
    expect(peer.join(2n, { lastZxid: makeZxid(2, 1), currentEpoch: undefined })).toEqual([
      "send 12: LEADERINFO epoch 2",
      "send 12: TRUNC 1.3",
      "send 12: PROPOSAL 2.1",
      "send 12: NEWLEADER epoch 2",
    ]);
    // Two of five have it now. With the forgotten ack of server 2 it would be committed.
    peer.hearFrom(3n, ack);
    expect(peer.releaseFiles()).toEqual([]);
    expect(peer.peer.status()).toMatchObject({ outstanding: 1, lastDurableZxid: makeZxid(2, 1) });
    peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(2, 0) });
    expect(peer.hearFrom(2n, ack)).toContain("answer 1: applied");
  });
});
