import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../test/memory-disk.js";
import { connectionOf, PeerHarness } from "../../test/peer-harness.js";
import { makeTxns } from "../../test/register-state.js";
import { encodeNotification } from "../wire/notification-codec.js";
import { majorityOf, participant } from "../membership/ensemble.js";
import { HierarchicalVerifier } from "../membership/hierarchical.js";
import type { LearnerIdentity } from "../wire/packet.js";
import { makeZxid, MAX_EPOCH, type Sid } from "@jute-ts/zookeeper";

const JUMP = 2 ** 20;

/** A connection on which somebody claims to be a server, with whatever is wrong about it. */
function claim(
  peer: PeerHarness,
  identity: Partial<LearnerIdentity>,
  provenSids?: readonly Sid[],
): string[] {
  const proof = provenSids === undefined ? {} : { provenSids };
  return [
    ...peer.say({ kind: "accepted", connection: 50, ...proof }),
    ...peer.say(
      ...peer.hears(50, {
        kind: "FOLLOWERINFO",
        acceptedEpoch: 0,
        identity: { sid: 2n, protocolVersion: 0x10000, configVersion: 0n, ...identity },
      }),
    ),
  ];
}

describe("the epoch that a leader proposes", () => {
  it("waits for a quorum of voters", () => {
    const peer = new PeerHarness({ voters: 5, observers: 1 });
    expect(peer.lead().at(-1)).toBe("listen");
    expect(peer.introduce(2n)).toEqual([]);
    expect(peer.introduce(6n, { role: "observer" })).toEqual([]);
    expect(peer.introduce(3n)).toEqual([
      "send 12: LEADERINFO epoch 1",
      "send 16: LEADERINFO epoch 1",
      "send 13: LEADERINFO epoch 1",
    ]);
  });

  it("is past what any voter that arrived has accepted", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    peer.introduce(2n, { acceptedEpoch: 8 });
    expect(peer.introduce(3n, { acceptedEpoch: 3 })).toContain("send 12: LEADERINFO epoch 9");
  });

  it("is past what the leader itself has accepted", () => {
    const peer = new PeerHarness({
      disk: MemoryDisk.holding({ acceptedEpoch: 5, currentEpoch: 4 }),
    });
    peer.lead();
    expect(peer.introduce(2n)).toEqual(["send 12: LEADERINFO epoch 6"]);
  });

  it("is past what an observer has accepted", () => {
    const peer = new PeerHarness({ observers: 1 });
    peer.lead();
    peer.introduce(4n, { role: "observer", acceptedEpoch: 7 });
    expect(peer.introduce(2n)).toEqual([
      "send 14: LEADERINFO epoch 8",
      "send 12: LEADERINFO epoch 8",
    ]);
  });

  it("stays what it is when somebody arrives late who has accepted no later one", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    peer.introduce(2n);
    peer.introduce(3n);
    expect(peer.introduce(4n, { acceptedEpoch: 1 })).toEqual(["send 14: LEADERINFO epoch 1"]);
    peer.joinAndAck(5n);
    expect(peer.introduce(4n)).toContain("send 14: LEADERINFO epoch 1");
  });

  it("stays what it is for somebody who has accepted a later one, and the next is past both", () => {
    const peer = new PeerHarness();
    peer.establish();
    for (const acceptedEpoch of [2, 3, 20]) {
      expect(peer.introduce(3n, { acceptedEpoch })).toEqual([
        "send 13: LEADERINFO epoch 1, not counted",
      ]);
    }
    expect(peer.peer.status()).toMatchObject({ role: "leading", serving: true, epoch: 1 });
    expect(peer.reports.filter(({ kind }) => kind === "laterEpoch")).toEqual([
      { kind: "laterEpoch", learner: 3n, acceptedEpoch: 2, epoch: 1 },
    ]);
    // Nobody is heard from, so this leadership ends.
    peer.pass(2000);
    expect(peer.peer.status().role).toBe("looking");
    peer.lead();
    expect(peer.introduce(2n)).toContain("send 12: LEADERINFO epoch 21");
  });

  it("is not driven up by what somebody claims while it lasts", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.introduce(3n, { acceptedEpoch: 1_000_000 });
    peer.pass(2000);
    peer.lead();
    expect(peer.introduce(2n)).toContain("send 12: LEADERINFO epoch 2");
  });

  it("is told to whoever arrives while it is on its way to the disk, and not before it is there", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    peer.holdFiles = true;
    expect([...peer.introduce(2n), ...peer.introduce(3n), ...peer.introduce(4n)]).toEqual([]);
    expect(peer.releaseFiles(4)).toEqual([]);
    expect(peer.releaseFiles(1)).toEqual([
      "send 12: LEADERINFO epoch 1",
      "send 13: LEADERINFO epoch 1",
      "send 14: LEADERINFO epoch 1",
    ]);
  });

  it("may jump by 2^20 and no further", () => {
    const near = new PeerHarness();
    near.lead();
    expect(near.introduce(2n, { acceptedEpoch: JUMP })).toEqual([
      `send 12: LEADERINFO epoch ${JUMP + 1}`,
    ]);
    const far = new PeerHarness({ observers: 1 });
    far.lead();
    expect(far.introduce(2n, { acceptedEpoch: JUMP + 1 })).toEqual(["close 12: epoch"]);
    expect(far.introduce(4n, { role: "observer", acceptedEpoch: 0x7fff_ff00 })).toEqual([
      "close 14: epoch",
    ]);
    expect(far.peer.status()).toMatchObject({ role: "leading", acceptedEpoch: 0 });
    expect(far.introduce(3n)).toEqual(["send 13: LEADERINFO epoch 1"]);
  });

  it("ends the peer for good when there is none left", () => {
    const peer = new PeerHarness({ disk: MemoryDisk.holding({ currentEpoch: MAX_EPOCH }) });
    peer.lead();
    expect(peer.introduce(2n).at(-1)).toBe("stopped: unrecoverable");
    expect(peer.peer.status()).toMatchObject({ role: "stopped", acceptedEpoch: MAX_EPOCH });
  });

  it("needs nobody else in an ensemble of one", () => {
    const peer = new PeerHarness({ voters: 1 });
    expect(peer.lead()).toEqual(["listen"]);
    expect(peer.peer.status()).toMatchObject({ serving: true, epoch: 1, currentEpoch: 1 });
  });

  it("needs a majority of groups where there are groups", () => {
    const sids = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n];
    const ensemble = new HierarchicalVerifier(
      sids.map((sid) => participant(sid, `host${sid}`, { quorumPort: 2888, electionPort: 3888 })),
      {
        groups: new Map([
          [1n, [1n, 2n, 3n]],
          [2n, [4n, 5n, 6n]],
          [3n, [7n, 8n, 9n]],
        ]),
        weights: new Map(),
      },
    );
    const peer = new PeerHarness({ ensemble });
    peer.lead();
    // Five of nine servers, but a majority in one group only.
    for (const sid of [2n, 3n, 4n, 7n]) expect(peer.introduce(sid)).toEqual([]);
    // With the sixth a second group decides.
    expect(peer.introduce(8n)).toHaveLength(5);
    const answer = { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 } as const;
    for (const sid of [2n, 3n, 4n, 7n]) expect(peer.hearFrom(sid, answer)).toEqual([]);
    expect(peer.hearFrom(8n, answer)).toHaveLength(10);
    const ack = { kind: "ACK", zxid: makeZxid(1, 0) } as const;
    for (const sid of [2n, 3n, 4n, 7n]) peer.hearFrom(sid, ack);
    expect(peer.peer.status().serving).toBe(false);
    peer.hearFrom(8n, ack);
    expect(peer.peer.status().serving).toBe(true);
  });
});

describe("a leader hears out", () => {
  it("nobody with an id that is not in the ensemble", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { sid: 9n })).toEqual(["close 50: identity"]);
  });

  it("nobody with its own id", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { sid: 1n })).toEqual(["close 50: identity"]);
  });

  it("nobody without an id", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { sid: undefined })).toEqual(["close 50: identity"]);
  });

  it("nobody whose certificate is another server's", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { sid: 2n }, [3n])).toEqual(["close 50: identity"]);
    expect(peer.introduce(3n)).toEqual(["send 13: LEADERINFO epoch 1"]);
  });

  it("whoever proves to be one of several servers, as one of these", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { sid: 2n }, [2n, 3n])).toEqual(["send 50: LEADERINFO epoch 1"]);
  });

  it("nobody who knows a newer configuration", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { configVersion: 1n })).toEqual(["close 50: identity"]);
    expect(claim(peer, { configVersion: 0n })).toEqual(["send 50: LEADERINFO epoch 1"]);
  });

  it("whoever knows a newer configuration by which the same servers decide", () => {
    const peer = new PeerHarness();
    const members = [1n, 2n, 3n].map((sid) =>
      participant(sid, `host${sid}`, { quorumPort: 2888, electionPort: 3888 }),
    );
    peer.lead();
    const text = majorityOf(members, 0x1_0000_0000n).toString();
    const vote = { leader: 1n, zxid: 0n, peerEpoch: 0n, electionEpoch: 9n, version: 2 };
    const bytes = encodeNotification({ ...vote, state: "following", configuration: text });
    peer.say({ kind: "notified", from: 2n, bytes });
    expect(claim(peer, { configVersion: 0x1_0000_0001n })).toEqual(["close 50: identity"]);
    expect(claim(peer, { configVersion: 0x1_0000_0000n })).toEqual(["send 50: LEADERINFO epoch 1"]);
  });

  it("nobody who speaks as before ZooKeeper 3.4", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(claim(peer, { protocolVersion: 0xffff })).toEqual(["close 50: malformed"]);
  });

  it("a few connections of each server, of which the oldest goes first", () => {
    const peer = new PeerHarness();
    peer.lead();
    for (let connection = 100; connection < 120; connection++) {
      peer.say({ kind: "accepted", connection });
      const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
      const claimed = { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity } as const;
      const said = peer.say(...peer.hears(connection, claimed));
      const closed = said.filter((text) => text.startsWith("close"));
      const oldest = `close ${connection - 8}: server 2 has connected again, more than once`;
      expect(closed).toEqual(connection < 108 ? [] : [oldest]);
    }
    expect(peer.introduce(3n)).toEqual(["send 13: LEADERINFO epoch 1"]);
  });

  it("at most 64 that have not said who they are", () => {
    const peer = new PeerHarness();
    peer.lead();
    for (let connection = 100; connection < 164; connection++) {
      expect(peer.say({ kind: "accepted", connection })).toEqual([]);
    }
    expect(peer.say({ kind: "accepted", connection: 164 })).toEqual([
      "close 164: too many connections that say nothing",
    ]);
    peer.say({ kind: "disconnected", connection: 100, text: "reset" });
    expect(peer.introduce(2n)).toEqual(["send 12: LEADERINFO epoch 1"]);
  });

  it("nobody for longer than initLimit who says nothing", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    const beganMs = peer.nowMs;
    peer.say({ kind: "accepted", connection: 50 });
    const closed = (): boolean =>
      peer.reports.some((report) => report.kind === "learnerLost" && report.learner === undefined);
    while (!closed()) {
      peer.pass(10);
      for (const sid of [2n, 3n]) peer.hearFrom(sid, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    }
    expect(peer.nowMs - beganMs).toBe(1000);
  });
});

describe("an epoch is accepted", () => {
  const answer = (currentEpoch: number | undefined, lastZxid = 0n) =>
    ({ kind: "ACKEPOCH", currentEpoch, lastZxid }) as const;

  it("when a quorum says so, the leader included", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    for (const sid of [2n, 3n, 4n]) peer.introduce(sid);
    expect(peer.hearFrom(2n, answer(0))).toEqual([]);
    expect(peer.hearFrom(3n, answer(0))).toEqual([
      "send 12: DIFF 0.0",
      "send 12: NEWLEADER epoch 1",
      "send 13: DIFF 0.0",
      "send 13: NEWLEADER epoch 1",
    ]);
    // Who comes later is synchronized at once.
    expect(peer.hearFrom(4n, answer(0))).toEqual([
      "send 14: DIFF 0.0",
      "send 14: NEWLEADER epoch 1",
    ]);
  });

  it("not by someone who has accepted it before, who is brought up to date all the same", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    for (const sid of [2n, 3n, 4n]) peer.introduce(sid);
    peer.hearFrom(2n, answer(0));
    expect(peer.hearFrom(3n, answer(undefined))).toEqual([]);
    expect(peer.peer.status().phase).toBe("discovery");
    expect(peer.hearFrom(4n, answer(0))).toContain("send 13: NEWLEADER epoch 1");
  });

  it("not by someone without a database, who gets everything", () => {
    const disk = MemoryDisk.holding({ txns: makeTxns(1, 1, 3) });
    const peer = new PeerHarness({ voters: 3, disk });
    peer.lead();
    peer.introduce(2n);
    peer.introduce(3n);
    expect(peer.hearFrom(2n, answer(0, -1n))).toEqual([]);
    expect(peer.hearFrom(3n, answer(0))).toContain("send 12: SNAP 1.3");
  });

  it("not by servers that have no vote", () => {
    const peer = new PeerHarness({ observers: 2 });
    peer.lead();
    // One calls itself a follower, which does not make it a voter.
    expect(peer.introduce(4n, { role: "follower" })).toEqual([]);
    expect(peer.introduce(5n, { role: "observer" })).toEqual([]);
    peer.introduce(2n);
    expect(peer.hearFrom(4n, answer(0))).toEqual([]);
    expect(peer.hearFrom(5n, answer(0))).toEqual([]);
    expect(peer.peer.status().phase).toBe("discovery");
    expect(peer.hearFrom(2n, answer(0))).toContain("send 14: NEWLEADER epoch 1");
  });

  it.each([
    ["of a later epoch", 2, makeZxid(1, 1)],
    ["with a later txn of the same epoch", 1, makeZxid(1, 4)],
  ])("not by someone %s, whose connection ends while the leader waits on", (_, epoch, zxid) => {
    const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
    peer.lead();
    peer.introduce(2n, { acceptedEpoch: 2 });
    const said = peer.hearFrom(2n, answer(epoch, zxid));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^close 12: it has txns up to/);
    expect(peer.peer.status()).toMatchObject({ role: "leading", phase: "discovery" });
    expect(peer.join(3n, { currentEpoch: 1, lastZxid: makeZxid(1, 3) })).toContain(
      "send 13: DIFF 1.3",
    );
  });

  it.each([
    ["has as much", 1, makeZxid(1, 3)],
    ["has a greater zxid of an epoch that ended earlier", 0, makeZxid(1, 9)],
  ])("by someone who %s", (_, epoch, zxid) => {
    const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
    peer.lead();
    peer.introduce(2n);
    expect(peer.hearFrom(2n, answer(epoch, zxid))).toContain("send 12: NEWLEADER epoch 2");
  });

  it("never, when somebody who is ahead comes late: then it is cut back", () => {
    const peer = new PeerHarness({ disk: MemoryDisk.holding({ txns: makeTxns(1, 1, 3) }) });
    peer.establish();
    expect(peer.join(3n, { currentEpoch: 1, lastZxid: makeZxid(1, 4) })).toEqual([
      "send 13: LEADERINFO epoch 2",
      "send 13: TRUNC 1.3",
      "send 13: NEWLEADER epoch 2",
    ]);
  });
});

describe("a leader gives up", () => {
  it("when no quorum comes within initLimit", () => {
    const peer = new PeerHarness();
    peer.lead();
    expect(peer.pass(999)).toEqual([]);
    expect(peer.pass(1).slice(0, 2)).toEqual(["stopListening", "connectElection 2,3"]);
    expect(peer.peer.status().role).toBe("looking");
  });

  it("when no quorum accepts the epoch within initLimit", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.pass(600);
    peer.introduce(2n);
    expect(peer.pass(999)).toEqual([]);
    // Counted from the moment at which the epoch was offered.
    expect(peer.pass(1)).toContain("stopListening");
    expect(peer.reports).toContainEqual(
      expect.objectContaining({ kind: "roleChanged", why: "no quorum accepted the epoch in time" }),
    );
  });

  it("when no quorum acknowledges its history within initLimit", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.join(2n);
    const beganMs = peer.nowMs;
    let said: string[] = [];
    while (!said.includes("stopListening") && peer.nowMs < 5000) {
      said = peer.pass(50);
      peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    }
    expect(peer.nowMs - beganMs).toBe(1000);
  });

  it("and then closes every connection", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.introduce(3n);
    peer.say({ kind: "accepted", connection: 50 });
    const said = peer.pass(1000);
    expect(said).toContain(`close ${connectionOf(3n)}: it was not heard from in time`);
    expect(said.some((text) => text.startsWith("close 50:"))).toBe(true);
  });
});
