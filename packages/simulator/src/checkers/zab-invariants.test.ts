import { describe, expect, it } from "vitest";
import type { Effect } from "@jute-ts/quorum";
import type { Notification } from "@jute-ts/quorum/wire";
import type { Checker } from "./checker.js";
import { makeZxid } from "@jute-ts/zookeeper";
import { Agreement } from "./agreement.js";
import { CommittedLogDurability } from "./committed-log-durability.js";
import { CommittedLogMonotonicity } from "./committed-log-monotonicity.js";
import { ElectionConsistent } from "./election-consistent.js";
import { applied, FakeRun, newLog, sessionTxn, syncedLog, txnOf } from "./fake-run.js";
import { type Ghosts, newGhosts } from "../model/ghosts.js";
import { GlobalPrimaryOrder } from "./global-primary-order.js";
import { Integrity } from "./integrity.js";
import { LeaderLogCompleteness } from "./leader-log-completeness.js";
import { OneLeaderPerEpoch } from "./one-leader-per-epoch.js";
import { EpochEstablishedOnce } from "./epoch-established-once.js";
import { LocalPrimaryOrder } from "./local-primary-order.js";
import { PrefixConsistency } from "./prefix-consistency.js";
import { PrimaryIntegrity } from "./primary-integrity.js";
import { ProcessConsistency } from "./process-consistency.js";
import { TotalOrder } from "./total-order.js";

const one = sessionTxn(1, 1);
const two = sessionTxn(1, 2);
const three = sessionTxn(1, 3);
const later = sessionTxn(2, 1);

function runWith(make: (ghosts: Ghosts) => Checker, size?: number): FakeRun {
  const ghosts = newGhosts();
  return new FakeRun([ghosts.history, ghosts.disks, make(ghosts)], size);
}

describe("OneLeaderPerEpoch", () => {
  it("accepts leaders of different epochs", () => {
    const run = runWith(() => new OneLeaderPerEpoch());
    run.lead(1n, 1);
    run.lead(2n, 2);
  });

  it("refuses a second leader of an epoch", () => {
    const run = runWith(() => new OneLeaderPerEpoch());
    run.lead(1n, 1);
    expect(() => {
      run.lead(2n, 1);
    }).toThrow("2 leads epoch 1, which 1 still leads");
  });
});

describe("EpochEstablishedOnce", () => {
  it("accepts a server that establishes one epoch after the other", () => {
    const run = runWith(() => new EpochEstablishedOnce());
    run.lead(1n, 1);
    run.step(1n, { role: "looking", phase: undefined, epoch: undefined });
    run.lead(1n, 2);
  });

  it("refuses an epoch that is established again, even by the same server", () => {
    const run = runWith(() => new EpochEstablishedOnce());
    run.lead(1n, 1);
    run.step(1n, { role: "looking", phase: undefined, epoch: undefined });
    expect(() => {
      run.lead(1n, 1);
    }).toThrow("1 establishes epoch 1, which 1 has established before");
  });
});

/** Server 1 leads epoch 1 and 2 epoch 2; both begin with nothing, so their histories part at once. */
function splitBrain(run: FakeRun): void {
  run.lead(1n, 1);
  run.deliverTxns(1n, one, two);
  run.lead(2n, 2);
}

describe("PrefixConsistency", () => {
  it("accepts servers that have delivered more or less of one history", () => {
    const run = runWith(({ history }) => new PrefixConsistency(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.follow(2n, 1n, 1);
    run.deliverTxns(2n, one);
  });

  it("refuses what is delivered beside the committed history", () => {
    const run = runWith(({ history }) => new PrefixConsistency(history));
    splitBrain(run);
    expect(() => {
      run.deliverTxns(2n, later);
    }).toThrow("the histories part after 0x0");
  });
});

describe("Agreement", () => {
  it("accepts a server that is behind another", () => {
    const run = runWith(({ history }) => new Agreement(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.deliverTxns(2n, one);
    run.deliverTxns(2n, two);
  });

  it("refuses two servers that each have what the other lacks", () => {
    const run = runWith(({ history }) => new Agreement(history));
    splitBrain(run);
    expect(() => {
      run.deliverTxns(2n, later);
    }).toThrow("neither has both");
  });
});

describe("Integrity", () => {
  it("accepts what the leader has proposed", () => {
    const run = runWith(({ history }) => new Integrity(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.deliverTxns(2n, one);
  });

  it("refuses what no leader has proposed", () => {
    const run = runWith(({ history }) => new Integrity(history));
    run.lead(1n, 1);
    expect(() => {
      run.deliverTxns(2n, one);
    }).toThrow("not at the epoch's leader, 1");
  });

  it("refuses what differs from what the leader has proposed", () => {
    const run = runWith(({ history }) => new Integrity(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    const forged = txnOf(one.zxid, sessionTxn(1, 1, 8n).bytes);
    expect(() => {
      run.deliverTxns(2n, forged);
    }).toThrow("not as its leader 1 made it");
  });
});

describe("TotalOrder", () => {
  it("accepts txns in the order of the history, also across epochs", () => {
    const run = runWith(({ history }) => new TotalOrder(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.deliverTxns(2n, one, two);
    run.lead(2n, 2);
    run.deliverTxns(2n, later);
    run.deliverTxns(1n, later);
  });

  it("refuses a txn whose predecessor is missing", () => {
    const run = runWith(({ history }) => new TotalOrder(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two, three);
    run.deliverTxns(2n, one);
    expect(() => {
      run.deliverTxns(2n, three);
    }).toThrow("elsewhere 0x100000002 comes before it");
  });

  it("refuses a txn after one that its leader did not have", () => {
    const run = runWith(({ history }) => new TotalOrder(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.deliverTxns(2n, one);
    run.lead(2n, 2);
    run.deliverTxns(2n, later);
    expect(() => {
      run.deliverTxns(1n, later);
    }).toThrow("elsewhere 0x100000001 comes before it");
  });
});

describe("LocalPrimaryOrder", () => {
  it("accepts a leader's txns in their order", () => {
    const run = runWith(() => new LocalPrimaryOrder());
    run.deliverTxns(1n, one, two);
    run.deliverTxns(1n, three, later);
  });

  it.each([
    ["in the wrong order", [one, three, two]],
    ["twice", [one, one]],
  ])("refuses a leader's txns %s", (_, txns) => {
    const run = runWith(() => new LocalPrimaryOrder());
    expect(() => {
      run.deliverTxns(1n, ...txns);
    }).toThrow("of the same leader");
  });
});

describe("GlobalPrimaryOrder", () => {
  it("accepts epochs in their order", () => {
    const run = runWith(() => new GlobalPrimaryOrder());
    run.deliverTxns(1n, one, later);
  });

  it("refuses a txn of an earlier epoch after one of a later", () => {
    const run = runWith(() => new GlobalPrimaryOrder());
    run.deliverTxns(1n, later);
    expect(() => {
      run.deliverTxns(1n, two);
    }).toThrow("of a later epoch");
  });
});

describe("PrimaryIntegrity", () => {
  it("accepts a leader that has what its followers have", () => {
    const run = runWith(({ history }) => new PrimaryIntegrity(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.deliverTxns(2n, one);
    run.lead(2n, 2);
    run.send(2n, 1n, { kind: "PROPOSAL", txn: later });
  });

  it("refuses a leader that proposes without what a follower has delivered", () => {
    const run = runWith(({ history }) => new PrimaryIntegrity(history));
    splitBrain(run);
    expect(() => {
      run.send(2n, 1n, { kind: "PROPOSAL", txn: later });
    }).toThrow("without 0x100000002 that 1 has delivered");
  });
});

describe("CommittedLogMonotonicity", () => {
  it("accepts a leader that has everything that is committed", () => {
    const run = runWith(({ history }) => new CommittedLogMonotonicity(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.deliverTxns(2n, one);
    run.lead(2n, 2);
  });

  it("accepts one that has slept while a later epoch committed, and lacks nothing from before its own", () => {
    const run = runWith(({ history }) => new CommittedLogMonotonicity(history));
    run.lead(2n, 2);
    run.deliverTxns(2n, later);
    run.lead(1n, 1);
  });

  it("refuses a leader that lacks something committed", () => {
    const run = runWith(({ history }) => new CommittedLogMonotonicity(history));
    expect(() => {
      splitBrain(run);
    }).toThrow("without 0x100000002, which is committed");
  });
});

describe("LeaderLogCompleteness", () => {
  it("accepts a leader that begins with more than is committed", () => {
    const run = runWith(({ history }) => new LeaderLogCompleteness(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.lead(2n, 2, { lastProcessedZxid: two.zxid });
    run.deliverTxns(1n, two);
  });

  it("refuses a leader that begins without something committed", () => {
    const run = runWith(({ history }) => new LeaderLogCompleteness(history));
    expect(() => {
      splitBrain(run);
    }).toThrow("without 0x100000002, which is committed");
  });

  it("refuses what an older leader commits later, without the newer one having it", () => {
    const run = runWith(({ history }) => new LeaderLogCompleteness(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.lead(2n, 2, { lastProcessedZxid: one.zxid });
    expect(() => {
      run.deliverTxns(1n, two);
    }).toThrow("2 began epoch 2 with 0x100000001");
  });
});

describe("ProcessConsistency", () => {
  const takenOver = { role: "following", phase: "broadcast", leader: 1n, epoch: 2 } as const;
  const epochs = { acceptedEpoch: 2, currentEpoch: 2 };

  it("accepts a log that its leader has, and what the leader has added", () => {
    const run = runWith(({ history }) => new ProcessConsistency(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one, two);
    run.lead(1n, 2);
    run.step(2n, { ...takenOver, ...epochs, lastLoggedZxid: one.zxid });
    run.step(2n, { lastLoggedZxid: later.zxid });
  });

  it("refuses a log with something that its leader does not have", () => {
    const run = runWith(({ history }) => new ProcessConsistency(history));
    run.lead(1n, 1);
    run.deliverTxns(1n, one);
    run.lead(1n, 2);
    run.step(2n, { ...takenOver, acceptedEpoch: 2, currentEpoch: 1, lastLoggedZxid: two.zxid });
    expect(() => {
      run.step(2n, epochs);
    }).toThrow("a log that ends at 0x100000002");
  });
});

describe("CommittedLogDurability", () => {
  const txns = [one, two];
  const cut = { kind: "remove", file: { directory: "log", name: "log.100000001" } } as const;

  function committedOn(sids: readonly bigint[]): FakeRun {
    const run = runWith((ghosts) => new CommittedLogDurability(ghosts));
    // The first operation makes the ghost read the disk, which is empty.
    for (const sid of run.peers.keys()) run.file(sid, { kind: "syncDirectory", directory: "log" });
    for (const sid of sids)
      for (const operation of [...newLog(txns), ...syncedLog(txns)]) run.file(sid, operation);
    run.lead(1n, 1);
    run.deliverTxns(1n, ...txns);
    return run;
  }

  it("accepts the loss of a log while a quorum has what it held", () => {
    const run = committedOn([1n, 2n, 3n]);
    run.file(3n, cut);
  });

  it("refuses the loss of a log that leaves less than a quorum", () => {
    const run = committedOn([1n, 2n]);
    expect(() => {
      run.file(2n, cut);
    }).toThrow("now less than a quorum has it on disk");
  });

  it("accepts the loss of what is not committed", () => {
    const run = runWith((ghosts) => new CommittedLogDurability(ghosts));
    run.file(1n, { kind: "syncDirectory", directory: "log" });
    for (const operation of newLog(txns)) run.file(1n, operation);
    run.lead(1n, 1);
    run.file(1n, cut);
  });
});

describe("the ghost of histories", () => {
  it("walks over epochs to tell what a history holds", () => {
    const { history } = newGhosts();
    const run = new FakeRun([history]);
    run.lead(1n, 1, { lastProcessedZxid: 0n });
    run.lead(1n, 4, { lastProcessedZxid: makeZxid(1, 7) });
    run.lead(1n, 9, { lastProcessedZxid: makeZxid(4, 2) });
    const table: readonly (readonly [bigint, bigint, boolean])[] = [
      [makeZxid(9, 1), makeZxid(1, 7), true],
      [makeZxid(9, 1), makeZxid(1, 8), false],
      [makeZxid(9, 1), makeZxid(4, 2), true],
      [makeZxid(9, 1), makeZxid(4, 3), false],
      [makeZxid(9, 0), makeZxid(4, 2), true],
      [makeZxid(4, 2), makeZxid(9, 0), true],
      [makeZxid(4, 1), makeZxid(4, 2), false],
      [makeZxid(1, 1), 0n, true],
    ];
    for (const [last, zxid, expected] of table)
      expect([last, zxid, history.contains(last, zxid)]).toEqual([last, zxid, expected]);
    expect(history.predecessor(makeZxid(9, 1))).toBe(makeZxid(4, 2));
    expect(history.predecessor(makeZxid(4, 2))).toBe(makeZxid(4, 1));
    expect(history.commonZxid(makeZxid(9, 5), makeZxid(1, 9))).toBe(makeZxid(1, 7));
  });

  it("lists committed txns in their order, also those that came to be committed together", () => {
    const { history } = newGhosts();
    const run = new FakeRun([history]);
    run.lead(1n, 1);
    run.step(1n, { lastProcessedZxid: three.zxid }, [one, two, three].map(applied));
    expect(history.order).toEqual([]);
    run.step(1n, { lastCommittedZxid: two.zxid });
    run.lead(2n, 2, { lastProcessedZxid: three.zxid });
    run.deliverTxns(2n, later);
    expect(history.order).toEqual([one.zxid, two.zxid, three.zxid, later.zxid]);
  });
});

describe("ElectionConsistent", () => {
  const notify = (change: Partial<Notification>): Effect => ({
    kind: "notify",
    to: 3n,
    notification: {
      leader: 1n,
      zxid: one.zxid,
      peerEpoch: 3n,
      state: "looking",
      electionEpoch: 1n,
      version: 2,
      configuration: undefined,
      ...change,
    },
  });

  function looking(): FakeRun {
    const run = new FakeRun([new ElectionConsistent()]);
    run.step(2n, { role: "looking" }, [notify({})]);
    return run;
  }

  it("accepts votes that get better, and any vote in another round or election", () => {
    const run = looking();
    run.step(2n, {}, [notify({})]);
    run.step(2n, {}, [notify({ leader: 2n })]);
    run.step(2n, {}, [notify({ leader: 1n, zxid: two.zxid })]);
    run.step(2n, {}, [notify({ leader: 1n, peerEpoch: 4n })]);
    run.step(2n, {}, [notify({ peerEpoch: 1n, electionEpoch: 2n })]);
    run.step(2n, { role: "following" });
    run.step(2n, { role: "looking" }, [notify({ peerEpoch: 0n, electionEpoch: 2n })]);
  });

  it("accepts an election that begins and ends in one step", () => {
    const run = looking();
    run.step(2n, { role: "ending" });
    run.step(2n, { role: "following" }, [notify({ peerEpoch: 1n })]);
  });

  it.each([
    ["of an earlier epoch", { peerEpoch: 2n, zxid: two.zxid, leader: 3n }],
    ["with an earlier txn", { zxid: 0n, leader: 3n }],
    ["with a lower id", { leader: 0n }],
  ])("refuses a change to a vote %s", (_, change) => {
    const run = looking();
    expect(() => {
      run.step(2n, {}, [notify(change)]);
    }).toThrow("after it has voted for 1 with 0x100000001 of epoch 3 in the same round");
  });

  it("accepts what is said before the epoch is established, and the epoch from then on", () => {
    const run = new FakeRun([new ElectionConsistent()]);
    const announced = { state: "following" } as const;
    const joining = { role: "following", phase: "synchronization", epoch: 4 } as const;
    run.step(2n, joining, [notify(announced)]);
    run.follow(2n, 1n, 4);
    run.step(2n, {}, [notify({ ...announced, peerEpoch: 4n })]);
  });

  it("refuses the epoch from before the election of a server that serves (ZOOKEEPER-1732)", () => {
    const run = new FakeRun([new ElectionConsistent()]);
    run.follow(2n, 1n, 4);
    expect(() => {
      run.step(2n, {}, [notify({ state: "following" })]);
    }).toThrow("2 serves in epoch 4, but says that 1 leads in 3");
  });
});
