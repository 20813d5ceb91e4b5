import type { Effect, QuorumEvent, Report } from "@jute-ts/quorum";
import { encodeNotification, type Notification } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { InformedVoters } from "./informed-voters.js";

const VOTER = 2n;
const VOTE: Notification = {
  leader: 3n,
  zxid: 0n,
  peerEpoch: 0n,
  state: "looking",
  electionEpoch: 1n,
  version: 2,
  configuration: undefined,
};

function notify(to: Sid): Effect {
  return { kind: "notify", to, notification: VOTE };
}

function report(what: Report): Effect {
  return { kind: "report", report: what };
}

const TO_ALL = [notify(1n), notify(3n)];
const ASKED: Effect = { kind: "connectElection", to: [1n, 3n] };
const VOTED = report({ kind: "voted", leader: 3n, zxid: 0n, peerEpoch: 0n, round: 1n });
const ELECTED = report({ kind: "elected", leader: 3n, round: 1n, durationMs: 0 });

describe("InformedVoters", () => {
  /**
   * Server 2 of 3 looks for a leader from 0 ms on, and has told its vote. It tells it again after
   * 100 to 300 ms, and waits 50 ms for a better one.
   */
  function looking(): FakeRun {
    const run = new FakeRun([
      new InformedVoters({
        minNotificationIntervalMs: 100,
        maxNotificationIntervalMs: 300,
        finalizeWaitMs: 50,
        timerLatenessMs: 5,
      }),
    ]);
    run.step(VOTER, { role: "looking" }, TO_ALL);
    return run;
  }

  function step(
    run: FakeRun,
    nowMs: number,
    effects: readonly Effect[] = [],
    event: Partial<QuorumEvent> = {},
  ): void {
    run.nowMs = nowMs;
    run.step(VOTER, {}, effects, event);
  }

  function elect(
    run: FakeRun,
    nowMs: number,
    effects: readonly Effect[] = [],
    event: Partial<QuorumEvent> = {},
  ): void {
    run.nowMs = nowMs;
    run.step(VOTER, { role: "following", leader: 3n }, [...effects, ELECTED], event);
  }

  function linkUp(run: FakeRun, to: Sid, effects: readonly Effect[]): void {
    step(run, 10, effects, { kind: "electionLinkUp", to });
  }

  it("wants a voter to be told when a link to it comes up, unless a crash comes first", () => {
    const run = looking();
    linkUp(run, 1n, [notify(1n)]);
    // Who has no vote is told nothing.
    linkUp(run, 9n, []);
    linkUp(run, 1n, [notify(3n)]);
    expect(() => {
      step(run, 11);
    }).toThrow("2 does not tell its vote to 1, to which a link is up");
    const crashed = looking();
    linkUp(crashed, 1n, []);
    crashed.observe({ kind: "crash", sid: VOTER });
    step(crashed, 11);
  });

  it("wants the vote to be told to all again, at intervals that double up to the longest", () => {
    const run = looking();
    for (const nowMs of [100, 300, 600, 900]) step(run, nowMs, TO_ALL);
    expect(() => {
      step(run, 1199, TO_ALL);
    }).toThrow("2 tells its vote again too soon");
    const some = looking();
    step(some, 100, [notify(1n)]);
    expect(() => {
      step(some, 101);
    }).toThrow("2 does not tell its vote to 1 of 2 again");
  });

  it("wants the vote to be told again in time, but for a process that has just gone on", () => {
    // 100 ms, a timer that may be late, and four waits for better votes, each late.
    const run = looking();
    step(run, 385);
    expect(() => {
      step(run, 386);
    }).toThrow("2 has not told its vote again for 386 ms");
    const resumed = looking();
    resumed.nowMs = 5000;
    resumed.observe({ kind: "resume", sid: VOTER });
    step(resumed, 5217);
    expect(() => {
      step(resumed, 5218);
    }).toThrow("2 has not told its vote again");
  });

  it("wants links to be asked for every second", () => {
    const told = (): FakeRun => {
      const run = looking();
      for (const nowMs of [100, 300, 600, 900]) step(run, nowMs, TO_ALL);
      return run;
    };
    const asked = told();
    step(asked, 1000, [ASKED]);
    step(asked, 1200, TO_ALL);
    step(asked, 1286);
    const silent = told();
    step(silent, 1200, TO_ALL);
    step(silent, 1285);
    expect(() => {
      step(silent, 1286);
    }).toThrow("2 has not asked for links for 1286 ms");
  });

  it("wants it to wait for a better vote before somebody is elected", () => {
    elect(looking(), 50);
    expect(() => {
      elect(looking(), 49);
    }).toThrow("2 ends the election 49 ms after its last vote");
    const voting = (): FakeRun => {
      const run = looking();
      step(run, 40, [VOTED, ...TO_ALL]);
      return run;
    };
    elect(voting(), 90);
    expect(() => {
      elect(voting(), 89);
    }).toThrow("49 ms after its last vote");
    expect(() => {
      elect(looking(), 60, [VOTED]);
    }).toThrow("2 takes its new vote for elected at once");
  });

  it("accepts that it follows at once when somebody tells that there is a leader", () => {
    const heard = (state: Notification["state"]): Partial<QuorumEvent> => {
      const bytes = encodeNotification({ ...VOTE, state });
      return { kind: "notified", from: 3n, bytes };
    };
    elect(looking(), 1, [], heard("leading"));
    elect(looking(), 1, [VOTED], heard("following"));
    expect(() => {
      elect(looking(), 1, [], heard("looking"));
    }).toThrow("2 ends the election 1 ms after its last vote");
  });
});
