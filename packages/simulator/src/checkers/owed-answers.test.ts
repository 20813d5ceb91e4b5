import type { Effect } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { makeZxid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun, sessionTxn } from "./fake-run.js";
import { OwedAnswers } from "./owed-answers.js";

/** The learner's end of its connection with leader 1. */
const CONNECTION = 21;
const SYNC = { kind: "sync", file: { directory: "log", name: "log.1" } } as const;

describe("OwedAnswers", () => {
  it.each([
    [
      { kind: "LEADERINFO", epoch: 1 },
      { kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 },
    ],
    [
      { kind: "NEWLEADER", epoch: 1, configuration: "" },
      { kind: "ACK", zxid: makeZxid(1, 0) },
    ],
  ] as const)("wants $kind answered once the disk is at rest", (packet, answer) => {
    expect(wrong(packet, [[]])).toContain(`owes ${answer.kind}, and its disk has nothing to do`);
    expect(wrong(packet, [[send(answer)]])).toBeUndefined();
    expect(wrong(packet, [[file(1)]])).toBeUndefined();
    expect(wrong(packet, [[file(1)], 1])).toContain(`owes ${answer.kind}`);
    expect(wrong(packet, [[file(1), file(2)], 1])).toBeUndefined();
    expect(wrong(packet, [[file(1)], [send(answer)], 1])).toBeUndefined();
    expect(wrong(packet, [[send({ kind: "PINGANSWER", zxid: 0n, touched: [] })]])).toBeDefined();
    expect(wrong(packet, [[{ ...send(answer), connection: 31 } as Effect]])).toBeDefined();
    expect(wrong(packet, [[closing()]])).toBeUndefined();
  });

  it("wants each proposal acknowledged by a follower that is up to date, in whatever company", () => {
    const [one, two] = [sessionTxn(1, 1), sessionTxn(1, 2)];
    const ack = (zxid: bigint): Effect => send({ kind: "ACK", zxid });
    const play = (isUpToDate: boolean, steps: Steps) => {
      const run = begin();
      run.deliver(1n, 2n, { kind: "PROPOSAL", txn: one });
      if (isUpToDate) run.deliver(1n, 2n, { kind: "UPTODATE" });
      run.deliver(1n, 2n, { kind: "PROPOSAL", txn: two });
      return playSteps(run, steps);
    };
    expect(play(true, [[]])).toContain("owes ACK of 0x100000001");
    expect(play(true, [[ack(one.zxid)]])).toContain("owes ACK of 0x100000002");
    expect(play(true, [[ack(one.zxid), ack(two.zxid)]])).toBeUndefined();
    expect(play(true, [[ack(two.zxid)]])).toBeUndefined();
    // Until then txns that are not committed may wait in memory.
    expect(play(false, [[]])).toBeUndefined();
  });

  it("wants nothing of an observer, of one that has left, or of one whose step a crash cut short", () => {
    const run = begin();
    run.deliver(1n, 2n, { kind: "UPTODATE" });
    run.deliver(1n, 2n, { kind: "PROPOSAL", txn: sessionTxn(1, 1) });
    run.step(2n, { role: "observing" });
    run.step(2n, { role: "looking" });
    run.step(2n, { role: "following" });
    run.deliver(1n, 2n, { kind: "LEADERINFO", epoch: 1 });
    run.step(2n, {});
    run.observe({ kind: "crash", sid: 2n });
    run.end();
  });
});

/** Steps of a learner: with these effects, or the end of a file operation. */
type Steps = readonly (readonly Effect[] | number)[];

function wrong(packet: OutgoingPacket, steps: Steps): string | undefined {
  const run = begin();
  run.deliver(1n, 2n, packet);
  return playSteps(run, steps);
}

function playSteps(run: FakeRun, steps: Steps): string | undefined {
  try {
    for (const each of steps)
      if (typeof each === "number")
        run.step(2n, {}, [], { kind: "fileDone", id: each, result: { kind: "done" } });
      else run.step(2n, {}, each);
    run.end();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** Server 1 leads, and 2 has accepted its epoch. */
function begin(): FakeRun {
  const run = new FakeRun([new OwedAnswers()]);
  run.lead(1n, 1);
  run.follow(2n, 1n, 1);
  run.deliver(1n, 2n, { kind: "LEADERINFO", epoch: 1 });
  run.step(2n, {}, [send({ kind: "ACKEPOCH", lastZxid: 0n, currentEpoch: 0 })]);
  return run;
}

function send(packet: OutgoingPacket): Effect {
  return { kind: "send", connection: CONNECTION, packet };
}

function file(id: number): Effect {
  return { kind: "file", id, lane: "log", operation: SYNC };
}

function closing(): Effect {
  const reason = { kind: "ended", text: "" } as const;
  return { kind: "closeConnection", connection: CONNECTION, reason };
}
