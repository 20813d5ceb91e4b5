import { describe, expect, it } from "vitest";
import { PeerHarness, TO_LEADER } from "../../test/peer-harness.js";
import { makeTxn, makeTxns } from "../../test/register-state.js";
import { makeZxid } from "@jute-ts/zookeeper";

const lost = { kind: "disconnected", connection: TO_LEADER, text: "reset" } as const;

function follower(options: ConstructorParameters<typeof PeerHarness>[0] = {}): PeerHarness {
  const peer = new PeerHarness(options);
  peer.followUpToDate();
  return peer;
}

describe("a follower", () => {
  it("logs a proposal, acknowledges it, and applies it when it is committed", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(1, 1));
    expect(peer.hear({ kind: "PROPOSAL", txn })).toEqual(["send 10: ACK 1.1"]);
    expect(peer.hear({ kind: "COMMIT", zxid: txn.zxid })).toEqual(["applied 1.1"]);
  });

  it("applies a reconfiguration's commit like any other", () => {
    const peer = follower();
    const txn = makeTxn(makeZxid(1, 1));
    peer.hear({ kind: "PROPOSAL", txn });
    expect(peer.hear({ kind: "COMMITANDACTIVATE", zxid: txn.zxid, designatedLeader: 3n })).toEqual([
      "applied 1.1",
    ]);
  });

  it("forwards what its clients ask for, and answers from the txn that it became", () => {
    const peer = follower();
    expect([...peer.submit(7, 5n), ...peer.submit(8, 5n)]).toEqual([
      "send 10: REQUEST",
      "send 10: REQUEST",
    ]);
    const others = makeTxn(makeZxid(1, 1), 6n, 7);
    const own = makeTxn(makeZxid(1, 2), 5n, 7);
    peer.hear({ kind: "PROPOSAL", txn: others }, { kind: "PROPOSAL", txn: own });
    expect(peer.hear({ kind: "COMMIT", zxid: others.zxid })).toEqual(["applied 1.1"]);
    expect(peer.hear({ kind: "COMMIT", zxid: own.zxid })).toEqual([
      "applied 1.2",
      "answer 7: applied",
    ]);
  });

  it("answers syncs in their order, and ignores a SYNC that nobody waits for", () => {
    const peer = follower();
    for (const request of [1, 2]) {
      expect(peer.say({ kind: "sync", request, sessionId: 5n, cxid: request })).toEqual([
        "send 10: SYNCREQUEST",
      ]);
    }
    expect(peer.hear({ kind: "SYNC" })).toEqual(["answer 1: synced"]);
    expect(peer.hear({ kind: "SYNC" })).toEqual(["answer 2: synced"]);
    expect(peer.hear({ kind: "SYNC" })).toEqual([]);
    expect(peer.peer.status().role).toBe("following");
  });

  it("answers revalidations by their session, and ignores one that nobody waits for", () => {
    const peer = follower();
    peer.say({ kind: "revalidate", request: 1, sessionId: 5n, timeoutMs: 10 });
    peer.say({ kind: "revalidate", request: 2, sessionId: 6n, timeoutMs: 10 });
    expect(peer.hear({ kind: "REVALIDATED", sessionId: 6n, valid: true })).toEqual([
      "answer 2: revalidated",
    ]);
    expect(peer.hear({ kind: "REVALIDATED", sessionId: 9n, valid: true })).toEqual([]);
    expect(peer.hear({ kind: "REVALIDATED", sessionId: 5n, valid: false })).toEqual([
      "answer 1: revalidated",
    ]);
  });

  it("answers a PING with the sessions that it has heard from since the last one", () => {
    const peer = follower();
    peer.state.sessions.set(5n, 1000);
    peer.say({ kind: "touch", sessionId: 5n }, { kind: "touch", sessionId: 5n });
    // A session that does not exist takes no room.
    peer.say({ kind: "touch", sessionId: 6n });
    expect(peer.hear({ kind: "PING", zxid: 1n })).toEqual(["send 10: PINGANSWER 0.1 touched 1"]);
    expect(peer.hear({ kind: "PING", zxid: 1n })).toEqual(["send 10: PINGANSWER 0.1 touched 0"]);
  });

  it("does not know what became of requests when its leader is lost", () => {
    const peer = follower();
    peer.submit(1, 5n);
    peer.say({ kind: "sync", request: 2, sessionId: 5n, cxid: 2 });
    peer.say({ kind: "revalidate", request: 3, sessionId: 5n, timeoutMs: 10 });
    expect(peer.say(lost).filter((text) => text.startsWith("answer"))).toEqual([
      "answer 1: unknown",
      "answer 2: unknown",
      "answer 3: unknown",
    ]);
    expect(peer.submit(4)).toEqual(["answer 4: refused"]);
  });

  it("refuses requests before UPTODATE", () => {
    const peer = new PeerHarness();
    peer.follow();
    expect(peer.submit(1)).toEqual(["answer 1: refused"]);
  });

  it("refuses requests when too many wait already, of whatever kind", () => {
    const peer = follower({ maxWaitingRequests: 3 });
    peer.submit(1, 5n);
    peer.say({ kind: "sync", request: 2, sessionId: 5n, cxid: 2 });
    peer.say({ kind: "revalidate", request: 3, sessionId: 5n, timeoutMs: 10 });
    expect(peer.submit(4, 5n)).toEqual(["answer 4: refused"]);
    peer.hear({ kind: "SYNC" });
    expect(peer.submit(5, 5n)).toEqual(["send 10: REQUEST"]);
  });

  it.each([
    ["that is not the next", makeZxid(1, 2)],
    ["of nothing that was proposed", makeZxid(1, 7)],
  ])("goes back to an election for a COMMIT %s, and does not exit", (_, zxid) => {
    const peer = follower();
    for (const txn of makeTxns(1, 1, 2)) peer.hear({ kind: "PROPOSAL", txn });
    const said = peer.hear({ kind: "COMMIT", zxid });
    expect(said.slice(0, 3)).toEqual([
      "close 10: commit-order",
      "applied 1.1 uncommitted",
      "applied 1.2 uncommitted",
    ]);
    expect(peer.peer.status().role).toBe("looking");
    peer.follow();
    expect(peer.hear({ kind: "LEADERINFO", epoch: 1 })).toEqual([
      "send 10: ACKEPOCH 1.2 current none",
    ]);
  });

  it("loses a leader that is silent for syncLimit", () => {
    const peer = follower();
    peer.pass(499);
    expect(peer.peer.status().serving).toBe(true);
    peer.pass(1);
    expect(peer.peer.status()).toMatchObject({ serving: false, role: "looking" });
  });
});
