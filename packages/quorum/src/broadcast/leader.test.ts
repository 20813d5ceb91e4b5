import { ErrorCode, makeZxid, OpCode, type Sid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { changeOf, connectionOf, PeerHarness } from "../../test/peer-harness.js";
import type { Effect } from "../effects.js";
import type { LoggedTxn } from "../replicated-state.js";

const SESSION = 0x200_0000_0000_0001n;
const acked = (counter: number) => ({ kind: "ACK", zxid: makeZxid(1, counter) }) as const;

/** The proposals among the effects, each once. */
function proposed(effects: readonly Effect[]): LoggedTxn[] {
  const txns = new Set<LoggedTxn>();
  for (const effect of effects) {
    if (effect.kind === "send" && effect.packet.kind === "PROPOSAL") txns.add(effect.packet.txn);
  }
  return [...txns];
}

/** A leader whose follower 2 has opened a session. */
function withSession(): PeerHarness {
  const peer = new PeerHarness();
  peer.establish();
  peer.hearFrom(2n, { kind: "REQUEST", change: changeOf(SESSION, 0, OpCode.createSession) });
  peer.hearFrom(2n, acked(1));
  return peer;
}

/** Time passes, and the follower answers and acknowledges; what is proposed meanwhile. */
function live(peer: PeerHarness, ms: number, touch: boolean): LoggedTxn[] {
  const txns: LoggedTxn[] = [];
  const touched = touch ? [{ sessionId: SESSION, timeoutMs: 1000 }] : [];
  for (let passed = 0; passed < ms; passed += 50) {
    peer.nowMs += 50;
    const effects = [
      ...peer.step({ kind: "deadline" }),
      ...peer.step(...peer.hears(12, { kind: "PINGANSWER", zxid: 0n, touched })),
    ];
    for (const txn of proposed(effects)) {
      txns.push(txn);
      peer.hearFrom(2n, { kind: "ACK", zxid: txn.zxid });
    }
  }
  return txns;
}

function errorOf({ header, bytes }: LoggedTxn): number | undefined {
  if (header.type !== OpCode.error) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getInt32(0);
}

describe("what asks for no change", () => {
  const NO_CHANGES = [
    OpCode.getData,
    OpCode.exists,
    OpCode.multiRead,
    OpCode.sync,
    OpCode.ping,
    999,
    -7,
  ];

  it.each(NO_CHANGES)("is refused without a proposal: op code %i, at a leader", (opCode) => {
    const peer = new PeerHarness();
    peer.establish();
    const before = peer.peer.status();
    expect(peer.submit(1, 0n, opCode)).toEqual(["answer 1: refused"]);
    expect(peer.peer.status()).toEqual(before);
  });

  // As Java's leader, which gives such a request no header, so that nothing is proposed, and goes on.
  it.each([OpCode.getData, 999])("is passed over in a REQUEST: op code %i", (opCode) => {
    const peer = new PeerHarness();
    peer.establish();
    expect(peer.hearFrom(2n, { kind: "REQUEST", change: changeOf(0n, 1, opCode) })).toEqual([]);
    expect(peer.reports.at(-1)).toMatchObject({ kind: "ignored" });
    expect(peer.hearFrom(2n, { kind: "REQUEST", change: changeOf(0n, 2) })).toEqual([
      "send 12: PROPOSAL 1.1",
    ]);
  });
});

describe("proposals are committed", () => {
  it("in order, with one ack for all that came before it", () => {
    const peer = new PeerHarness();
    peer.establish();
    expect([...peer.submit(1), ...peer.submit(2)]).toEqual([
      "send 12: PROPOSAL 1.1",
      "send 12: PROPOSAL 1.2",
    ]);
    expect(peer.hearFrom(2n, acked(2))).toEqual([
      "send 12: COMMIT 1.1",
      "applied 1.1",
      "answer 1: applied",
      "send 12: COMMIT 1.2",
      "applied 1.2",
      "answer 2: applied",
    ]);
  });

  it("by acks that count once: older ones, and that of the epoch, change nothing", () => {
    const peer = new PeerHarness({ voters: 5 });
    peer.lead();
    peer.introduce(2n);
    peer.introduce(3n);
    const answer = { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 } as const;
    for (const sid of [2n, 3n]) peer.hearFrom(sid, answer);
    for (const sid of [2n, 3n]) peer.hearFrom(sid, acked(0));
    peer.submit(1);
    peer.submit(2);
    peer.hearFrom(2n, acked(2));
    expect(peer.hearFrom(2n, acked(1), acked(0), acked(2))).toEqual([]);
    const [learner] = peer.peer.status().learners;
    expect(learner?.lastAckedZxid).toBe(makeZxid(1, 2));
  });

  it("not by acks of servers that have no vote", () => {
    const peer = new PeerHarness({ observers: 1 });
    peer.establish();
    peer.joinAndAck(4n, { role: "follower" });
    peer.submit(1);
    expect(peer.hearFrom(4n, acked(1))).toEqual([]);
    expect(peer.peer.status().outstanding).toBe(1);
  });

  it("also by the ack of a follower that has not acknowledged NEWLEADER yet (ZOOKEEPER-4685)", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.submit(1);
    peer.join(3n);
    expect(peer.hearFrom(3n, acked(1))).toContain("answer 1: applied");
    expect(peer.hearFrom(3n, acked(0))).toEqual(["send 13: UPTODATE", "send 13: COMMIT 1.1"]);
  });
});

describe("a request that must fail is proposed as an error", () => {
  it("when its session is not there", () => {
    const peer = new PeerHarness();
    peer.establish();
    const request = { kind: "REQUEST", change: changeOf(99n, 7) } as const;
    const [txn] = proposed(peer.step(...peer.hears(12, request)));
    expect(txn && errorOf(txn)).toBe(ErrorCode.SESSIONEXPIRED);
    expect(txn?.header).toMatchObject({ clientId: 99n, cxid: 7, zxid: makeZxid(1, 1) });
  });

  it("when its session has moved to another server", () => {
    const peer = withSession();
    const submit = { kind: "submit", request: 1, change: changeOf(SESSION, 7) } as const;
    const [moved] = proposed(peer.step(submit));
    expect(moved && errorOf(moved)).toBe(ErrorCode.SESSIONMOVED);
    expect(peer.hearFrom(2n, acked(2))).toContain("answer 1: applied");
    // A server that asks for the session gets it, and the former owner has lost it.
    expect(
      peer.say({ kind: "revalidate", request: 2, sessionId: SESSION, timeoutMs: 1000 }),
    ).toEqual(["answer 2: revalidated"]);
    const [own] = proposed(peer.step(submit));
    expect(own && errorOf(own)).toBeUndefined();
    const late = { kind: "REQUEST", change: changeOf(SESSION, 8) } as const;
    const [former] = proposed(peer.step(...peer.hears(12, late)));
    expect(former && errorOf(former)).toBe(ErrorCode.SESSIONMOVED);
  });
});

describe("a session", () => {
  it("expires once when nobody hears from its client, by a closeSession", () => {
    const peer = withSession();
    const txns = live(peer, 3000, false);
    expect(txns.map(({ header }) => [header.type, header.clientId])).toEqual([
      [OpCode.closeSession, SESSION],
    ]);
    expect(peer.state.sessions.size).toBe(0);
  });

  it("is closed once when its client closes it and is not heard from any more", () => {
    const peer = withSession();
    const close = { kind: "REQUEST", change: changeOf(SESSION, 9, OpCode.closeSession) } as const;
    expect(proposed(peer.step(...peer.hears(12, close)))).toHaveLength(1);
    // The quorum takes its time, and the session's ends meanwhile.
    const txns: LoggedTxn[] = [];
    for (let passed = 0; passed < 450; passed += 50) {
      peer.nowMs += 50;
      txns.push(...proposed(peer.step({ kind: "deadline" })));
      peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    }
    expect(peer.peer.status().outstanding).toBe(1);
    expect(txns).toEqual([]);
    // Nor does anything bring it back, or let it ask for more.
    expect(peer.hearFrom(2n, { kind: "REVALIDATE", sessionId: SESSION, timeoutMs: 1000 })).toEqual([
      "send 12: REVALIDATED false",
    ]);
    const late = { kind: "REQUEST", change: changeOf(SESSION, 10) } as const;
    const [refused] = proposed(peer.step(...peer.hears(12, late)));
    expect(refused && errorOf(refused)).toBe(ErrorCode.SESSIONEXPIRED);
    peer.hearFrom(2n, acked(3));
    expect(peer.state.sessions.size).toBe(0);
  });

  it("lives on while a learner hears from its client", () => {
    const peer = withSession();
    expect(live(peer, 3000, true)).toEqual([]);
    expect(live(peer, 1200, false)).toHaveLength(1);
  });

  it("stays with the server that its client has come to before it was committed, as long as that asked for", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.hearFrom(2n, { kind: "REQUEST", change: changeOf(SESSION, 0, OpCode.createSession) });
    const renewal = {
      kind: "revalidate",
      request: 1,
      sessionId: SESSION,
      timeoutMs: 5000,
    } as const;
    expect(peer.say(renewal)).toEqual(["answer 1: revalidated"]);
    peer.hearFrom(2n, acked(1));
    const submit = { kind: "submit", request: 2, change: changeOf(SESSION, 7) } as const;
    const [own] = proposed(peer.step(submit));
    expect(own && errorOf(own)).toBeUndefined();
    const late = { kind: "REQUEST", change: changeOf(SESSION, 8) } as const;
    const [former] = proposed(peer.step(...peer.hears(12, late)));
    expect(former && errorOf(former)).toBe(ErrorCode.SESSIONMOVED);
    expect(peer.peer.sessionExpiries()).toEqual(new Map([[SESSION, peer.nowMs + 5000]]));
  });

  it("does not come back when its end was proposed before it was committed", () => {
    const peer = new PeerHarness();
    peer.establish();
    for (const opCode of [OpCode.createSession, OpCode.closeSession])
      peer.hearFrom(2n, { kind: "REQUEST", change: changeOf(SESSION, 0, opCode) });
    peer.hearFrom(2n, acked(1));
    expect(peer.peer.sessionExpiries()).toEqual(new Map());
    const late = { kind: "REQUEST", change: changeOf(SESSION, 8) } as const;
    const [refused] = proposed(peer.step(...peer.hears(12, late)));
    expect(refused && errorOf(refused)).toBe(ErrorCode.SESSIONEXPIRED);
  });

  it("is confirmed where it exists, and only there", () => {
    const peer = withSession();
    expect(peer.hearFrom(2n, { kind: "REVALIDATE", sessionId: SESSION, timeoutMs: 1000 })).toEqual([
      "send 12: REVALIDATED true",
    ]);
    expect(peer.hearFrom(2n, { kind: "REVALIDATE", sessionId: 99n, timeoutMs: 1000 })).toEqual([
      "send 12: REVALIDATED false",
    ]);
    // Once it expires, nothing brings it back.
    peer.nowMs += 400;
    peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    live(peer, 1000, false);
    expect(
      peer.step(...peer.hears(12, { kind: "REVALIDATE", sessionId: SESSION, timeoutMs: 1000 })),
    ).toMatchObject([{ packet: { kind: "REVALIDATED", valid: false } }]);
  });
});

describe("a sync", () => {
  it("is answered at once when nothing waits", () => {
    const peer = new PeerHarness();
    peer.establish();
    expect(peer.say({ kind: "sync", request: 1, sessionId: 0n, cxid: 1 })).toEqual([
      "answer 1: synced",
    ]);
    expect(peer.hearFrom(2n, { kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 })).toEqual([
      "send 12: SYNC",
    ]);
  });

  it("waits for all that was proposed before it, and keeps its place in the order", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.submit(1);
    expect(peer.say({ kind: "sync", request: 2, sessionId: 0n, cxid: 1 })).toEqual([]);
    peer.submit(3);
    expect(peer.hearFrom(2n, { kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 })).toEqual([]);
    expect(peer.peer.status().pendingSyncs).toBe(2);
    expect(peer.hearFrom(2n, acked(1)).slice(-2)).toEqual([
      "answer 1: applied",
      "answer 2: synced",
    ]);
    expect(peer.peer.status().pendingSyncs).toBe(1);
    expect(peer.hearFrom(2n, acked(2)).slice(-2)).toEqual(["answer 3: applied", "send 12: SYNC"]);
    expect(peer.peer.status().pendingSyncs).toBe(0);
  });
});

describe("a leader", () => {
  it("pings every half tick, with the last proposal's zxid", () => {
    const peer = new PeerHarness();
    peer.establish();
    const began = peer.nowMs;
    expect(peer.pass(50)).toEqual(["send 12: PING 1.0"]);
    peer.submit(1);
    expect(peer.pass(50)).toEqual(["send 12: PING 1.1"]);
    expect(peer.nowMs - began).toBe(100);
  });

  it("serves nobody any more at the latest syncLimit and a tick after it last heard from a quorum", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    peer.submit(1);
    expect(peer.peer.status().serving).toBe(true);
    peer.pass(450);
    expect(peer.peer.status().serving).toBe(true);
    const said = peer.pass(150);
    expect(said).toContain("stopListening");
    expect(said).toContain("answer 1: unknown");
    expect(peer.peer.status().serving).toBe(false);
    expect(peer.state.prepared).toEqual([]);
    // What it had proposed is logged, and so belongs to the history that it votes with.
    expect(said).toContain("applied 1.1 uncommitted");
  });

  it("drops a follower that answers pings and does not acknowledge", () => {
    const peer = new PeerHarness();
    peer.establish();
    peer.submit(1);
    const said: string[] = [];
    let waitedMs = 0;
    while (!said.some((text) => text.startsWith("close 12")) && waitedMs < 2000) {
      waitedMs += 50;
      said.push(...peer.pass(50));
      peer.hearFrom(2n, { kind: "PINGANSWER", zxid: 0n, touched: [] });
    }
    expect(said).toContain("close 12: it does not acknowledge proposals");
    expect(waitedMs).toBeGreaterThan(500);
    expect(waitedMs).toBeLessThanOrEqual(600);
  });

  it("drops it too while the others are a quorum and commit", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    const said: string[] = [];
    let waitedMs = 0;
    for (let counter = 1; waitedMs < 600; counter++, waitedMs += 50) {
      peer.submit(counter);
      said.push(...peer.hearFrom(2n, acked(counter)), ...peer.pass(50));
      for (const sid of [2n, 3n]) {
        peer.hearFrom(sid, { kind: "PINGANSWER", zxid: 0n, touched: [] });
      }
    }
    expect(said).toContain("answer 10: applied");
    expect(said.filter((text) => text.startsWith("close"))).toEqual([
      "close 13: it does not acknowledge proposals",
    ]);
    expect(peer.peer.status().serving).toBe(true);
  });

  it("gives a follower its whole time from UPTODATE on, however long it was synchronized", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    peer.say({ kind: "disconnected", connection: 13, text: "reset" });
    peer.submit(1);
    peer.join(3n, { lastZxid: 0n });
    const waitFor3 = (untilMs: number): string[] => {
      const said: string[] = [];
      for (; peer.nowMs < untilMs;) {
        said.push(...peer.pass(50));
        const ping = { kind: "PINGANSWER", zxid: 0n, touched: [] } as const;
        said.push(...peer.hearFrom(2n, ping), ...peer.hearFrom(3n, ping));
      }
      return said;
    };
    const beganMs = peer.nowMs;
    waitFor3(beganMs + 450);
    expect(peer.hearFrom(3n, acked(0))).toEqual(["send 13: UPTODATE"]);
    expect(waitFor3(beganMs + 900)).not.toContain("close 13: it does not acknowledge proposals");
    expect(waitFor3(beganMs + 1100)).toContain("close 13: it does not acknowledge proposals");
  });

  it("does not wait for acks of what a follower had before, or was sent as history", () => {
    const peer = new PeerHarness();
    peer.establish(2n);
    peer.submit(1);
    peer.hearFrom(2n, acked(1));
    peer.joinAndAck(3n, { lastZxid: 0n });
    const said: string[] = [];
    for (let waitedMs = 0; waitedMs < 1000; waitedMs += 50) {
      said.push(...peer.pass(50));
      for (const sid of [2n, 3n]) {
        peer.hearFrom(sid, { kind: "PINGANSWER", zxid: 0n, touched: [] });
      }
    }
    expect(said.filter((text) => text.startsWith("close"))).toEqual([]);
  });

  it("refuses requests before a quorum has its history", () => {
    const peer = new PeerHarness();
    peer.lead();
    peer.join(2n);
    expect(peer.submit(1)).toEqual(["answer 1: refused"]);
    expect(peer.say({ kind: "sync", request: 2, sessionId: 0n, cxid: 1 })).toEqual([
      "answer 2: refused",
    ]);
    expect(peer.say({ kind: "revalidate", request: 3, sessionId: 1n, timeoutMs: 1 })).toEqual([
      "answer 3: refused",
    ]);
  });

  it("refuses requests and syncs when too many wait already", () => {
    const peer = new PeerHarness({ maxWaitingRequests: 2 });
    peer.establish();
    peer.submit(1);
    expect(peer.say({ kind: "sync", request: 2, sessionId: 0n, cxid: 1 })).toEqual([]);
    expect(peer.submit(3)).toEqual(["answer 3: refused"]);
    expect(peer.say({ kind: "sync", request: 4, sessionId: 0n, cxid: 1 })).toEqual([
      "answer 4: refused",
    ]);
    expect(peer.hearFrom(2n, acked(1)).slice(-2)).toEqual([
      "answer 1: applied",
      "answer 2: synced",
    ]);
    expect(peer.submit(5)).toEqual(["send 12: PROPOSAL 1.2"]);
  });

  it("refuses requests when those that wait have too many bytes", () => {
    const peer = new PeerHarness({ maxQueuedBytes: 100 });
    peer.establish();
    let request = 1;
    while (peer.submit(request)[0] !== `answer ${request}: refused`) request++;
    expect(request).toBeGreaterThan(1);
    expect(peer.peer.status().outstanding).toBe(request - 1);
  });

  it("throttles a learner that asks for too much, and nobody else", () => {
    const peer = new PeerHarness({ maxWaitingRequests: 2 });
    peer.establish(2n, 3n);
    const ask = (
      sid: Sid,
      cxid: number,
      opCode?: number,
      sessionId = 0n,
    ): (number | undefined)[] => {
      const request = { kind: "REQUEST", change: changeOf(sessionId, cxid, opCode) } as const;
      return proposed(peer.step(...peer.hears(connectionOf(sid), request))).map(errorOf);
    };
    expect([...ask(2n, 1), ...ask(2n, 2)]).toEqual([undefined, undefined]);
    expect(ask(2n, 3)).toEqual([ErrorCode.THROTTLEDOP]);
    // Sessions begin and end all the same: a client does not ask for that twice.
    expect(ask(2n, 0, OpCode.createSession, SESSION)).toEqual([undefined]);
    expect(ask(2n, 4, OpCode.closeSession, SESSION)).toEqual([undefined]);
    expect(ask(3n, 1)).toEqual([undefined]);
    expect(peer.submit(1)).toEqual(["send 12: PROPOSAL 1.7", "send 13: PROPOSAL 1.7"]);
    peer.hearFrom(3n, acked(7));
    expect(ask(2n, 5)).toEqual([undefined]);
  });

  it("answers each sync of a learner, however many wait for the same txn", () => {
    const peer = new PeerHarness();
    peer.establish(2n, 3n);
    peer.submit(1);
    const sync = { kind: "SYNCREQUEST", sessionId: 0n, cxid: 1 } as const;
    peer.hearFrom(2n, sync, sync);
    peer.hearFrom(3n, sync);
    peer.hearFrom(2n, sync);
    peer.submit(2);
    peer.hearFrom(2n, sync);
    // The proposals, not those who wait for them.
    expect(peer.peer.status().pendingSyncs).toBe(2);
    expect(syncsOf(peer.hearFrom(2n, acked(1)))).toEqual([12, 12, 12, 13]);
    expect(syncsOf(peer.hearFrom(2n, acked(2)))).toEqual([12]);
  });
});

/** The connections to which SYNC is sent. */
function syncsOf(said: readonly string[]): number[] {
  return said.filter((text) => text.endsWith(": SYNC")).map((text) => Number(text.slice(5, 7)));
}
