import type { ConnectionId, LearnerConnection } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { makeZxid, type Sid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun, sessionTxn } from "./fake-run.js";
import { TrueStatus } from "./true-status.js";

const ACCEPTED: ConnectionId = 1021;
const TXN = sessionTxn(1, 1);
const JOINED: LearnerConnection = {
  connection: ACCEPTED,
  sid: 2n,
  role: "follower",
  votes: true,
  stage: "forwarding",
  lastAckedZxid: TXN.zxid,
  packetsReceived: 5,
  requests: 1,
  queuedBytes: 500,
};

describe("TrueStatus", () => {
  it("knows who has joined, how far it is, and what has come from it", () => {
    const shows = (changed: Partial<LearnerConnection>) => shown([{ ...JOINED, ...changed }]);
    expect(shows({})).not.toThrow();
    expect(shows({ sid: 3n })).toThrow("server 3, where it is 2");
    expect(shows({ role: "observer" })).toThrow("role observer, where it is follower");
    expect(shows({ votes: false })).toThrow("votes false, where it is true");
    expect(shows({ packetsReceived: 4 })).toThrow("packets 4, where it is 5");
    expect(shows({ requests: 2 })).toThrow("requests 2, where it is 1");
    expect(shows({ lastAckedZxid: 0n })).toThrow("acknowledged 0, where it is");
    expect(shows({ stage: "awaitingActivation" })).toThrow("where it is forwarding");
    expect(shows({ queuedBytes: 10 })).toThrow("says that 10 bytes wait");
    expect(shows({ queuedBytes: 5000 })).toThrow("says that 5000 bytes wait");
  });

  it("knows which connections there are", () => {
    expect(shown([])).toThrow("has 1 connections, and shows 0");
    const other = { ...JOINED, connection: 1031 };
    expect(shown([other])).toThrow("shows connection 1031, which is none of its own");
  });

  it("does not judge a connection on which something came that no server sends", () => {
    const none: LearnerConnection = { ...JOINED, packetsReceived: 17 };
    expect(
      shown([none], (run) => {
        run.observe({ kind: "interference", sid: 1n });
      }),
    ).not.toThrow();
  });

  it("forgets what was acknowledged when a learner is told again what to cut", () => {
    const again = (run: FakeRun): void => {
      run.send(1n, 2n, { kind: "DIFF", zxid: TXN.zxid });
      run.send(1n, 2n, { kind: "NEWLEADER", epoch: 1, configuration: "" });
    };
    const changed = { stage: "awaitingNewLeaderAck" } as const;
    expect(shown([{ ...JOINED, ...changed, lastAckedZxid: 0n }], again)).not.toThrow();
    expect(shown([{ ...JOINED, ...changed }], again)).toThrow("where it is 0");
  });

  it("counts proposals, and syncs that wait for them", () => {
    const run = newRun();
    run.lead(1n, 1);
    const logged = { lastLoggedZxid: makeZxid(1, 3), lastProcessedZxid: TXN.zxid };
    run.step(1n, { ...logged, outstanding: 2 });
    run.step(1n, {}, [], { kind: "deadline" });
    run.step(1n, { pendingSyncs: 1 }, [], { kind: "sync", request: 7 });
    run.step(1n, { pendingSyncs: 0 });
    expect(() => {
      run.step(1n, {});
    }).toThrow("1 has 1 syncs that wait, and shows none");
    const other = newRun();
    other.lead(1n, 1);
    other.step(1n, { ...logged, outstanding: 3 });
    expect(() => {
      // It does not look each time.
      for (let left = 10; left > 0; left -= 1) other.step(1n, {});
    }).toThrow("has 2 proposals that are not committed, and shows 3");
  });

  it("counts no sync that was answered", () => {
    const run = newRun();
    run.lead(1n, 1);
    const answer = { kind: "answer", request: 7, answer: { kind: "synced" } } as const;
    run.step(1n, {}, [answer], { kind: "sync", request: 7 });
    run.step(1n, {});
    run.end();
  });
});

function newRun(): FakeRun {
  return new FakeRun([new TrueStatus()]);
}

/** What is said of a leader that shows these connections, of which there is one, of server 2. */
function shown(
  connections: readonly LearnerConnection[],
  then: (run: FakeRun) => void = () => undefined,
): () => void {
  const run = newRun();
  run.lead(1n, 1);
  run.step(1n, {}, [], { kind: "accepted", connection: ACCEPTED });
  const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
  hears(run, { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity });
  run.send(1n, 2n, { kind: "LEADERINFO", epoch: 1 });
  hears(run, { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 });
  run.send(1n, 2n, { kind: "DIFF", zxid: 0n });
  run.send(1n, 2n, { kind: "NEWLEADER", epoch: 1, configuration: "" });
  hears(run, { kind: "ACK", zxid: makeZxid(1, 0) });
  run.step(1n, {}, [], { kind: "drained", connection: ACCEPTED });
  run.send(1n, 2n, { kind: "UPTODATE" });
  const change = { sessionId: 7n, cxid: 1, opCode: 1, body: TXN.bytes, authInfo: [] };
  hears(run, { kind: "REQUEST", change });
  for (let left = 9; left > 0; left -= 1) run.send(1n, 2n, { kind: "PING", zxid: 0n });
  run.send(1n, 2n, { kind: "PROPOSAL", txn: TXN });
  hears(run, { kind: "ACK", zxid: TXN.zxid });
  then(run);
  run.peer(1n).peer = machineThatShows(connections);
  return () => {
    run.step(1n, {});
    run.step(1n, {});
  };
}

function hears(run: FakeRun, packet: OutgoingPacket, from: Sid = 2n): void {
  run.deliver(from, 1n, packet);
  run.step(1n, {}, [], { kind: "received", connection: ACCEPTED, bytes: new Uint8Array() });
}

function machineThatShows(connections: readonly LearnerConnection[]) {
  return {
    step: () => [],
    nextDeadline: () => undefined,
    status: () => {
      throw new Error("nobody asks for it");
    },
    learnerConnections: () => connections,
  };
}
