import type { PeerStatus } from "@jute-ts/quorum";
import { makeZxid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun, sessionTxn } from "./fake-run.js";
import { TimelyAcks } from "./timely-acks.js";

const LEADER = 1n;
const FOLLOWER = 2n;
const txn = sessionTxn(1, 1);
/** Twice syncLimit of 5 ticks and one more, the lateness of timers, and one: 1221 ms. */
const LIMITS = { tickTimeMs: 100, syncLimit: 5, timerLatenessMs: 5 };
const BOUND_MS = 1221;

describe("TimelyAcks", () => {
  /** Server 1 leads, and server 2 is being brought up to date while a txn is proposed. */
  function proposedEarly(): FakeRun {
    const run = new FakeRun([new TimelyAcks(LIMITS)]);
    run.lead(LEADER, 1);
    run.step(LEADER, { learners: [learner("awaitingNewLeaderAck")] });
    run.send(LEADER, FOLLOWER, { kind: "PROPOSAL", txn });
    return run;
  }

  function commit(run: FakeRun): void {
    run.send(LEADER, FOLLOWER, { kind: "COMMIT", zxid: txn.zxid });
  }

  function serve(run: FakeRun): void {
    run.step(LEADER, { learners: [learner("forwarding")] });
  }

  function wait(run: FakeRun, ms: number): void {
    run.nowMs += ms;
    run.step(LEADER, {});
  }

  it("takes a txn that was committed before the follower was up to date for acknowledged with its history", () => {
    const run = proposedEarly();
    commit(run);
    serve(run);
    expect(() => {
      wait(run, 60_000);
    }).not.toThrow();
  });

  it.each([
    ["is not committed", serve],
    [
      "is committed later",
      (run: FakeRun): void => {
        serve(run);
        commit(run);
      },
    ],
  ])("wants one acknowledged that %s", (_, begin) => {
    const run = proposedEarly();
    begin(run);
    wait(run, BOUND_MS);
    expect(() => {
      wait(run, 1);
    }).toThrow(/^1 keeps 2, which has not acknowledged 0x100000001 for 1222 ms$/u);
  });

  it("is content with an acknowledgement", () => {
    const run = proposedEarly();
    serve(run);
    run.deliver(FOLLOWER, LEADER, { kind: "ACK", zxid: makeZxid(1, 1) });
    expect(() => {
      wait(run, 60_000);
    }).not.toThrow();
  });
});

function learner(stage: PeerStatus["learners"][number]["stage"]): PeerStatus["learners"][number] {
  return { sid: FOLLOWER, role: "follower", votes: true, stage, lastAckedZxid: 0n };
}
