/** Several connections that claim to be one server: the one that lives keeps its place. */
import { describe, expect, it } from "vitest";
import { PeerHarness } from "../test/peer-harness.js";
import type { OutgoingPacket } from "./wire/packet.js";
import { makeZxid } from "@jute-ts/zookeeper";

const NEWER = 50;
const TICK_MS = 100;

/** A leader that serves with follower 2, on connection 12, alone of the two others. */
function serving(): PeerHarness {
  const peer = new PeerHarness();
  peer.establish();
  return peer;
}

function hearNewer(peer: PeerHarness, ...packets: OutgoingPacket[]): string[] {
  return peer.say(...peer.hears(NEWER, ...packets));
}

/** Somebody connects, and says that it is server 2. */
function claim(peer: PeerHarness, acceptedEpoch = 0): string[] {
  peer.say({ kind: "accepted", connection: NEWER });
  const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
  return hearNewer(peer, { kind: "FOLLOWERINFO", acceptedEpoch, identity });
}

function acceptEpoch(peer: PeerHarness): string[] {
  return hearNewer(peer, { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 });
}

function answerPing(peer: PeerHarness): void {
  peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
}

describe("a connection that says it is a server which is connected already", () => {
  it("changes nothing by saying so, whatever epoch it has accepted", () => {
    const peer = serving();
    for (let count = 0; count < 30; count++) {
      const said = claim(peer, count);
      expect(said.filter((text) => !text.startsWith(`send ${NEWER}`))).toEqual([]);
      peer.pass(TICK_MS / 2);
      answerPing(peer);
    }
    expect(peer.peer.status()).toMatchObject({ role: "leading", serving: true, epoch: 1 });
  });

  it("asks the other one whether it lives, and is closed when that answers", () => {
    const peer = serving();
    claim(peer);
    expect(acceptEpoch(peer)).toEqual(["send 12: PING 1.0"]);
    peer.pass(TICK_MS / 2);
    answerPing(peer);
    const said = peer.pass(TICK_MS / 2);
    expect(said).toContain(`close ${NEWER}: server 2 is connected already, and answers`);
    expect(said.some((text) => text.startsWith("close 12"))).toBe(false);
    peer.submit(1);
    expect(peer.hearFrom(2n, { kind: "ACK", zxid: makeZxid(1, 1) })).toContain("answer 1: applied");
  });

  it("takes its place when that has been silent for a tick", () => {
    const peer = serving();
    claim(peer);
    acceptEpoch(peer);
    expect(peer.pass(TICK_MS - 1).filter((text) => text.startsWith("close"))).toEqual([]);
    const said = peer.pass(1);
    expect(said).toContain("close 12: the learner has connected again");
    expect(said).toContain(`send ${NEWER}: DIFF 0.0`);
  });

  it("takes its place at once when the end of that becomes known", () => {
    const peer = serving();
    claim(peer);
    acceptEpoch(peer);
    const said = peer.say({ kind: "disconnected", connection: 12, text: "reset" });
    expect(said).toEqual([`send ${NEWER}: DIFF 0.0`, `send ${NEWER}: NEWLEADER epoch 1`]);
  });

  it("is forgotten when it ends itself", () => {
    const peer = serving();
    claim(peer);
    acceptEpoch(peer);
    peer.say({ kind: "disconnected", connection: NEWER, text: "reset" });
    const said = peer.pass(3 * TICK_MS);
    expect(said.filter((text) => text.startsWith("close"))).toEqual([]);
  });

  it("is not waited for where nobody is brought up to date yet", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    peer.introduce(2n);
    expect(claim(peer)).toEqual([]);
    expect(peer.introduce(3n)).toHaveLength(3);
    peer.hearFrom(3n, { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 });
    expect(acceptEpoch(peer)).toContain(`send ${NEWER}: NEWLEADER epoch 1`);
  });
});

describe("a learner that has promised a later epoch", () => {
  it("is brought up to date and serves, and counts for nothing", () => {
    const peer = serving();
    const mark = { lastZxid: 0n, currentEpoch: undefined };
    const said = peer.join(3n, { acceptedEpoch: 7, ...mark });
    expect(said).toEqual([
      "send 13: LEADERINFO epoch 1, not counted",
      "send 13: DIFF 0.0",
      "send 13: NEWLEADER epoch 1",
    ]);
    expect(peer.hearFrom(3n, { kind: "ACK", zxid: makeZxid(1, 0) })).toEqual(["send 13: UPTODATE"]);
    peer.submit(1);
    const ack = { kind: "ACK", zxid: makeZxid(1, 1) } as const;
    expect(peer.hearFrom(3n, ack)).toEqual([]);
    expect(peer.hearFrom(2n, ack)).toContain("answer 1: applied");
    expect(peer.peer.status().learners.map(({ sid, votes }) => [sid, votes])).toEqual([
      [2n, true],
      [3n, false],
    ]);
    // With server 2 gone, it does not keep the leadership going either.
    peer.say({ kind: "disconnected", connection: 12, text: "reset" });
    for (let passed = 0; passed < 4; passed++) {
      peer.pass(TICK_MS / 2);
      peer.hearFrom(3n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    }
    expect(peer.peer.status().role).toBe("looking");
  });
});
