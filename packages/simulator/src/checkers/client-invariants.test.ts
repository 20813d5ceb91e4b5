import {
  CreateMode,
  encodeTxn,
  ErrorCode,
  makeZxid,
  OpCode,
  type Sid,
  Stat,
  type TxnBodyInit,
  type TxnOpCode,
} from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import type { LoggedTxn } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import type { Checker } from "./checker.js";
import type { ClientRequest } from "../clients/client.js";
import {
  asciiBytes,
  type ChangeBody,
  createChange,
  createSessionChange,
  setChange,
} from "../clients/change-requests.js";
import { AckedWrites } from "./acked-writes.js";
import { ConsistentRegisters } from "./consistent-registers.js";
import { SessionOrder } from "./session-order.js";
import { EphemeralLifetimes } from "./ephemeral-lifetimes.js";
import { SequentialNames } from "./sequential-names.js";
import { AtMostOnce } from "./at-most-once.js";
import { CommittedRequests } from "./committed-requests.js";
import { CommittedTxns } from "../model/committed-txns.js";
import { FakeRun, txnOf } from "./fake-run.js";
import type { GhostHistory } from "../model/ghost-history.js";
import { GhostOperations } from "../model/ghost-operations.js";
import { newGhosts } from "../model/ghosts.js";
import { FewElections } from "./few-elections.js";
import { IsolatedLeader } from "./isolated-leader.js";
import { UndisturbedLeader } from "./undisturbed-leader.js";
import { NoLockout } from "./no-lockout.js";
import type { Upkeep } from "@jute-ts/data-tree";
import { BoundedResources } from "./bounded-resources.js";

const register = "/registers/r0";
const session = 5n;

interface Parts {
  readonly history: GhostHistory;
  readonly operations: GhostOperations;
  readonly committed: CommittedTxns;
  readonly requests: CommittedRequests;
}

/** A run in which server 1 leads epoch 1 and others follow. */
function runWith(make: (parts: Parts) => Checker): FakeRun {
  const { history } = newGhosts();
  const operations = new GhostOperations();
  const committed = new CommittedTxns(history);
  const requests = new CommittedRequests(operations, committed, {
    extendedTypes: false,
    enforcesQuotas: false,
    knowsLogins: false,
  });
  const made = make({ history, operations, committed, requests });
  const models = [history, operations, committed];
  const isAsked = made instanceof SessionOrder;
  const run = new FakeRun([...models, ...(isAsked ? [requests] : []), made]);
  run.lead(1n, 1);
  return run;
}

function txn<C extends TxnOpCode>(
  counter: number,
  type: C,
  body: TxnBodyInit<C>,
  { cxid = counter, sessionId = session } = {},
): LoggedTxn {
  const zxid = makeZxid(1, counter);
  return txnOf(zxid, encodeTxn(type, { clientId: sessionId, cxid, zxid, time: 0n }, body));
}

function created(counter: number, path: string, value: string, ephemeral = false): LoggedTxn {
  const data = asciiBytes(value);
  return txn(counter, OpCode.create2, { path, data, acl: [], ephemeral, parentCVersion: 1 });
}

function written(counter: number, value: string, version: number): LoggedTxn {
  return txn(counter, OpCode.setData, { path: register, data: asciiBytes(value), version });
}

function submit(change: ChangeBody, cxid: number): ClientRequest {
  return { kind: "submit", change: { sessionId: session, cxid, ...change, authInfo: [] } };
}

function answer(
  run: FakeRun,
  id: number,
  request: ClientRequest,
  done: LoggedTxn,
  sid: Sid = 1n,
): void {
  const result = { err: 0, type: done.header.type };
  run.answer(id, "client", sid, request, { kind: "applied", txn: done, result });
}

const read: ClientRequest = { kind: "read", what: register };

/** A read finds the register so. */
function seeValue(
  run: FakeRun,
  id: number,
  found: { readonly value: string; readonly version: number } | undefined,
  counter: number,
  sid: Sid = 1n,
): void {
  const znode = found && {
    data: asciiBytes(found.value),
    stat: new Stat({ version: found.version }),
    acl: [],
    children: [],
  };
  run.ask(id, "client", sid, read);
  const zxid = makeZxid(1, counter);
  run.answer(id, "client", sid, read, { kind: "value", value: { kind: "znode", znode }, zxid });
}

describe("AckedWrites", () => {
  const request = submit(createChange(register, "a", CreateMode.PERSISTENT), 1);

  it("refuses the answer to a write that is not committed", () => {
    const run = runWith(({ history, committed }) => new AckedWrites(history, committed));
    expect(() => {
      answer(run, 1, request, created(1, register, "a"));
    }).toThrow("which is not committed");
  });

  it("refuses an answer with somebody else's txn", () => {
    const run = runWith(({ history, committed }) => new AckedWrites(history, committed));
    const other = created(2, register, "b");
    run.deliverTxns(1n, created(1, register, "a"), other);
    expect(() => {
      answer(run, 1, request, other);
    }).toThrow("answered with the txn of session 5, number 2");
  });

  it("refuses an end without what a client was told of", () => {
    const run = runWith(({ history, committed }) => new AckedWrites(history, committed));
    const done = created(1, register, "a");
    run.deliverTxns(1n, done);
    answer(run, 1, request, done);
    const tree = new DataTree();
    run.peer(2n).tree = tree;
    expect(() => {
      run.end();
    }).toThrow("2 ends at 0x0, without 0x100000001");
    tree.apply(done);
    run.end();
  });
});

describe("ConsistentRegisters", () => {
  function writing(): FakeRun {
    const run = runWith(
      ({ operations, committed }) => new ConsistentRegisters(operations, committed),
    );
    run.deliverTxns(1n, created(1, register, "a"), written(2, "b", 1));
    return run;
  }

  it("accepts reads of what was there at their zxid", () => {
    const run = writing();
    seeValue(run, 1, { value: "a", version: 0 }, 1);
    seeValue(run, 2, { value: "b", version: 1 }, 2);
    seeValue(run, 3, undefined, 0);
    run.end();
  });

  it.each([
    ["an older value", { value: "a", version: 0 }],
    ["nothing", undefined],
    ["what nobody wrote", { value: "c", version: 1 }],
  ])("refuses a read that finds %s", (_, value) => {
    const run = writing();
    expect(() => {
      seeValue(run, 1, value, 2);
    }).toThrow("but the committed txns made b of version 1");
  });

  it("refuses a write that comes before one that had returned when it began", () => {
    const run = writing();
    seeValue(run, 1, { value: "b", version: 1 }, 2);
    const request = submit(createChange(register, "a", CreateMode.PERSISTENT), 1);
    run.ask(2, "client", 1n, request);
    expect(() => {
      answer(run, 2, request, created(1, register, "a"));
    }).toThrow("0x100000002 was known before it was asked for");
  });

  it("refuses answers that no order explains, whatever the zxids say", () => {
    const run = writing();
    const first = submit(setChange(register, "x", 0), 8);
    run.ask(1, "client", 1n, first);
    answer(run, 1, first, written(3, "x", 1));
    expect(() => {
      run.end();
    }).toThrow("no order of 1 operations on /registers/r0 explains");
  });
});

describe("SessionOrder", () => {
  const orderOf = ({ operations, committed, requests }: Parts): Checker =>
    new SessionOrder(operations, committed, requests);
  const sync: ClientRequest = { kind: "sync", sessionId: session, cxid: 9 };

  /** The client creates `/a` by its third operation and `/b` by its fourth, of these servers. */
  function creating(third: Sid, fourth: Sid): FakeRun {
    const run = runWith(orderOf);
    run.ask(2, "client", 1n, { kind: "submit", change: createSessionChange(session, 1000) });
    run.deliverTxns(1n, txn(1, OpCode.createSession, { timeOut: 1000 }, { cxid: 0 }));
    run.ask(3, "client", third, submit(createChange("/a", "", CreateMode.PERSISTENT), 3));
    run.ask(4, "client", fourth, submit(createChange("/b", "", CreateMode.PERSISTENT), 4));
    return run;
  }

  const b = txn(
    2,
    OpCode.create2,
    { path: "/b", data: null, acl: [], ephemeral: false, parentCVersion: 1 },
    { cxid: 4 },
  );
  const late = txn(
    3,
    OpCode.create2,
    { path: "/a", data: null, acl: [], ephemeral: false, parentCVersion: 2 },
    { cxid: 3 },
  );

  it("refuses what was asked of one server in another order", () => {
    const run = creating(1n, 1n);
    run.deliverTxns(1n, b);
    expect(() => {
      run.deliverTxns(1n, late);
    }).toThrow("operation 3 is carried out as 0x100000003, after operation 4");
  });

  it("accepts any order of what was asked of two servers", () => {
    const run = creating(2n, 1n);
    run.deliverTxns(1n, b);
    run.deliverTxns(1n, late);
  });

  it("refuses a server that goes back, but not another that is behind", () => {
    const run = runWith(orderOf);
    seeValue(run, 1, undefined, 7);
    seeValue(run, 2, undefined, 5, 2n);
    expect(() => {
      seeValue(run, 3, undefined, 6);
    }).toThrow("after 0x100000007");
  });

  it("refuses a server that is behind although it has synced", () => {
    const run = runWith(orderOf);
    seeValue(run, 1, undefined, 7);
    run.ask(2, "client", 2n, sync);
    run.answer(2, "client", 2n, sync, { kind: "synced" });
    expect(() => {
      seeValue(run, 3, undefined, 6, 2n);
    }).toThrow("sees 0x100000006 at server 2");
  });

  it("does not judge a sync during which the leader changed", () => {
    const run = runWith(orderOf);
    seeValue(run, 1, undefined, 7);
    run.ask(2, "client", 2n, sync);
    run.lead(3n, 2);
    run.answer(2, "client", 2n, sync, { kind: "synced" });
    seeValue(run, 3, undefined, 6, 2n);
  });
});

describe("EphemeralLifetimes", () => {
  const opened = txn(1, OpCode.createSession, { timeOut: 1000 }, { cxid: 0 });
  const closed = (paths2Delete: string[]): LoggedTxn =>
    txn(3, OpCode.closeSession, { paths2Delete }, { cxid: 0 });
  const ephemeralsOf = ({ committed }: Parts): Checker => new EphemeralLifetimes(committed);

  it("accepts a session that takes its ephemerals with it", () => {
    const run = runWith(ephemeralsOf);
    const txns = [opened, created(2, "/e", "", true), closed(["/e"])];
    run.deliverTxns(1n, ...txns);
    const tree = new DataTree();
    for (const done of txns) tree.apply(done);
    run.peer(1n).tree = tree;
    run.end();
  });

  it.each([
    ["an ephemeral without a session", [created(1, "/e", "", true)], "which is not open"],
    ["a session that leaves one", [opened, created(2, "/e", "", true), closed([])], "leaves /e"],
    ["a session that takes another's", [opened, created(2, "/e", ""), closed(["/e"])], "takes /e"],
  ])("refuses %s", (_, txns, text) => {
    const run = runWith(ephemeralsOf);
    expect(() => {
      run.deliverTxns(1n, ...txns);
    }).toThrow(text);
  });

  it("refuses a member that lost an ephemeral, or kept one too long", () => {
    const run = runWith(ephemeralsOf);
    run.deliverTxns(1n, opened, created(2, "/e", "", true));
    const tree = new DataTree();
    run.peer(1n).tree = tree;
    expect(() => {
      run.end();
    }).toThrow("1 lacks /e");
    tree.apply(opened);
    tree.apply(created(2, "/e", "", true));
    run.end();
    run.deliverTxns(1n, closed(["/e"]));
    expect(() => {
      run.end();
    }).toThrow("1 has /e of session 5, which is closed");
  });
});

describe("SequentialNames", () => {
  it.each([
    ["comes twice", "/sequences/n-0000000004"],
    ["goes back", "/sequences/n-0000000003"],
    ["has no number", "/sequences/n-"],
  ])("refuses a name that %s", (_, path) => {
    const run = runWith(({ committed }) => new SequentialNames(committed));
    run.deliverTxns(1n, created(1, "/sequences/n-0000000004", ""));
    expect(() => {
      run.deliverTxns(1n, created(2, path, ""));
    }).toThrow(path);
  });

  it("refuses to tell a client another name", () => {
    const run = runWith(({ committed }) => new SequentialNames(committed));
    const done = created(1, "/sequences/n-0000000004", "");
    run.deliverTxns(1n, done);
    const request = submit(createChange("/sequences/n-", "", CreateMode.PERSISTENT_SEQUENTIAL), 1);
    const result = { err: 0, type: OpCode.create2, path: "/sequences/n-0000000005" };
    expect(() => {
      run.answer(1, "client", 1n, request, { kind: "applied", txn: done, result });
    }).toThrow("made /sequences/n-0000000004");
  });
});

describe("AtMostOnce", () => {
  const again = txn(2, OpCode.error, { err: ErrorCode.NONODE }, { cxid: 1 });

  it("refuses a request that is carried out twice", () => {
    const run = runWith(({ committed, operations }) => new AtMostOnce(committed, operations));
    run.deliverTxns(1n, created(1, register, "a"));
    expect(() => {
      run.deliverTxns(1n, again);
    }).toThrow("was asked for 1 times, but carried out as 0x100000001 and 0x100000002");
  });

  it("accepts a number that is used again as often as it was asked for", () => {
    const run = runWith(({ committed, operations }) => new AtMostOnce(committed, operations));
    const request = submit(setChange(register, "a", 0), 1);
    for (const id of [1, 2]) run.ask(id, "client", 1n, request);
    run.deliverTxns(1n, created(1, register, "a"), again);
  });

  it("refuses to carry out what was refused, and to refuse what was carried out", () => {
    const request = submit(setChange(register, "a", 0), 1);
    const refusal = { kind: "refused", text: "" } as const;
    const before = runWith(({ committed, operations }) => new AtMostOnce(committed, operations));
    before.ask(1, "client", 1n, request);
    before.answer(1, "client", 1n, request, refusal);
    expect(() => {
      before.deliverTxns(1n, created(1, register, "a"));
    }).toThrow("and 1 refused");
    const after = runWith(({ committed, operations }) => new AtMostOnce(committed, operations));
    after.ask(1, "client", 1n, request);
    after.deliverTxns(1n, created(1, register, "a"));
    expect(() => {
      after.answer(1, "client", 1n, request, refusal);
    }).toThrow("and 1 refused");
  });
});

describe("FewElections", () => {
  it("refuses elections without end after healing, and counts none before", () => {
    const run = new FakeRun([new FewElections()]);
    const elect = (times: number): void => {
      for (let count = 0; count < times; count++) {
        run.step(1n, { role: "following" });
        run.step(1n, { role: "looking" });
      }
    };
    elect(100);
    run.phase = "healing";
    elect(20);
    expect(() => {
      elect(1);
    }).toThrow("for the 21th time");
  });
});

describe("IsolatedLeader", () => {
  const limits = { tickTimeMs: 100, syncLimit: 2, timerLatenessMs: 0 };
  const answer = { kind: "PINGANSWER", zxid: 0n, touched: [] } as const;

  function learner(stage: string) {
    return { sid: 2n, role: "follower", votes: true, stage, lastAckedZxid: 0n } as const;
  }

  /** Server 1 leads, and its follower is in this stage. */
  function leading(stage: string): FakeRun {
    const run = new FakeRun([new IsolatedLeader(limits)]);
    run.step(2n, { role: "following" });
    run.lead(1n, 1, { learners: [learner(stage)] });
    return run;
  }

  it("accepts a leader that hears from a quorum, and refuses it 3 ticks after the last word", () => {
    const run = leading("forwarding");
    for (run.nowMs = 100; run.nowMs <= 2000; run.nowMs += 100) {
      run.deliver(2n, 1n, answer);
      run.step(1n, {});
    }
    for (; run.nowMs <= 2300; run.nowMs += 100) run.step(1n, {});
    run.nowMs = 2302;
    expect(() => {
      run.step(1n, {});
    }).toThrow("1 still serves as the leader");
    run.step(1n, { serving: false });
  });

  it("counts no follower that is still being sent the state", () => {
    const run = leading("sendingSnapshot");
    run.nowMs = 302;
    run.deliver(2n, 1n, answer);
    expect(() => {
      run.step(1n, {});
    }).toThrow("only nobody was heard from");
  });

  it("refuses a leader whose followers answer and acknowledge nothing", () => {
    const run = leading("forwarding");
    const waiting = { outstanding: 1, lastDurableZxid: makeZxid(1, 1) };
    const pass = (untilMs: number): void => {
      for (; run.nowMs < untilMs; run.nowMs += 100) {
        run.deliver(2n, 1n, answer);
        run.step(1n, waiting);
      }
    };
    pass(600);
    // Somebody who joins is given time.
    run.step(1n, { learners: [learner("forwarding"), { ...learner("forwarding"), sid: 3n }] });
    pass(1200);
    expect(() => {
      pass(1400);
    }).toThrow("nothing after 0x0 was acknowledged for 700 ms");
  });
});

describe("UndisturbedLeader", () => {
  /** Server 1 leads, and server 2 has its history and was heard from 20 ms ago. */
  function disturbed(votes = true): FakeRun {
    const run = new FakeRun([new UndisturbedLeader({ tickTimeMs: 100, syncLimit: 2 })]);
    run.lead(1n, 1);
    run.deliver(2n, 1n, { kind: "ACK", zxid: makeZxid(1, 0) });
    const follower = { role: "follower", stage: "forwarding", lastAckedZxid: 0n } as const;
    const learners = [{ ...follower, sid: 2n, votes }];
    run.step(1n, { learners }, [], { kind: "received", connection: 1021 });
    run.nowMs = 20;
    return run;
  }
  const closed = {
    kind: "closeConnection",
    connection: 1021,
    reason: { kind: "ended", text: "another one came" },
  } as const;

  it("refuses a leader that gives up what a quorum follows", () => {
    const run = disturbed();
    expect(() => {
      run.step(1n, { role: "ending", serving: false });
    }).toThrow("1 does not lead any more, though 2 follow it");
  });

  it("accepts one that has heard from nobody for some time, is not followed by those that count, or stops", () => {
    const late = disturbed();
    late.nowMs = 101;
    late.step(1n, { role: "ending", serving: false });
    disturbed(false).step(1n, { role: "ending", serving: false });
    disturbed().step(1n, { role: "stopped", serving: false });
  });

  it("accepts one whose follower has accepted the epoch again, but not one of whom somebody says so", () => {
    const again = disturbed();
    const acked = { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 1 } as const;
    again.observe({ kind: "delivered", from: 2n, to: 1n, connection: 9, packet: acked });
    again.step(1n, { role: "ending", serving: false });
    const claimed = disturbed();
    const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
    const claim = { kind: "FOLLOWERINFO", acceptedEpoch: 1, identity } as const;
    claimed.observe({ kind: "delivered", from: 2n, to: 1n, connection: 9, packet: claim });
    expect(() => {
      claimed.step(1n, { role: "ending", serving: false });
    }).toThrow("1 does not lead any more, though 2 follow it");
  });

  it("refuses a leader that closes the connection of a follower that was heard from just now", () => {
    const run = disturbed();
    expect(() => {
      run.step(1n, {}, [closed]);
    }).toThrow("1 closes the connection of 2, heard from 20 ms ago: another one came");
  });

  it("accepts that of one that is silent, or does not acknowledge", () => {
    const silent = disturbed();
    silent.nowMs = 100;
    silent.step(1n, {}, [closed]);
    const slow = disturbed();
    slow.step(1n, { lastLoggedZxid: makeZxid(1, 1) });
    slow.step(1n, {}, [closed]);
  });
});

describe("NoLockout", () => {
  /** Server 1 leads epoch 1, and server 3 has promised epoch 2. */
  function promised(): FakeRun {
    const run = new FakeRun([new NoLockout(1000)]);
    run.lead(1n, 1);
    run.step(1n, { epoch: 1 });
    run.phase = "healing";
    run.step(3n, { role: "looking", acceptedEpoch: 2 });
    return run;
  }

  it("refuses a server that stays out for longer than an attempt takes", () => {
    const run = promised();
    run.nowMs = 1000;
    run.step(3n, { role: "following", leader: 1n });
    run.nowMs = 1001;
    expect(() => {
      run.step(3n, { role: "looking" });
    }).toThrow("3 has promised a later epoch than 1");
  });

  it("refuses a server that leaves the leader again and again", () => {
    const run = promised();
    const visit = (): void => {
      run.step(3n, { role: "following", leader: 1n });
      run.step(3n, { role: "looking", leader: undefined });
    };
    for (let count = 0; count < 4; count++) visit();
    expect(visit).toThrow("5 times in vain");
  });

  it("accepts one that gets in, or whose leader gives way to a later epoch", () => {
    const run = promised();
    run.step(3n, { role: "following", leader: 1n });
    run.step(3n, { serving: true, epoch: 1 });
    run.nowMs = 5000;
    run.step(1n, { epoch: 3 });
    run.step(3n, { role: "looking", serving: false });
  });
});

describe("BoundedResources", () => {
  it("refuses a timer that fires forever without time passing", () => {
    const run = new FakeRun([new BoundedResources()]);
    const spin = (): void => {
      for (let count = 0; count < 60; count++) run.step(1n, {});
    };
    spin();
    run.nowMs = 1;
    spin();
    expect(spin).toThrow("101 timers at 1 ms");
  });

  it("refuses proposals that pile up", () => {
    const run = new FakeRun([new BoundedResources()]);
    expect(() => {
      run.step(1n, { outstanding: 20_001 });
    }).toThrow("outstanding proposals");
  });

  const nothing = { changes: 0, paths: 0, ephemerals: 0, sessions: 0 };
  const acls = { lists: 2, keys: 2, ids: 2 };
  const data = { total: 4096, live: 16, long: 0 };

  /** A server that has applied this much has prepared one txn more, or none. */
  function remembers(upkeep: Partial<Upkeep>, lastLoggedZxid: bigint): void {
    const run = new FakeRun([new BoundedResources()]);
    const shown = { outstanding: nothing, acls, data, ...upkeep };
    run.peer(1n).tree = Object.defineProperty(run.newState(), "upkeep", { value: shown });
    run.step(1n, { lastProcessedZxid: 5n, lastLoggedZxid });
  }

  it("accepts that what is prepared is remembered until it is applied", () => {
    remembers({ outstanding: { changes: 2, paths: 2, ephemerals: 1, sessions: 1 } }, 6n);
    remembers({}, 5n);
  });

  it.each<[string, Partial<Upkeep>, bigint]>([
    ["1 outstanding changes when all is applied", { outstanding: { ...nothing, changes: 1 } }, 5n],
    ["1 outstanding sessions when all", { outstanding: { ...nothing, sessions: 1 } }, 5n],
    ["1 paths of 0 outstanding changes", { outstanding: { ...nothing, paths: 1 } }, 5n],
    ["1 ephemerals in 0 outstanding changes", { outstanding: { ...nothing, ephemerals: 1 } }, 6n],
    ["3 keys of 2 access control lists", { acls: { ...acls, keys: 3 } }, 5n],
    ["3 ids of 2 access control lists", { acls: { ...acls, ids: 3 } }, 5n],
  ])("refuses %s", (text, upkeep, lastLoggedZxid) => {
    expect(() => {
      remembers(upkeep, lastLoggedZxid);
    }).toThrow(text);
  });
});
