import { beforeEach, describe, expect, it } from "vitest";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { PeerStatus } from "@jute-ts/quorum";
import { type Epoch, makeZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { DiscoveryQuorum } from "./discovery-quorum.js";
import { FakeRun } from "./fake-run.js";
import { newGhosts } from "../model/ghosts.js";

const leader = 1n;
const leadersZxid = makeZxid(3, 7);

let run: FakeRun;

function begin(size: number): void {
  run = new FakeRun([new DiscoveryQuorum(newGhosts().links)], size);
  elect(leader);
}

/** The server is a leader that has accepted epoch 4, has followed epoch 3, and ends there. */
function elect(sid: Sid, change: Partial<PeerStatus> = {}): void {
  run.step(sid, { role: "looking", phase: undefined });
  const history = { acceptedEpoch: 4, currentEpoch: 3, lastProcessedZxid: leadersZxid };
  run.step(sid, { role: "leading", phase: "discovery", ...history, ...change });
}

function come(sid: Sid, acceptedEpoch: Epoch, to = leader): void {
  const identity = { sid, protocolVersion: 0x10000, configVersion: 0n };
  run.step(sid, { role: "following", phase: "discovery" });
  run.say(sid, to, { kind: "FOLLOWERINFO", acceptedEpoch, identity });
}

function offer(sid: Sid, epoch: Epoch, from = leader): void {
  run.say(from, sid, { kind: "LEADERINFO", epoch });
}

function promise(
  sid: Sid,
  currentEpoch: Epoch | undefined,
  lastZxid: Zxid = leadersZxid,
  to = leader,
): void {
  run.say(sid, to, { kind: "ACKEPOCH", lastZxid, currentEpoch });
}

const plan: OutgoingPacket = { kind: "DIFF", zxid: leadersZxid };

beforeEach(() => {
  begin(3);
});

describe("DiscoveryQuorum", () => {
  it("accepts an epoch that is new to a quorum and promised by it, and whoever comes later", () => {
    come(2n, 4);
    offer(2n, 5);
    promise(2n, 3);
    run.step(leader, { phase: "synchronization", epoch: 5 });
    run.send(leader, 2n, plan);
    come(3n, 5);
    offer(3n, 5);
    promise(3n, undefined, makeZxid(3, 9));
    run.send(leader, 3n, plan);
  });

  it("accepts a learner that comes again with what it has promised since its first visit", () => {
    come(2n, 3);
    come(2n, 5);
    offer(2n, 5);
    promise(2n, undefined);
  });

  it("accepts that a learner with more is synchronized once the epoch is agreed on", () => {
    come(2n, 4);
    offer(2n, 5);
    promise(2n, 3);
    run.step(leader, { phase: "synchronization", epoch: 5 });
    come(3n, 4);
    offer(3n, 5);
    promise(3n, 3, makeZxid(3, 9));
    run.send(leader, 3n, plan);
  });

  it.each([
    ["that the only follower has accepted before", 3, 5],
    ["with less than a quorum", 5, 4],
  ])("refuses an offer %s", (_, size, acceptedEpoch) => {
    begin(size);
    come(2n, acceptedEpoch);
    expect(() => {
      offer(2n, 5);
    }).toThrow(`not new to a quorum: those who came are 1 with 4, 2 with ${acceptedEpoch}`);
  });

  it("refuses an epoch that the leader has accepted before", () => {
    come(2n, 3);
    expect(() => {
      offer(2n, 4);
    }).toThrow("1 offers epoch 4, which is not new to a quorum");
  });

  it("refuses a second epoch in one leadership", () => {
    come(2n, 4);
    offer(2n, 5);
    come(3n, 4);
    expect(() => {
      offer(3n, 6);
    }).toThrow("1 offers epoch 6, after it has offered 5");
  });

  it("forgets who came in an earlier leadership", () => {
    begin(5);
    come(2n, 4);
    elect(leader);
    come(3n, 4);
    expect(() => {
      offer(3n, 5);
    }).toThrow("those who came are 1 with 4, 3 with 4");
  });

  it.each<[string, Epoch | undefined, Zxid]>([
    ["has promised it before", undefined, leadersZxid],
    ["has no database", 0, -1n],
    ["has a later txn", 3, makeZxid(3, 8)],
    ["has followed a later epoch", 4, makeZxid(3, 6)],
  ])("refuses to leave discovery with a follower that %s", (_, currentEpoch, lastZxid) => {
    come(2n, 4);
    offer(2n, 5);
    promise(2n, currentEpoch, lastZxid);
    expect(() => {
      run.step(leader, { phase: "synchronization", epoch: 5 });
    }).toThrow("of those who have no more than itself only 1 have promised its epoch");
  });

  it("refuses to synchronize anyone before a quorum has promised", () => {
    begin(5);
    come(2n, 4);
    come(3n, 4);
    offer(2n, 5);
    promise(2n, 3);
    expect(() => {
      run.send(leader, 2n, plan);
    }).toThrow("only 1, 2 have promised its epoch");
  });

  it("refuses to synchronize a follower that came with more while a quorum was missing", () => {
    come(2n, 4);
    come(3n, 4);
    offer(2n, 5);
    offer(3n, 5);
    promise(2n, 3, makeZxid(3, 8));
    promise(3n, 3);
    run.step(leader, { phase: "synchronization", epoch: 5 });
    expect(() => {
      run.send(leader, 2n, plan);
    }).toThrow(
      "synchronizes 2, which has 0x300000008 of epoch 3, more than 0x300000007 of epoch 3",
    );
  });

  it("refuses a promise of what was accepted before", () => {
    come(2n, 5);
    come(3n, 4);
    offer(2n, 5);
    expect(() => {
      promise(2n, 3);
    }).toThrow("2 promises epoch 5, after it has come with 5 as accepted");
  });

  it("refuses two promises of one epoch, whatever is said of it in between", () => {
    come(2n, 4);
    come(3n, 4);
    offer(3n, 5);
    promise(3n, 3);
    elect(2n);
    come(3n, 4, 2n);
    offer(3n, 5, 2n);
    expect(() => {
      promise(3n, 3, leadersZxid, 2n);
    }).toThrow("3 promises epoch 5, but it has promised 5 before");
  });

  it("refuses to offer what the leader has promised to another", () => {
    come(2n, 4);
    offer(2n, 5);
    promise(2n, 3);
    elect(2n);
    come(3n, 4, 2n);
    expect(() => {
      offer(3n, 5, 2n);
    }).toThrow("2 offers epoch 5, but it has promised 5 before");
  });
});
