import { describe, expect, it } from "vitest";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { makeZxid } from "@jute-ts/zookeeper";
import type { Checker } from "./checker.js";
import { AckConsistent } from "./ack-consistent.js";
import { CommitConsistent } from "./commit-consistent.js";
import { FakeRun, sessionTxn } from "./fake-run.js";
import { type Ghosts, newGhosts } from "../model/ghosts.js";
import { MessageLegal } from "./message-legal.js";
import { ProposalConsistent } from "./proposal-consistent.js";
import { StateConsistent } from "./state-consistent.js";
import { SyncConsistent } from "./sync-consistent.js";

const one = sessionTxn(1, 1);
const two = sessionTxn(1, 2);
const three = sessionTxn(1, 3);
const leader = 1n;
const learner = 2n;

/** The whole conversation of a learner that joins and takes part: [whether the leader says it, what]. */
const conversation: readonly (readonly ["leader" | "learner", OutgoingPacket])[] = [
  [
    "learner",
    {
      kind: "FOLLOWERINFO",
      acceptedEpoch: 0,
      identity: { sid: learner, protocolVersion: 0x10000, configVersion: 0n },
    },
  ],
  ["leader", { kind: "LEADERINFO", epoch: 1 }],
  ["learner", { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 }],
  ["leader", { kind: "DIFF", zxid: one.zxid }],
  ["leader", { kind: "PROPOSAL", txn: one }],
  ["leader", { kind: "COMMIT", zxid: one.zxid }],
  ["leader", { kind: "NEWLEADER", epoch: 1, configuration: "" }],
  ["learner", { kind: "ACK", zxid: makeZxid(1, 0) }],
  ["leader", { kind: "PING", zxid: one.zxid }],
  ["learner", { kind: "PINGANSWER", zxid: one.zxid, touched: [] }],
  ["leader", { kind: "UPTODATE" }],
  ["learner", { kind: "ACK", zxid: makeZxid(1, 0) }],
  ["leader", { kind: "PROPOSAL", txn: two }],
  ["learner", { kind: "ACK", zxid: two.zxid }],
  ["leader", { kind: "COMMIT", zxid: two.zxid }],
];

/** Server 1 leads epoch 1 and has committed two txns; server 2 follows. */
function runWith(make: (ghosts: Ghosts) => Checker): FakeRun {
  const ghosts = newGhosts();
  const run = new FakeRun([ghosts.history, make(ghosts)]);
  run.lead(leader, 1);
  run.deliverTxns(leader, one, two);
  run.step(learner, { role: "following", phase: "broadcast", epoch: 1, serving: true });
  return run;
}

function say(run: FakeRun, by: "leader" | "learner", packet: OutgoingPacket): void {
  if (by === "leader") run.say(leader, learner, packet);
  else run.say(learner, leader, packet);
}

/** The first packets of the conversation, up to the first of this kind by this side, which is left out. */
function sayUntil(run: FakeRun, by: "leader" | "learner", kind: string): void {
  for (const [speaker, packet] of conversation) {
    if (speaker === by && packet.kind === kind) return;
    say(run, speaker, packet);
  }
}

describe("every checker of packets", () => {
  it.each<[string, (ghosts: Ghosts) => Checker]>([
    ["MessageLegal", ({ links }) => new MessageLegal(links)],
    ["StateConsistent", (ghosts) => new StateConsistent(ghosts)],
    ["ProposalConsistent", (ghosts) => new ProposalConsistent(ghosts)],
    ["CommitConsistent", (ghosts) => new CommitConsistent(ghosts)],
    ["AckConsistent", ({ links }) => new AckConsistent(links)],
    ["SyncConsistent", ({ links }) => new SyncConsistent(links)],
  ])("accepts a whole conversation: %s", (_, make) => {
    const run = runWith(make);
    for (const [by, packet] of conversation) say(run, by, packet);
  });
});

describe("MessageLegal", () => {
  // Each kind of the conversation, said before anything that allows it.
  it.each<["leader" | "learner", string, OutgoingPacket, string]>([
    ["leader", "LEADERINFO", { kind: "UPTODATE" }, "NEWLEADER was not answered"],
    ["leader", "DIFF", { kind: "NEWLEADER", epoch: 1, configuration: "" }, "history was not sent"],
    ["leader", "DIFF", { kind: "PROPOSAL", txn: one }, "no plan was carried out"],
    ["leader", "NEWLEADER", { kind: "DIFF", zxid: 0n }, "the plan was made before"],
    ["leader", "NEWLEADER", { kind: "INFORM", txn: two }, "only an observer gets INFORM"],
    ["leader", "NEWLEADER", { kind: "SNAPSHOTEND" }, "no snapshot was announced"],
    ["leader", "NEWLEADER", { kind: "PING", zxid: 0n }, "the learner is not synchronized"],
    ["leader", "UPTODATE", { kind: "SYNC" }, "nobody asked"],
    ["leader", "UPTODATE", { kind: "ACK", zxid: 0n }, "only a learner says that"],
    ["learner", "ACKEPOCH", { kind: "ACK", zxid: 0n }, "NEWLEADER has not come"],
    ["learner", "ACKEPOCH", { kind: "UPTODATE" }, "only a leader says that"],
  ])("refuses, from the %s before %s, %o", (by, before, packet, text) => {
    const run = runWith(({ links }) => new MessageLegal(links));
    sayUntil(run, by, before);
    expect(() => {
      say(run, by, packet);
    }).toThrow(text);
  });

  it("refuses requests before UPTODATE and acks of txns before it", () => {
    const run = runWith(({ links }) => new MessageLegal(links));
    sayUntil(run, "leader", "UPTODATE");
    expect(() => {
      run.send(learner, leader, { kind: "SYNCREQUEST", sessionId: 1n, cxid: 1 });
    }).toThrow("UPTODATE has not come");
    expect(() => {
      run.send(learner, leader, { kind: "ACK", zxid: one.zxid });
    }).toThrow("UPTODATE has not come");
  });
});

describe("StateConsistent", () => {
  it.each<[string, OutgoingPacket, string]>([
    [
      "a plan for a history that the leader lacks",
      { kind: "TRUNC", zxid: three.zxid },
      "keeps 0x100000003",
    ],
    ["another epoch", { kind: "NEWLEADER", epoch: 2, configuration: "" }, "after offering 1"],
  ])("refuses %s", (_, packet, text) => {
    const run = runWith((ghosts) => new StateConsistent(ghosts));
    sayUntil(run, "leader", "DIFF");
    expect(() => {
      run.send(leader, learner, packet);
    }).toThrow(text);
  });

  it("refuses UPTODATE before the epoch is established", () => {
    const run = runWith((ghosts) => new StateConsistent(ghosts));
    run.step(leader, { phase: "synchronization" });
    expect(() => {
      run.send(leader, learner, { kind: "UPTODATE" });
    }).toThrow("established");
  });

  it("refuses what a leader says that leads no more", () => {
    const run = runWith((ghosts) => new StateConsistent(ghosts));
    run.step(leader, { role: "looking" });
    const effect = { kind: "send", connection: 1021, packet: { kind: "UPTODATE" } } as const;
    expect(() => {
      run.step(leader, {}, [effect]);
    }).toThrow("while it is looking");
  });
});

describe("ProposalConsistent", () => {
  it.each([
    ["leaves one out", three],
    ["comes twice", one],
  ])("refuses a proposal that %s", (_, txn) => {
    const run = runWith((ghosts) => new ProposalConsistent(ghosts));
    sayUntil(run, "leader", "NEWLEADER");
    expect(() => {
      run.send(leader, learner, { kind: "PROPOSAL", txn });
    }).toThrow("to a learner that has 0x100000001");
  });
});

describe("CommitConsistent", () => {
  it("refuses a commit out of order", () => {
    const run = runWith((ghosts) => new CommitConsistent(ghosts));
    sayUntil(run, "leader", "COMMIT");
    run.send(leader, learner, { kind: "PROPOSAL", txn: two });
    expect(() => {
      run.send(leader, learner, { kind: "COMMIT", zxid: two.zxid });
    }).toThrow("0x100000001 is next");
  });

  it("refuses a commit of what was not proposed", () => {
    const run = runWith((ghosts) => new CommitConsistent(ghosts));
    expect(() => {
      run.send(leader, learner, { kind: "COMMIT", zxid: one.zxid });
    }).toThrow("nothing is pending");
  });

  it("refuses to announce a commit that did not happen", () => {
    const run = runWith((ghosts) => new CommitConsistent(ghosts));
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    expect(() => {
      run.send(leader, learner, { kind: "COMMIT", zxid: three.zxid });
    }).toThrow("up to 0x100000002 only");
  });
});

describe("AckConsistent", () => {
  it.each<[string, bigint, string]>([
    ["of what it was not sent", three.zxid, "the last that it was sent is 0x100000002"],
    ["of another epoch", makeZxid(2, 0), "the leader's epoch is 1"],
    ["of the epoch for the third time", makeZxid(1, 0), "it has done so twice"],
  ])("refuses an ack %s", (_, zxid, text) => {
    const run = runWith(({ links }) => new AckConsistent(links));
    for (const [by, packet] of conversation) say(run, by, packet);
    expect(() => {
      run.send(learner, leader, { kind: "ACK", zxid });
    }).toThrow(text);
  });

  it("refuses the ack of a txn twice, and before that of NEWLEADER", () => {
    const run = runWith(({ links }) => new AckConsistent(links));
    sayUntil(run, "learner", "ACK");
    const ack = { kind: "ACK", zxid: one.zxid } as const;
    expect(() => {
      run.send(learner, leader, ack);
    }).toThrow("NEWLEADER comes first");
    run.send(learner, leader, { kind: "ACK", zxid: makeZxid(1, 0) });
    run.send(learner, leader, ack);
    expect(() => {
      run.send(learner, leader, ack);
    }).toThrow("acknowledged 0x100000001 before");
  });
});

describe("SyncConsistent", () => {
  const request = { kind: "SYNCREQUEST", sessionId: 1n, cxid: 1 } as const;
  const sync = { kind: "SYNC" } as const;

  function syncing(): FakeRun {
    const run = runWith(({ links }) => new SyncConsistent(links));
    for (const [by, packet] of conversation) say(run, by, packet);
    return run;
  }

  it("accepts answers after what was proposed before each sync, and no more", () => {
    const run = syncing();
    run.say(learner, leader, request);
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    run.say(learner, leader, request);
    run.send(leader, learner, sync);
    run.send(leader, learner, { kind: "COMMIT", zxid: three.zxid });
    run.send(leader, learner, sync);
  });

  it("refuses an answer to a learner that was not told of the commit before it", () => {
    const run = syncing();
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    run.say(learner, leader, request);
    expect(() => {
      run.send(leader, learner, sync);
    }).toThrow("after its proposal 0x100000003, but it has told of commits up to 0x100000002");
  });

  it("refuses the same to an observer, which hears of no proposals", () => {
    const run = syncing();
    const observer = 3n;
    run.step(observer, { role: "observing", phase: "broadcast", epoch: 1, serving: true });
    run.send(leader, observer, { kind: "DIFF", zxid: two.zxid });
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    run.say(observer, leader, request);
    expect(() => {
      run.send(leader, observer, sync);
    }).toThrow("told of commits up to 0x100000002 only");
    run.say(observer, leader, request);
    run.send(leader, observer, { kind: "INFORM", txn: three });
    run.send(leader, observer, sync);
  });

  it("refuses another commit before each of the syncs that wait for the same one is answered", () => {
    const run = syncing();
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    run.say(learner, leader, request);
    run.say(learner, leader, request);
    run.send(leader, learner, { kind: "COMMIT", zxid: three.zxid });
    run.send(leader, learner, sync);
    expect(() => {
      run.send(leader, learner, { kind: "COMMIT", zxid: three.zxid + 1n });
    }).toThrow("has not answered a sync that came after its proposal 0x100000003");
  });

  it("accepts that what was proposed in an earlier leadership is lost", () => {
    const run = syncing();
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    run.step(leader, { role: "looking" });
    run.step(leader, { role: "leading" });
    run.say(learner, leader, request);
    run.send(leader, learner, sync);
  });

  it("refuses an early answer to a client of the leader itself", () => {
    const run = syncing();
    run.send(leader, learner, { kind: "PROPOSAL", txn: three });
    const asked = { kind: "sync", request: 9, sessionId: 1n, cxid: 1 } as const;
    const answered = { kind: "answer", request: 9, answer: { kind: "synced" } } as const;
    expect(() => {
      run.step(leader, {}, [answered], asked);
    }).toThrow("it has committed up to 0x100000002 only");
    run.step(leader, {}, [], asked);
    run.step(leader, { lastCommittedZxid: three.zxid }, [answered]);
  });
});
