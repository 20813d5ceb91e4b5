import type { Effect } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { PatientLearner } from "./patient-learner.js";

const LEARNER = 2n;
const LEADER = 1n;
/** The learner's end. */
const CONNECTION = 21;

function connect(attempt: number): Effect {
  return { kind: "connect", attempt, to: LEADER };
}

describe("PatientLearner", () => {
  /** Server 2 has begun to follow server 1 at 0 ms, and dials it. initLimit are 1000 ms, syncLimit 500. */
  function dialling(): FakeRun {
    const limits = { tickTimeMs: 100, initLimit: 10, syncLimit: 5, timerLatenessMs: 5 };
    const run = new FakeRun([new PatientLearner(limits)]);
    run.step(LEARNER, { role: "following", leader: LEADER }, [connect(1)]);
    return run;
  }

  /** It is connected at 300 ms, and is being brought up to date. */
  function joining(): FakeRun {
    const run = dialling();
    run.nowMs = 300;
    run.step(LEARNER, {}, [], { kind: "connected", attempt: 1, connection: CONNECTION });
    return run;
  }

  /** It has acknowledged the leader's history at 400 ms, and heard from it at 500 ms. */
  function synced(): FakeRun {
    const run = joining();
    run.nowMs = 400;
    run.step(LEARNER, {}, [{ kind: "send", connection: CONNECTION, packet: ACK }]);
    hear(run, 500);
    return run;
  }

  function hear(run: FakeRun, nowMs: number): void {
    run.nowMs = nowMs;
    run.step(LEARNER, {}, [], { kind: "received", connection: CONNECTION });
  }

  function stay(run: FakeRun, nowMs: number): void {
    run.nowMs = nowMs;
    run.step(LEARNER, {});
  }

  function leave(run: FakeRun, nowMs: number, kind: "deadline" | "disconnected"): void {
    run.nowMs = nowMs;
    run.step(LEARNER, { role: "ending", leader: undefined }, [], { kind });
  }

  /** A dial fails, and the next one begins as long after. */
  function fail(run: FakeRun, attempt: number, nowMs: number, againMs: number): void {
    run.nowMs = nowMs;
    run.step(LEARNER, {}, [], { kind: "connectFailed", attempt });
    run.nowMs = nowMs + againMs;
    run.step(LEARNER, {}, [connect(attempt + 1)]);
  }

  it.each([
    ["dials", dialling, 1000],
    ["joins", joining, 1300],
    ["is synced", synced, 1000],
  ])("wants a learner that %s to give its leader up in time, and not before", (_, begin, dueMs) => {
    expect(() => {
      leave(begin(), dueMs - 1, "deadline");
    }).toThrow("2 gives 1 up, which has 1 ms left");
    leave(begin(), dueMs, "deadline");
    const run = begin();
    // Timers may be late, and late again.
    stay(run, dueMs + 17);
    expect(() => {
      stay(run, dueMs + 18);
    }).toThrow("2 keeps 1, which was lost 18 ms ago");
  });

  it("counts from when the leader was heard from, on the connection to it", () => {
    const run = joining();
    hear(run, 1200);
    stay(run, 2200);
    const deaf = joining();
    deaf.nowMs = 1200;
    deaf.step(LEARNER, {}, [], { kind: "received", connection: 99 });
    expect(() => {
      stay(deaf, 2200);
    }).toThrow("2 keeps 1");
  });

  it("accepts a learner that leaves early for another reason", () => {
    leave(synced(), 501, "disconnected");
    const stopped = synced();
    stopped.step(LEARNER, { role: "stopped", leader: undefined });
  });

  it("wants it to dial five times, a while apart", () => {
    const failing = (times: number): FakeRun => {
      const run = dialling();
      for (let attempt = 1; attempt <= times; attempt += 1) fail(run, attempt, 110 * attempt, 100);
      return run;
    };
    const giveUp = (run: FakeRun, attempt: number): void => {
      run.step(LEARNER, { role: "ending", leader: undefined }, [], {
        kind: "connectFailed",
        attempt,
      });
    };
    giveUp(failing(4), 5);
    expect(() => {
      giveUp(failing(3), 4);
    }).toThrow("2 gives 1 up, which it has tried to reach 4 times");
    expect(() => {
      fail(dialling(), 1, 100, 99);
    }).toThrow("2 asks 1 again, 1 ms too soon");
    fail(dialling(), 1, 100, 117);
    expect(() => {
      const run = dialling();
      run.nowMs = 100;
      run.step(LEARNER, {}, [], { kind: "connectFailed", attempt: 1 });
      stay(run, 218);
    }).toThrow("2 does not try again to reach 1");
  });

  it("excuses a process that has just gone on, and forgets one that has crashed", () => {
    const run = synced();
    run.nowMs = 5000;
    run.observe({ kind: "resume", sid: LEARNER });
    stay(run, 5017);
    expect(() => {
      stay(run, 5018);
    }).toThrow("2 keeps 1");
    const crashed = synced();
    crashed.observe({ kind: "crash", sid: LEARNER });
    stay(crashed, 5000);
  });
});

const ACK = { kind: "ACK", zxid: 0n } as const;
