import { makeZxid, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../../test/effort.js";
import type { LoggedTxn } from "../replicated-state.js";
import { planSync, type SyncPlan } from "./sync-plan.js";

/** Txns named as epoch.counter: `txns("1.1", "1.2")`. */
function txns(...names: string[]): LoggedTxn[] {
  return names.map((name) => txn(zxidOf(name)));
}

function txn(zxid: Zxid): LoggedTxn {
  return { zxid, header: new TxnHeader({ zxid }), bytes: new Uint8Array(0) };
}

function zxidOf(name: string): Zxid {
  const [epoch = 0, counter = 0] = name.split(".").map(Number);
  return makeZxid(epoch, counter);
}

function nameOf(zxid: Zxid): string {
  return `${zxid >> 32n}.${zxid & 0xffff_ffffn}`;
}

/** A plan in one line. */
function show(plan: SyncPlan): string {
  if (plan.kind === "SNAP") return `SNAP ${plan.reason}`;
  const sent = plan.txns.map(({ zxid }) => nameOf(zxid)).join(" ");
  return `${plan.kind}(${nameOf(plan.zxid)}) ${plan.reason} [${sent}]`;
}

it("is a snapshot for what is too much to be sent at once", () => {
  const long = txns("1.1", "1.2", "1.3").map((txn) => ({ ...txn, bytes: new Uint8Array(100) }));
  const source = { lastZxid: zxidOf("1.3"), committedLog: long };
  const plan = (peer: string, maxBytes: number): string =>
    show(planSync(zxidOf(peer), { ...source, maxBytes }));
  // Each txn is a PROPOSAL of 100 bytes and a COMMIT, with some 32 bytes around each.
  expect(plan("1.1", 2 * (100 + 2 * 32))).toBe("DIFF(1.3) in-memory [1.2 1.3]");
  expect(plan("1.1", 2 * (100 + 2 * 32) - 1)).toBe("SNAP too-much");
  expect(plan("1.3", 0)).toBe("DIFF(1.3) equal []");
});

describe("the sync decision, row by row", () => {
  const log = txns("1.3", "1.4", "1.5", "3.1", "3.2");
  const rows: [string, string, { last: string; log: LoggedTxn[] }, string][] = [
    [
      "row 2: the learner has exactly what the leader has",
      "3.2",
      { last: "3.2", log },
      "DIFF(3.2) equal []",
    ],
    [
      "row 2: both have only seen the epoch begin",
      "4.0",
      { last: "4.0", log: [] },
      "DIFF(4.0) equal []",
    ],
    [
      "row 3: the learner has more than was ever committed",
      "3.9",
      { last: "3.2", log },
      "TRUNC(3.2) learner-ahead []",
    ],
    [
      "row 3: the same with an empty memory",
      "2.7",
      { last: "2.5", log: [] },
      "TRUNC(2.5) learner-ahead []",
    ],
    [
      "row 3 does not apply where an epoch has only begun",
      "5.0",
      { last: "3.2", log },
      "SNAP too-far-behind",
    ],
    [
      "row 4: the learner's last txn is in memory",
      "1.4",
      { last: "3.2", log },
      "DIFF(3.2) in-memory [1.5 3.1 3.2]",
    ],
    [
      "row 4: it is the oldest in memory",
      "1.3",
      { last: "3.2", log },
      "DIFF(3.2) in-memory [1.4 1.5 3.1 3.2]",
    ],
    [
      "row 4: it is the newest, but the leader's epoch has begun since",
      "3.2",
      { last: "4.0", log },
      "DIFF(3.2) in-memory []",
    ],
    [
      "row 4: the learner has only seen the epoch begin",
      "3.0",
      { last: "3.2", log },
      "DIFF(3.2) new-epoch [3.1 3.2]",
    ],
    [
      "row 4: it has seen an epoch begin that brought no txn",
      "2.0",
      { last: "3.2", log },
      "DIFF(3.2) new-epoch [3.1 3.2]",
    ],
    [
      "row 4: it diverged in an epoch that went on without it",
      "2.7",
      { last: "3.2", log },
      "SNAP diverged-across-epochs",
    ],
    [
      "row 4: it has a later txn of an epoch that ended earlier",
      "1.9",
      { last: "3.2", log },
      "SNAP diverged-across-epochs",
    ],
    [
      "row 4: it has a txn that the same epoch skipped",
      "3.2",
      { last: "3.3", log: txns("3.1", "3.3") },
      "TRUNC(3.1) diverged-in-epoch [3.3]",
    ],
    [
      "row 6: the learner is older than the memory",
      "1.2",
      { last: "3.2", log },
      "SNAP too-far-behind",
    ],
    ["row 6: a learner without any txn", "0.0", { last: "3.2", log }, "SNAP too-far-behind"],
    [
      "row 6: an empty memory and an older learner",
      "1.2",
      { last: "2.0", log: [] },
      "SNAP too-far-behind",
    ],
  ];
  it.each(rows)("%s", (_name, peer, leader, expected) => {
    const source = { lastZxid: zxidOf(leader.last), committedLog: leader.log };
    expect(show(planSync(zxidOf(peer), source))).toBe(expected);
  });
});

describe("the sync decision, by what comes of it", () => {
  it("ends with the leader's history, whatever the learner had", () => {
    fc.assert(
      fc.property(worlds(), ({ leader, learner, memory }) => {
        expect(synchronized(learner, leader, memory).map(nameOf)).toEqual(leader.map(nameOf));
      }),
      { numRuns: effort(20_000, 500) },
    );
  });

  it("never cuts a txn that is committed", () => {
    fc.assert(
      fc.property(worlds(), ({ leader, learner, memory }) => {
        const plan = planFor(learner, leader, memory);
        if (plan.kind !== "TRUNC") return;
        const cut = learner.filter((zxid) => zxid > plan.zxid);
        expect(cut.filter((zxid) => leader.includes(zxid))).toEqual(
          // Txns that are cut although they are committed are sent again at once.
          cut.filter((zxid) => plan.txns.some((sent) => sent.zxid === zxid)),
        );
      }),
      { numRuns: effort(20_000, 500) },
    );
  });
});

function planFor(learner: readonly Zxid[], leader: readonly Zxid[], memory: number): SyncPlan {
  return planSync(learner.at(-1) ?? 0n, {
    lastZxid: leader.at(-1) ?? 0n,
    committedLog: leader.slice(leader.length - memory).map(txn),
  });
}

/** Carries plans out on a list of zxids, as often as a learner would connect. */
function synchronized(learner: readonly Zxid[], leader: readonly Zxid[], memory: number): Zxid[] {
  let log = [...learner];
  for (let connections = 0; connections < 4; connections++) {
    const plan = planFor(log, leader, memory);
    if (plan.kind === "SNAP") return [...leader];
    if (plan.kind === "TRUNC") {
      log = log.filter((zxid) => zxid <= plan.zxid);
      // The log does not hold what it was to be cut after: the learner connects again.
      if (log.at(-1) !== plan.zxid) continue;
    }
    return [...log, ...plan.txns.map(({ zxid }) => zxid)];
  }
  return log;
}

interface World {
  readonly leader: Zxid[];
  readonly learner: Zxid[];
  readonly memory: number;
}

/**
 * Histories as leaderships make them: each begins with a part of what was there, adds
 * its own txns, and some of those survive. The learner followed one of the leaderships
 * as far as it went; the leader has what survived all of them.
 */
function worlds(): fc.Arbitrary<World> {
  const leadership = fc.record({
    proposed: fc.integer({ min: 0, max: 4 }),
    survive: fc.integer({ min: 0, max: 4 }),
  });
  return fc
    .record({
      leaderships: fc.array(leadership, { minLength: 1, maxLength: 5 }),
      followed: fc.nat(),
      had: fc.nat(),
      memory: fc.nat(),
    })
    .map(({ leaderships, followed, had, memory }) => {
      const leader: Zxid[] = [];
      const logs: Zxid[][] = [];
      leaderships.forEach(({ proposed, survive }, index) => {
        const own = Array.from({ length: proposed }, (_, n) => makeZxid(index + 1, n + 1));
        logs.push([...leader, ...own]);
        leader.push(...own.slice(0, survive));
      });
      const log = logs[followed % logs.length] ?? [];
      const learner = log.slice(0, had % (log.length + 1));
      return { leader, learner, memory: memory % (leader.length + 1) };
    });
}
