import { encodeTxn, ErrorCode, makeZxid, OpCode, type Sid } from "@jute-ts/zookeeper";
import type { Effect, LoggedTxn } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { DataTree } from "@jute-ts/data-tree";
import { beforeEach, describe, expect, it } from "vitest";
import { createSessionChange, setChange } from "../clients/change-requests.js";
import { GhostOperations } from "../model/ghost-operations.js";
import { applied, FakeRun, sessionTxn, txnOf } from "./fake-run.js";
import { SessionLifetimes } from "./session-lifetimes.js";

const SESSION = 7n;
const TIMEOUT_MS = 1000;
const limits = { tickTimeMs: 200, timerLatenessMs: 0 };

let run: FakeRun;
let counter: number;

/** Server 1 leads, 2 and 3 follow, and session 7 was there before; it belongs to nobody yet. */
beforeEach(() => {
  const operations = new GhostOperations();
  run = new FakeRun([operations, new SessionLifetimes(operations, limits)]);
  for (const peer of run.peers.values()) {
    peer.tree = new DataTree();
    peer.tree.apply(sessionTxn(1, 1, SESSION));
  }
  counter = 1;
  run.lead(1n, 1);
  for (const sid of [2n, 3n]) run.follow(sid, 1n, 1);
});

function txn(
  type: typeof OpCode.closeSession | typeof OpCode.error,
  cxid: number,
  err = 0,
): LoggedTxn {
  counter += 1;
  const zxid = makeZxid(1, counter);
  const header = { clientId: SESSION, cxid, zxid, time: 0n };
  return txnOf(
    zxid,
    type === OpCode.error
      ? encodeTxn(OpCode.error, header, { err })
      : encodeTxn(OpCode.closeSession, header, { paths2Delete: [] }),
  );
}

function propose(proposed: LoggedTxn): void {
  run.send(1n, 2n, { kind: "PROPOSAL", txn: proposed });
}

/** A learner answers a ping, and the leader hears it. */
function tell(sid: Sid, sessions: readonly bigint[]): void {
  const touched = sessions.map((sessionId) => ({ sessionId, timeoutMs: TIMEOUT_MS }));
  const packet: OutgoingPacket = { kind: "PINGANSWER", zxid: 0n, touched };
  run.say(sid, 1n, packet);
  run.step(1n, {});
}

function touch(sid: Sid): void {
  run.step(sid, {}, [], { kind: "touch", sessionId: SESSION });
}

describe("SessionLifetimes", () => {
  it("accepts the end of a session when its timeout is over, and refuses it before", () => {
    run.nowMs = 999;
    expect(() => {
      propose(txn(OpCode.closeSession, 0));
    }).toThrow("ends session 7, which has 1.0 of 1000 ms left");
    run.nowMs = 1000;
    propose(txn(OpCode.closeSession, 0));
  });

  it("accepts at any time that a client ends its own session", () => {
    propose(txn(OpCode.closeSession, 5));
  });

  it("counts from the last word, at the leader or passed on by a follower", () => {
    run.nowMs = 600;
    touch(1n);
    run.nowMs = 1200;
    touch(2n);
    run.nowMs = 1300;
    tell(2n, [SESSION]);
    run.nowMs = 2299;
    expect(() => {
      propose(txn(OpCode.closeSession, 0));
    }).toThrow("1.0 of 1000 ms left");
  });

  it("counts from the beginning of each leadership", () => {
    run.nowMs = 900;
    run.step(1n, { role: "looking", phase: undefined, serving: false });
    run.lead(1n, 2);
    run.nowMs = 1100;
    expect(() => {
      propose(txn(OpCode.closeSession, 0));
    }).toThrow("800.0 of 1000 ms left");
  });

  it("refuses a session that is over and not ended", () => {
    run.nowMs = 1001;
    run.step(1n, {});
    run.nowMs = 1002;
    expect(() => {
      run.step(1n, {});
    }).toThrow("has not ended session 7 of 1000 ms, which was over 2.0 ms ago");
  });

  it("gives a leader that has slept until its timer fires", () => {
    run.observe({ kind: "resume", sid: 1n });
    run.nowMs = 5000;
    run.step(1n, {}, [], { kind: "drained", connection: 1021 });
    expect(() => {
      run.step(1n, {});
    }).toThrow("has not ended session 7");
  });

  it("refuses no session whose end a crash kept from being shown, and one that is open after all", () => {
    run.nowMs = 1000;
    run.step(1n, { lastLoggedZxid: makeZxid(1, 2), outstanding: 1 });
    run.nowMs = 2000;
    // Committed, but the process ends before it carries out what the commit makes of the session.
    run.step(1n, { outstanding: 0 });
    expect(() => {
      run.step(1n, {});
    }).toThrow("has not ended session 7");
  });

  it("refuses a follower that does not pass on whom it has heard from, or makes somebody up", () => {
    touch(2n);
    expect(() => {
      tell(2n, []);
    }).toThrow("2 does not tell its leader of session 7");
    tell(2n, [SESSION]);
    expect(() => {
      tell(2n, [SESSION]);
    }).toThrow("2 tells its leader of session 7, which it has not heard from");
  });

  it("refuses a leader that does not ask its followers in time", () => {
    const forwarding = { stage: "forwarding", votes: true, lastAckedZxid: 0n } as const;
    run.step(1n, { learners: [{ sid: 2n, role: "follower", ...forwarding }] });
    run.send(1n, 2n, { kind: "PING", zxid: 0n });
    run.nowMs = 101;
    run.step(1n, {});
    run.nowMs = 102;
    expect(() => {
      run.step(1n, {});
    }).toThrow("1 has not asked 2 for its sessions for 102.0 ms");
  });

  it("refuses a session to be asked for by a server that it has left, and to be refused at its own", () => {
    const ask = (id: number, sid: Sid, cxid: number): void => {
      const change = { sessionId: SESSION, cxid, ...setChange("/a", "", -1), authInfo: [] };
      run.ask(id, "client", sid, { kind: "submit", change });
    };
    run.say(3n, 1n, { kind: "REVALIDATE", sessionId: SESSION, timeoutMs: TIMEOUT_MS });
    run.step(1n, {});
    ask(1, 2n, 8);
    expect(() => {
      propose(txn(OpCode.error, 8, ErrorCode.NONODE));
    }).toThrow("takes number 8 of session 7 from server 2; the session is at server 3");
    ask(2, 3n, 9);
    expect(() => {
      propose(txn(OpCode.error, 9, ErrorCode.SESSIONMOVED));
    }).toThrow("refuses number 9 of session 7 from server 3; the session is at server 3");
    ask(3, 2n, 10);
    propose(txn(OpCode.error, 10, ErrorCode.SESSIONMOVED));
  });

  it.each([
    ["valid when it has ended", 8n, true],
    ["not valid when it is open", SESSION, false],
  ])("refuses to call a session %s", (_, sessionId, valid) => {
    const said = { kind: "REVALIDATED", sessionId, valid } as const;
    const answer: Effect = { kind: "send", connection: 1031, packet: said };
    run.say(3n, 1n, { kind: "REVALIDATE", sessionId, timeoutMs: TIMEOUT_MS });
    expect(() => {
      run.step(1n, {}, [answer]);
    }).toThrow(`session ${sessionId} is`);
  });

  it.each([true, false])(
    "lets a session that begins be called valid or not, when somebody asks as it is committed: %s",
    (valid) => {
      const created = sessionTxn(1, 2, 9n);
      const answer = (isValid: boolean): Effect => ({
        kind: "send",
        connection: 1031,
        packet: { kind: "REVALIDATED", sessionId: 9n, valid: isValid },
      });
      const ask = (): void => {
        run.say(3n, 1n, { kind: "REVALIDATE", sessionId: 9n, timeoutMs: TIMEOUT_MS });
      };
      run.ask(1, "client", 2n, { kind: "submit", change: createSessionChange(9n, TIMEOUT_MS) });
      propose(created);
      ask();
      run.peer(1n).tree?.apply(created);
      run.step(1n, {}, [applied(created), answer(valid)]);
      ask();
      expect(() => {
        run.step(1n, {}, [answer(false)]);
      }).toThrow("session 9 is not valid, and it is open");
    },
  );

  it("wants a leader to show when sessions end", () => {
    const show = (shown: readonly (readonly [bigint, number])[]): (() => void) => {
      run.peer(1n).peer = {
        step: () => [],
        nextDeadline: () => undefined,
        status: () => {
          throw new Error("nobody asks for it");
        },
        sessionExpiries: () => new Map(shown),
      };
      return () => {
        run.step(1n, {}, [], { kind: "deadline" });
      };
    };
    expect(show([[SESSION, TIMEOUT_MS]])).not.toThrow();
    expect(show([[SESSION, TIMEOUT_MS + 1]])).toThrow(
      "1 shows that session 7 ends at 1001, where it does at 1000",
    );
    expect(show([])).toThrow("1 shows that session 7 ends at undefined");
    const both = [
      [SESSION, TIMEOUT_MS],
      [8n, TIMEOUT_MS],
    ] as const;
    expect(show(both)).toThrow("1 shows session 8, which has ended or does now");
    const withoutIt = show([]);
    propose(txn(OpCode.closeSession, 5));
    expect(withoutIt).not.toThrow();
  });

  it("lets a new session begin when it is committed", () => {
    const created = sessionTxn(1, 2, 9n);
    run.ask(1, "client", 2n, { kind: "submit", change: createSessionChange(9n, TIMEOUT_MS) });
    run.nowMs = 500;
    run.peer(1n).tree?.apply(created);
    run.step(1n, {}, [applied(created)]);
    propose(txn(OpCode.closeSession, 5));
    run.nowMs = 1501;
    run.step(1n, {});
    run.nowMs = 1502;
    expect(() => {
      run.step(1n, {});
    }).toThrow("has not ended session 9");
  });
});
