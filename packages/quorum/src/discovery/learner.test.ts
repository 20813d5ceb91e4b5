import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../test/memory-disk.js";
import { PeerHarness, TO_LEADER } from "../../test/peer-harness.js";
import { makeTxns, snapshotPackets } from "../../test/register-state.js";
import { makeZxid } from "@jute-ts/zookeeper";

/** A peer that has found server 3 to be the leader, and has asked for a connection. */
function seeking(options: ConstructorParameters<typeof PeerHarness>[0] = {}): PeerHarness {
  const peer = new PeerHarness(options);
  peer.say({ kind: "start" });
  peer.say(peer.vote(3n, 3n, "leading"), peer.vote(2n, 3n, "following"));
  return peer;
}

/** A follower with txns up to 1.3, which has accepted epoch 5 and last served in epoch 4. */
function follower(): PeerHarness {
  const disk = MemoryDisk.holding({
    txns: makeTxns(1, 1, 3),
    currentEpoch: 4,
    acceptedEpoch: 5,
  });
  const peer = new PeerHarness({ disk });
  peer.follow();
  return peer;
}

describe("a learner says who it is", () => {
  it("as a follower, with its accepted epoch, as soon as it is connected", () => {
    const peer = seeking({ disk: MemoryDisk.holding({ currentEpoch: 4, acceptedEpoch: 5 }) });
    expect(peer.step({ kind: "connected", attempt: 1, connection: TO_LEADER })).toEqual([
      {
        kind: "send",
        connection: TO_LEADER,
        packet: {
          kind: "FOLLOWERINFO",
          acceptedEpoch: 5,
          identity: { sid: 1n, protocolVersion: 0x10000, configVersion: 0n },
        },
      },
    ]);
  });

  it("as an observer, when it has no vote", () => {
    const peer = new PeerHarness({ sid: 4n, observers: 1 });
    expect(peer.follow().at(-1)).toBe("send 10: OBSERVERINFO epoch 0");
    expect(peer.peer.status().role).toBe("observing");
  });
});

describe("a learner connects", () => {
  it("with five attempts, 100 ms apart, and looks for a leader again after the last", () => {
    const peer = seeking();
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(peer.say({ kind: "connectFailed", attempt, text: "refused" })).toEqual([]);
      expect(peer.pass(99)).toEqual([]);
      expect(peer.pass(1)).toEqual([`connect 3 attempt ${attempt + 1}`]);
    }
    expect(peer.say({ kind: "connectFailed", attempt: 5, text: "refused" })[0]).toBe(
      "connectElection 2,3",
    );
    expect(peer.peer.status().role).toBe("looking");
  });

  it("within initLimit", () => {
    const peer = seeking();
    expect(peer.pass(999)).toEqual([]);
    peer.pass(1);
    expect(peer.peer.status().role).toBe("looking");
  });

  it("within connectToLearnerMasterLimit where that is set", () => {
    const peer = seeking({ connectToLearnerMasterLimit: 3 });
    peer.pass(299);
    expect(peer.peer.status().role).toBe("following");
    peer.pass(1);
    expect(peer.peer.status().role).toBe("looking");
  });

  it("and closes a connection that comes too late or twice", () => {
    const peer = seeking();
    peer.say({ kind: "connectFailed", attempt: 1, text: "refused" });
    const unwanted = "the connection is not wanted any more";
    expect(peer.say({ kind: "connected", attempt: 1, connection: 20 })).toEqual([
      `close 20: ${unwanted}`,
    ]);
    peer.pass(100);
    expect(peer.say({ kind: "connected", attempt: 2, connection: 21 })).toEqual([
      "send 21: FOLLOWERINFO epoch 0",
    ]);
    expect(peer.say({ kind: "connected", attempt: 2, connection: 22 })).toEqual([
      `close 22: ${unwanted}`,
    ]);
    expect(peer.peer.status().role).toBe("following");
  });

  it("and closes a connection that comes when the role is over", () => {
    const peer = seeking();
    peer.pass(1000);
    expect(peer.say({ kind: "connected", attempt: 1, connection: 20 })).toEqual([
      "close 20: this server does not take part now",
    ]);
  });
});

describe("a learner that hears the leader's epoch", () => {
  it("accepts one that is new: on disk first, then it answers with the current epoch and the last txn", () => {
    const peer = follower();
    peer.holdFiles = true;
    expect(peer.hear({ kind: "LEADERINFO", epoch: 6 })).toEqual([]);
    expect(peer.peer.status().acceptedEpoch).toBe(5);
    expect(peer.traceFiles().slice(-2)).toEqual([
      "* syncDirectory data",
      "send 10: ACKEPOCH 1.3 current 4",
    ]);
    expect(peer.peer.status()).toMatchObject({ acceptedEpoch: 6, currentEpoch: 4, epoch: 6 });
  });

  describe("without a database, where none may be made", () => {
    const withoutDatabase = (): PeerHarness => {
      const peer = new PeerHarness({ storage: { autocreate: false } });
      peer.follow();
      return peer;
    };

    it("does not let itself be counted: it does not know what it promised before", () => {
      const peer = withoutDatabase();
      expect(peer.reports).toContainEqual({ kind: "withoutVote" });
      // What Apache's server says in its place: last zxid -1, current epoch -1.
      expect(peer.hear({ kind: "LEADERINFO", epoch: 6 })).toEqual([
        "send 10: ACKEPOCH -1.4294967295 current none",
      ]);
      // Nor for the same epoch once more.
      peer.say({ kind: "disconnected", connection: TO_LEADER, text: "reset" });
      peer.follow();
      expect(peer.hear({ kind: "LEADERINFO", epoch: 6 })).toEqual([
        "send 10: ACKEPOCH -1.4294967295 current none",
      ]);
      // And not after a restart, which finds the epoch that was accepted and still no database.
      const restarted = peer.restart();
      restarted.follow();
      expect(restarted.hear({ kind: "LEADERINFO", epoch: 7 })).toEqual([
        "send 10: ACKEPOCH -1.4294967295 current none",
      ]);
    });

    it("counts again as soon as a leader's snapshot is on its disk, UPTODATE or not", () => {
      const peer = withoutDatabase();
      const zxid = makeZxid(6, 1);
      peer.hear({ kind: "LEADERINFO", epoch: 6 });
      peer.hear(...snapshotPackets(zxid, [zxid]));
      expect(peer.hear({ kind: "NEWLEADER", epoch: 6, configuration: "" })).toEqual([
        "send 10: ACK 6.0",
      ]);
      const votes = peer
        .step({ kind: "disconnected", connection: TO_LEADER, text: "reset" })
        .filter((effect) => effect.kind === "notify");
      expect(votes[0]?.notification).toMatchObject({ leader: 1n, zxid, peerEpoch: 6n });
      peer.follow();
      expect(peer.hear({ kind: "LEADERINFO", epoch: 7 })).toEqual([
        "send 10: ACKEPOCH 6.1 current 6",
      ]);
    });
  });

  it("does not let itself be counted for one that it has accepted before", () => {
    const peer = follower();
    peer.holdFiles = true;
    expect(peer.hear({ kind: "LEADERINFO", epoch: 5 })).toEqual([
      "send 10: ACKEPOCH 1.3 current none",
    ]);
    expect(peer.nextFile()).toBeUndefined();
  });

  it("leaves a leader whose epoch is older", () => {
    const peer = follower();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 4 })[0]).toBe("close 10: epoch");
    expect(peer.peer.status()).toMatchObject({ role: "looking", acceptedEpoch: 5 });
  });

  it("follows one whose epoch is older, if that does not count it", () => {
    const peer = follower();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 4, isCounted: false })).toEqual([
      "send 10: ACKEPOCH 1.3 current none",
    ]);
    expect(peer.reports).toContainEqual({
      kind: "notCounted",
      leader: 3n,
      epoch: 4,
      acceptedEpoch: 5,
    });
    peer.hear({ kind: "DIFF", zxid: makeZxid(1, 3) });
    peer.hear({ kind: "NEWLEADER", epoch: 4, configuration: "" }, { kind: "UPTODATE" });
    expect(peer.peer.status()).toMatchObject({ serving: true, epoch: 4, acceptedEpoch: 5 });
    // The promise stands.
    expect(peer.restart().say({ kind: "start" })).not.toEqual([]);
    expect(peer.peer.status().acceptedEpoch).toBe(5);
  });

  it("never follows one whose epoch is older than what it stands for itself", () => {
    const peer = follower();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 3, isCounted: false })[0]).toBe(
      "close 10: epoch",
    );
    const disk = MemoryDisk.holding({ txns: makeTxns(4, 1, 3), currentEpoch: 4, acceptedEpoch: 9 });
    const later = new PeerHarness({ disk });
    later.follow();
    expect(later.hear({ kind: "LEADERINFO", epoch: 3, isCounted: false })[0]).toBe(
      "close 10: epoch",
    );
  });

  it("does not believe one that is more than 2^20 ahead", () => {
    const near = follower();
    expect(near.hear({ kind: "LEADERINFO", epoch: 5 + 2 ** 20 })).toEqual([
      "send 10: ACKEPOCH 1.3 current 4",
    ]);
    const far = follower();
    expect(far.hear({ kind: "LEADERINFO", epoch: 6 + 2 ** 20 })[0]).toBe("close 10: epoch");
    expect(far.peer.status().acceptedEpoch).toBe(5);
  });

  it("takes a second one for nonsense, also while the first is on its way to the disk", () => {
    const peer = follower();
    peer.holdFiles = true;
    peer.hear({ kind: "LEADERINFO", epoch: 6 });
    expect(peer.hear({ kind: "LEADERINFO", epoch: 7 })).toContain("close 10: unexpected-packet");
    // The promise to disk cannot be taken back, but nobody is told.
    expect(peer.releaseFiles().filter((text) => text.startsWith("send"))).toEqual([]);
    expect(peer.peer.status().acceptedEpoch).toBe(6);
  });

  it("loses a leader that says nothing for initLimit", () => {
    const peer = follower();
    expect(peer.pass(999)).toEqual([]);
    expect(peer.pass(1)[0]).toBe("close 10: the leader was not heard from in time");
    expect(peer.peer.status().role).toBe("looking");
  });

  it("reports txns that are logged and were never committed: they are its history", () => {
    const disk = MemoryDisk.holding({ txns: makeTxns(3, 1, 7), currentEpoch: 3 });
    const peer = new PeerHarness({ disk });
    peer.follow();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 4 })).toEqual([
      "send 10: ACKEPOCH 3.7 current 3",
    ]);
    expect(peer.peer.status().lastDurableZxid).toBe(makeZxid(3, 7));
  });
});
