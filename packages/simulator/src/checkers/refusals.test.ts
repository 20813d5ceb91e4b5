/**
 * For each checker of a run a history made by hand that it must refuse, as it is
 * registered: with the models that `allCheckers` gives it. What else each accepts
 * and refuses is told in the tests beside.
 */
import { CreateMode, encodeTxn, makeZxid, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { snapshotFileName, SnapshotFileEncoder } from "@jute-ts/persistence";
import type { Effect, LoggedTxn, Report } from "@jute-ts/quorum";
import { encodeNotification, type Notification } from "@jute-ts/quorum/wire";
import { DataTree } from "@jute-ts/data-tree";
import { describe, expect, it } from "vitest";
import {
  asciiBytes,
  createChange,
  createSessionChange,
  deleteChange,
} from "../clients/change-requests.js";
import type { ClientRequest } from "../clients/client.js";
import { calmSettings } from "../world/settings.js";
import { allCheckers, isJudge } from "./all-checkers.js";
import { InvariantViolation } from "./checker.js";
import { applied, FakeRun, newLog, sessionTxn, syncedLog, txnOf } from "./fake-run.js";
import { INVARIANTS } from "./invariants.js";

const NOTHING = new Uint8Array(0);
const one = sessionTxn(1, 1);
const two = sessionTxn(1, 2, 8n);
const three = sessionTxn(1, 3, 9n);
const later = sessionTxn(2, 1, 10n);
const SESSION = 5n;

/** Whose request a txn is the outcome of, and when. */
interface Header {
  readonly clientId: bigint;
  readonly cxid: number;
  readonly zxid: bigint;
  readonly time: bigint;
}

/** Plays a history that the checker of this name must refuse. */
const REFUSALS: Readonly<Record<string, (run: FakeRun) => void>> = {
  "one-leader-per-epoch": (run) => {
    run.lead(1n, 1);
    run.lead(2n, 1);
  },
  "epoch-established-once": (run) => {
    run.lead(1n, 1);
    run.step(1n, { role: "looking", phase: undefined, epoch: undefined });
    run.lead(1n, 1);
  },
  "leader-log-completeness": splitBrain,
  "committed-log-monotonicity": splitBrain,
  "primary-integrity": (run) => {
    splitBrain(run);
    run.send(2n, 1n, { kind: "PROPOSAL", txn: later });
  },
  "process-consistency": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.lead(1n, 2);
    const takenOver = { role: "following", phase: "broadcast", leader: 1n, epoch: 2 } as const;
    run.step(2n, { ...takenOver, acceptedEpoch: 2, currentEpoch: 2, lastLoggedZxid: two.zxid });
  },
  "shown-configurations": (run) => {
    run.peer(2n).tree = new DataTree();
    run.peer(2n).configured = calmSettings(3).ensemble;
    run.step(2n, { role: "following", serving: true });
  },
  "covered-snapshots": (run) => {
    // Begun before the second txn, finished after it, which the log does not have yet.
    log(run, 1n, [one]);
    putSnapshot(run, one.zxid, treeOf([one, two]));
  },
  "documented-snapshots": (run) => {
    run.lead(1n, 1);
    openSession(run);
    // The file of the first txn holds the second, too.
    putSnapshot(run, makeZxid(1, 1), treeOf([sessionTxn(1, 1, SESSION), two]));
  },
  "finished-snapshots": (run) => {
    const file = { directory: "data", name: "unfinished-snapshot.100000001.tmp" } as const;
    run.file(1n, { kind: "create", file });
    run.nowMs = 1_000_000;
    run.end();
  },
  "due-snapshots": (run) => {
    run.peer(1n).storage = { snapCount: 2 };
    run.lead(1n, 1);
    run.step(1n, {}, [applied(one), applied(two)]);
    run.step(1n, {});
  },
  "retained-files": (run) => {
    run.peer(1n).storage = {};
    const operation = {
      kind: "remove",
      file: { directory: "data", name: "snapshot.100000001" },
    } as const;
    run.step(1n, {}, [{ kind: "file", id: 1, lane: "snapshot", operation }]);
    run.file(1n, operation);
  },
  "written-logs": (run) => {
    const [create, write] = newLog([one]);
    if (create === undefined || write?.kind !== "write") throw new Error("not a new log");
    run.file(1n, create);
    run.file(1n, { ...write, offset: 1 });
  },
  "cut-logs": (run) => {
    run.peer(2n).disk.put({ directory: "data", name: snapshotFileName(one.zxid) }, NOTHING);
    const begun = { kind: "syncBegun", packet: "TRUNC", zxid: one.zxid } as const;
    run.step(2n, { role: "following", leader: 1n }, [{ kind: "report", report: begun }]);
    const why = "the log cannot be cut after 0x100000001: it ends there";
    const role = { kind: "roleChanged", role: "looking", leader: undefined, why } as const;
    run.step(2n, {}, [{ kind: "report", report: role }]);
  },
  integrity: (run) => {
    run.lead(1n, 1);
    run.deliverTxns(2n, one);
  },
  "local-primary-order": (run) => {
    run.deliverTxns(1n, two, one);
  },
  "global-primary-order": (run) => {
    run.deliverTxns(1n, later);
    run.deliverTxns(1n, two);
  },
  "total-order": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two, three);
    run.deliverTxns(2n, one);
    run.deliverTxns(2n, three);
  },
  agreement: (run) => {
    splitBrain(run);
    run.deliverTxns(2n, later);
  },
  "prefix-consistency": (run) => {
    splitBrain(run);
    run.deliverTxns(2n, later);
  },
  "committed-log-durability": (run) => {
    for (const sid of run.peers.keys()) run.file(sid, { kind: "syncDirectory", directory: "log" });
    for (const sid of [1n, 2n]) log(run, sid, [one, two]);
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.file(2n, { kind: "remove", file: { directory: "log", name: "log.100000001" } });
  },
  "election-consistent": (run) => {
    run.step(2n, { role: "looking" }, [vote({ leader: 3n })]);
    run.step(2n, {}, [vote({ leader: 1n })]);
  },
  "elected-by-quorum": (run) => {
    const voted = { leader: 2n, zxid: 0n, peerEpoch: 3n, round: 2n };
    run.step(2n, { role: "looking" }, [{ kind: "report", report: { kind: "voted", ...voted } }]);
    hear(run, 2n, 1n, { leader: 2n, electionEpoch: 1n });
    const elected = { leader: 2n, round: 2n, durationMs: 0 };
    run.step(2n, {}, [{ kind: "report", report: { kind: "elected", ...elected } }]);
  },
  "epoch-has-history": (run) => {
    run.step(1n, { role: "looking" }, [recovered({ currentEpoch: 2, acceptedEpoch: 2 })]);
  },
  "no-needless-snapshot": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two, three);
    const plan = { kind: "SNAP", reason: "too-far-behind" } as const;
    const report = { kind: "syncChosen", learner: 2n, plan, learnerZxid: one.zxid } as const;
    run.step(1n, {}, [{ kind: "report", report }]);
  },
  "message-legal": (run) => {
    run.lead(1n, 1);
    run.send(1n, 2n, { kind: "UPTODATE" });
  },
  "discovery-quorum": (run) => {
    run.step(1n, { role: "leading", phase: "discovery" });
    run.step(1n, { phase: "synchronization", epoch: 1 });
  },
  "state-consistent": (run) => {
    run.lead(1n, 1);
    run.step(1n, { phase: "synchronization" });
    run.send(1n, 2n, { kind: "UPTODATE" });
  },
  "proposal-consistent": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.send(1n, 2n, { kind: "PROPOSAL", txn: two });
  },
  "commit-consistent": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.send(1n, 2n, { kind: "COMMIT", zxid: one.zxid });
  },
  "ack-consistent": (run) => {
    run.lead(1n, 1);
    run.step(2n, { role: "following" });
    run.send(2n, 1n, { kind: "ACK", zxid: one.zxid });
  },
  "sync-consistent": (run) => {
    run.lead(1n, 1);
    run.step(2n, { role: "following" });
    run.send(1n, 2n, { kind: "PROPOSAL", txn: one });
    run.say(2n, 1n, { kind: "SYNCREQUEST", sessionId: 1n, cxid: 1 });
    run.send(1n, 2n, { kind: "SYNC" });
  },
  "epochs-on-disk": (run) => {
    run.peer(1n).disk.putEpochs(1, 2);
    run.observe({ kind: "crash", sid: 1n });
  },
  "log-continuity": (run) => {
    run.lead(1n, 1);
    run.file(2n, { kind: "syncDirectory", directory: "log" });
    for (const operation of newLog([one, three])) run.file(2n, operation);
  },
  "equal-digests": (run) => {
    for (const [sid, txns] of [
      [1n, [one, two]],
      [2n, [two]],
    ] as const) {
      run.peer(sid).tree = treeOf(txns);
      run.step(sid, { lastProcessedZxid: two.zxid }, [applied(two)]);
    }
  },
  "disk-equals-memory": (run) => {
    run.step(1n, { role: "following" });
    run.peer(1n).tree = treeOf([one, two]);
    run.peer(1n).disk.putLog([one]);
    run.step(1n, { role: "looking" });
  },
  "durability-barriers": (run) => {
    run.step(2n, { role: "looking" }, [vote({ leader: 2n, zxid: one.zxid })]);
  },
  "commit-quorum": (run) => {
    run.step(1n, { role: "leading", phase: "discovery" });
    run.lead(1n, 1);
    run.step(1n, { lastCommittedZxid: one.zxid });
  },
  "acked-writes": (run) => {
    const done = created(1, "/a");
    run.answer(1, "client", 1n, submit("/a", 1), answerOf(done));
  },
  "consistent-registers": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, created(1, "/registers/r0"));
    const read: ClientRequest = { kind: "read", what: "/registers/r0" };
    run.ask(1, "client", 1n, read);
    const zxid = makeZxid(1, 1);
    const value = { kind: "znode", znode: undefined };
    run.answer(1, "client", 1n, read, { kind: "value", value, zxid });
  },
  "session-order": (run) => {
    run.lead(1n, 1);
    openSession(run);
    for (const [id, path] of [
      [1, "/a"],
      [2, "/b"],
    ] as const)
      run.ask(id, "client", 1n, submit(path, id));
    run.deliverTxns(1n, created(2, "/b", 2));
    run.deliverTxns(1n, created(3, "/a", 1));
  },
  "ephemeral-lifetimes": (run) => {
    run.lead(1n, 1);
    const body = { path: "/e", data: null, acl: [], ephemeral: true, parentCVersion: 1 };
    const zxid = makeZxid(1, 1);
    const header = { clientId: SESSION, cxid: 1, zxid, time: 0n };
    run.deliverTxns(1n, txnOf(zxid, encodeTxn(OpCode.create, header, body)));
  },
  "sequential-names": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, created(1, "/sequences/n-0000000004", 1));
    run.deliverTxns(1n, created(2, "/sequences/n-0000000004", 2));
  },
  "at-most-once": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, created(1, "/a", 1));
    run.deliverTxns(1n, created(2, "/b", 1));
  },
  "few-elections": (run) => {
    run.phase = "healing";
    for (let count = 0; count < 100; count++) {
      run.step(1n, { role: "following" });
      run.step(1n, { role: "looking" });
    }
  },
  "isolated-leader": (run) => {
    run.lead(1n, 1);
    run.nowMs = 3_600_000;
    run.step(1n, {});
  },
  "stands-aside": (run) => {
    run.step(3n, { role: "looking" }, [], { kind: "cannotListen", text: "taken" });
    run.step(3n, {}, [vote({ leader: 3n })]);
  },
  "true-status": (run) => {
    run.lead(1n, 1, { outstanding: 1 });
    for (let left = 10; left > 0; left -= 1) run.step(1n, {});
  },
  "truthful-reports": (run) => {
    run.step(2n, { role: "following", leader: 1n });
    run.step(2n, {});
  },
  "patient-learner": (run) => {
    run.step(2n, { role: "following", leader: 1n });
    run.nowMs = 1;
    run.step(2n, { role: "ending", leader: undefined });
  },
  "informed-voters": (run) => {
    run.step(2n, { role: "looking" });
    run.step(2n, {}, [], { kind: "electionLinkUp", to: 1n });
    run.step(2n, {});
  },
  "closed-connections": (run) => {
    run.step(2n, {}, [], { kind: "accepted", connection: 12 });
    run.step(2n, {});
  },
  "silent-leader": (run) => {
    run.step(2n, { role: "following", leader: 1n, serving: true });
    run.nowMs = 3_600_000;
    run.step(2n, {});
  },
  "owed-answers": (run) => {
    run.lead(1n, 1);
    run.follow(2n, 1n, 1);
    run.deliver(1n, 2n, { kind: "LEADERINFO", epoch: 1 });
    run.step(2n, {});
    run.step(2n, {});
  },
  "taken-requests": (run) => {
    run.peer(2n).maxWaitingRequests = 1;
    run.step(2n, { role: "following", serving: true });
    for (const request of [1, 2])
      run.step(2n, {}, [], { kind: "sync", request, sessionId: SESSION, cxid: request });
    run.step(2n, {});
  },
  "timely-acks": (run) => {
    run.lead(1n, 1);
    const learners = [{ ...FORWARDING, sid: 2n }];
    run.step(1n, { learners });
    run.send(1n, 2n, { kind: "PROPOSAL", txn: one });
    run.nowMs = 3_600_000;
    run.step(1n, {});
  },
  "init-limit": (run) => {
    run.lead(1n, 1);
    const identity = { sid: 2n, protocolVersion: 0x10000, configVersion: 0n };
    run.deliver(2n, 1n, { kind: "FOLLOWERINFO", acceptedEpoch: 0, identity });
    run.step(1n, {}, [], { kind: "received", connection: 1021 });
    run.nowMs = 1;
    const reason = { kind: "ended", text: "it was not heard from in time" } as const;
    run.step(1n, {}, [{ kind: "closeConnection", connection: 1021, reason }]);
  },
  "undisturbed-leader": (run) => {
    run.lead(1n, 1);
    run.deliver(2n, 1n, { kind: "ACK", zxid: makeZxid(1, 0) });
    const learners = [{ ...FORWARDING, sid: 2n }];
    run.step(1n, { learners }, [], { kind: "received", connection: 1021 });
    run.step(1n, { role: "ending", serving: false });
  },
  "no-lockout": (run) => {
    run.lead(1n, 1);
    run.phase = "healing";
    run.step(3n, { role: "looking", acceptedEpoch: 2 });
    run.nowMs = 3_600_000;
    run.step(3n, {});
  },
  "bounded-resources": (run) => {
    for (let count = 0; count < 1000; count++) run.step(1n, {});
  },
  "compared-digests": (run) => {
    const told = { kind: "applied", committed: true } as const;
    const digest = { version: 2, treeDigest: 5n };
    for (const [at, expectedDigest] of [5n, undefined].entries()) {
      const zxid = makeZxid(1, at + 1);
      const header = { clientId: SESSION, cxid: 0, zxid, time: 0n };
      const txn = txnOf(zxid, encodeTxn(OpCode.createSession, header, { timeOut: 1000 }, digest));
      const result = { err: 0, type: OpCode.createSession };
      const compared = expectedDigest === undefined ? result : { ...result, expectedDigest };
      run.step(1n, {}, [{ ...told, txn, result: compared }]);
    }
  },
  "committed-requests": (run) => {
    run.lead(1n, 1);
    run.deliverTxns(1n, created(1, "/a"));
  },
  "session-lifetimes": (run) => {
    const tree = new DataTree();
    run.peer(1n).tree = tree;
    run.lead(1n, 1);
    tree.apply(sessionTxn(1, 1, SESSION));
    openSession(run);
    // A leader that ends it at once.
    const zxid = makeZxid(1, 2);
    const header = { clientId: SESSION, cxid: 0, zxid, time: 0n };
    const body = { paths2Delete: [] };
    run.send(1n, 2n, {
      kind: "PROPOSAL",
      txn: txnOf(zxid, encodeTxn(OpCode.closeSession, header, body)),
    });
  },
  "cleared-containers": (run) => {
    run.lead(1n, 1);
    openSession(run);
    const made = { data: asciiBytes(""), acl: [], parentCVersion: 1 };
    const steps = [
      [
        createChange("/c", "", CreateMode.CONTAINER),
        (header: Header) => encodeTxn(OpCode.createContainer, header, { ...made, path: "/c" }),
      ],
      [
        createChange("/c/a", "", CreateMode.PERSISTENT),
        (header: Header) =>
          encodeTxn(OpCode.create2, header, { ...made, path: "/c/a", ephemeral: false }),
      ],
      [
        deleteChange("/c/a", -1),
        (header: Header) => encodeTxn(OpCode.delete, header, { path: "/c/a" }),
      ],
    ] as const;
    for (const [at, [change, encode]] of steps.entries()) {
      const cxid = at + 1;
      const request = { sessionId: SESSION, cxid, ...change, authInfo: [] };
      run.ask(cxid, "client", 1n, { kind: "submit", change: request });
      const zxid = makeZxid(1, at + 2);
      run.deliverTxns(1n, txnOf(zxid, encode({ clientId: SESSION, cxid, zxid, time: 0n })));
    }
    run.nowMs = 3_600_000;
    run.step(1n, {});
  },
  "documented-answers": (run) => {
    run.lead(1n, 1);
    openSession(run);
    run.ask(1, "client", 1n, submit("/a", 1));
    const done = created(2, "/a", 1);
    run.deliverTxns(1n, done);
    // It succeeds, and is answered without the stat.
    run.answer(1, "client", 1n, submit("/a", 1), answerOf(done));
  },
  "documented-trees": (run) => {
    run.lead(1n, 1);
    const tree = new DataTree();
    run.peer(1n).tree = tree;
    // The tree never hears of the session.
    tree.setLastProcessed(makeZxid(1, 1));
    openSession(run);
  },
  "broken-rules": (run) => {
    run.lead(1n, 1);
    const bytes = new Uint8Array(0);
    const what = "a txn that does not follow";
    const misstatement = { kind: "MISSTATEMENT", what, rule: "zxid-order", bytes } as const;
    run.observe({ kind: "misstated", from: 2n, to: 1n, connection: 1021, misstatement });
    run.step(1n, {}, [], { kind: "received", connection: 1021 });
    run.step(1n, {});
  },
  "harmless-reports": (run) => {
    const mismatch = { kind: "digestMismatch", zxid: one.zxid, expected: 1n, actual: 2n } as const;
    run.step(1n, {}, [{ kind: "report", report: mismatch }]);
  },
};

const FORWARDING = {
  role: "follower",
  votes: true,
  stage: "forwarding",
  lastAckedZxid: 0n,
} as const;

/** Judges that others ask for what they know. */
const ASKED_BY: Readonly<Record<string, string>> = {
  "session-order": "committed-requests",
  "cleared-containers": "committed-requests",
  "documented-answers": "committed-requests",
  "documented-snapshots": "committed-requests",
  "documented-trees": "committed-requests",
};

describe("a history made by hand", () => {
  const judges = allCheckers(calmSettings(3)).filter(isJudge);

  it.each(judges.map(({ name }) => name))("is refused by %s, and by its invariant", (name) => {
    const refused = REFUSALS[name];
    expect(refused, `no history is made up for ${name}`).toBeDefined();
    const run = new FakeRun(
      allCheckers(calmSettings(3)).filter(
        (each) => !isJudge(each) || each.name === name || each.name === ASKED_BY[name],
      ),
    );
    const invariant = INVARIANTS.find(({ file }) => file === `checkers/${name}`)?.name;
    expect(violationOf(() => refused?.(run))).toBe(invariant);
  });

  it("is made for checkers only that exist", () => {
    const names = judges.map(({ name }) => name);
    expect(Object.keys(REFUSALS).filter((name) => !names.includes(name))).toEqual([]);
  });
});

function violationOf(play: () => void): string | undefined {
  try {
    play();
  } catch (error) {
    if (error instanceof InvariantViolation) return error.invariant;
    throw error;
  }
  return undefined;
}

/** Server 1 leads epoch 1 and 2 epoch 2; both begin with nothing, so their histories part at once. */
function splitBrain(run: FakeRun): void {
  run.lead(1n, 1);
  run.deliverTxns(1n, one, two);
  run.lead(2n, 2);
}

function log(run: FakeRun, sid: bigint, txns: readonly LoggedTxn[]): void {
  for (const operation of [...newLog(txns), ...syncedLog(txns)]) run.file(sid, operation);
}

function treeOf(txns: readonly LoggedTxn[]): DataTree {
  const tree = new DataTree();
  for (const txn of txns) tree.apply(txn);
  return tree;
}

/** Server 1 gives a snapshot its name. */
function putSnapshot(run: FakeRun, begun: Zxid, tree: DataTree): void {
  const encoder = new SnapshotFileEncoder();
  const source = tree.snapshot();
  const pieces = [encoder.header()];
  for (let piece = source.next(); piece !== undefined; piece = source.next())
    pieces.push(encoder.body(piece));
  pieces.push(encoder.trailer({ lastProcessedZxid: tree.lastProcessedZxid }));
  const name = snapshotFileName(begun);
  run.peer(1n).disk.put({ directory: "data", name }, Buffer.concat(pieces));
  const file = { directory: "data", name: `${name}.tmp` } as const;
  run.file(1n, { kind: "rename", file, to: name });
}

function created(counter: number, path: string, cxid = counter): LoggedTxn {
  const zxid = makeZxid(1, counter);
  const body = { path, data: asciiBytes("a"), acl: [], ephemeral: false, parentCVersion: counter };
  return txnOf(zxid, encodeTxn(OpCode.create2, { clientId: SESSION, cxid, zxid, time: 0n }, body));
}

/** A client opens the session, and the first txn is that. */
function openSession(run: FakeRun): void {
  const change = createSessionChange(SESSION, 1000);
  run.ask(0, "client", 1n, { kind: "submit", change });
  const zxid = makeZxid(1, 1);
  const header = { clientId: SESSION, cxid: 0, zxid, time: 0n };
  run.deliverTxns(1n, txnOf(zxid, encodeTxn(OpCode.createSession, header, { timeOut: 1000 })));
}

function submit(path: string, cxid: number): ClientRequest {
  const change = createChange(path, "a", CreateMode.PERSISTENT);
  return { kind: "submit", change: { sessionId: SESSION, cxid, ...change, authInfo: [] } };
}

function answerOf(txn: LoggedTxn) {
  return { kind: "applied", txn, result: { err: 0, type: txn.header.type } } as const;
}

function vote(change: Partial<Notification>): Effect {
  return { kind: "notify", to: 3n, notification: { ...VOTE, ...change } };
}

function hear(run: FakeRun, sid: Sid, from: Sid, change: Partial<Notification>): void {
  const bytes = encodeNotification({ ...VOTE, ...change });
  run.step(sid, {}, [], { kind: "notified", from, bytes });
}

function recovered(change: Partial<Extract<Report, { kind: "recovered" }>>): Effect {
  return {
    kind: "report",
    report: {
      kind: "recovered",
      lastZxid: 0n,
      snapshotZxid: undefined,
      txns: 0,
      acceptedEpoch: 0,
      currentEpoch: 0,
      tornBytes: 0,
      ...change,
    },
  };
}

const VOTE: Notification = {
  leader: 1n,
  zxid: 0n,
  peerEpoch: 3n,
  state: "looking",
  electionEpoch: 1n,
  version: 2,
  configuration: undefined,
};
