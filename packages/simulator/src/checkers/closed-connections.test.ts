import type { QuorumEvent } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { ClosedConnections } from "./closed-connections.js";
import { FakeRun } from "./fake-run.js";

const ACCEPTED = 1021;
const OPENED = 21;

describe("ClosedConnections", () => {
  /** Of three servers the first leads, the second follows, the third looks for a leader. initLimit are 1000 ms, syncLimit 500. */
  function begin(): FakeRun {
    const limits = { tickTimeMs: 100, initLimit: 10, syncLimit: 5, timerLatenessMs: 5 };
    const run = new FakeRun([new ClosedConnections(limits)]);
    run.lead(1n, 1);
    run.follow(2n, 1n, 1);
    return run;
  }

  function accepted(): FakeRun {
    const run = begin();
    happen(run, 1n, { kind: "accepted", connection: ACCEPTED });
    return run;
  }

  function happen(run: FakeRun, sid: Sid, event: Partial<QuorumEvent>): void {
    run.step(sid, {}, [], event);
  }

  function stepAt(run: FakeRun, sid: Sid, nowMs: number): void {
    run.nowMs = nowMs;
    run.step(sid, {});
  }

  it("wants a leader to close what it has not heard from for initLimit or syncLimit, the longer one", () => {
    const run = accepted();
    stepAt(run, 1n, 1017);
    expect(() => {
      stepAt(run, 1n, 1018);
    }).toThrow("1 keeps 1021, on which nothing has come for 1018 ms");
    const heard = accepted();
    heard.nowMs = 900;
    happen(heard, 1n, { kind: "received", connection: ACCEPTED });
    stepAt(heard, 1n, 1917);
    expect(() => {
      stepAt(heard, 1n, 1918);
    }).toThrow("1 keeps 1021");
    const other = accepted();
    other.nowMs = 900;
    happen(other, 1n, { kind: "received", connection: ACCEPTED + 10 });
    expect(() => {
      stepAt(other, 1n, 1018);
    }).toThrow("1 keeps 1021");
  });

  it("counts no connection that either side has closed, nor those of a process that has crashed", () => {
    const closed = accepted();
    const reason = { kind: "ended", text: "" } as const;
    closed.step(1n, {}, [{ kind: "closeConnection", connection: ACCEPTED, reason }]);
    stepAt(closed, 1n, 5000);
    const gone = accepted();
    happen(gone, 1n, { kind: "disconnected", connection: ACCEPTED });
    stepAt(gone, 1n, 5000);
    const crashed = accepted();
    crashed.observe({ kind: "crash", sid: 1n });
    stepAt(crashed, 1n, 5000);
  });

  it("excuses a process that has just gone on", () => {
    const run = accepted();
    run.nowMs = 5000;
    run.observe({ kind: "resume", sid: 1n });
    stepAt(run, 1n, 5017);
    expect(() => {
      stepAt(run, 1n, 5018);
    }).toThrow("1 keeps 1021");
  });

  it("lets only a leader keep connections of learners", () => {
    for (const [sid, role] of [
      [2n, "following"],
      [3n, "looking"],
    ] as const) {
      const run = begin();
      happen(run, sid, { kind: "accepted", connection: ACCEPTED });
      expect(() => {
        happen(run, sid, {});
      }).toThrow(`${sid}, which is ${role}, keeps 1 of learners`);
    }
  });

  it("lets a learner keep one connection that it has opened, and nobody else any", () => {
    const open = (run: FakeRun, sid: Sid, connection: number): void => {
      happen(run, sid, { kind: "connected", attempt: 1, connection });
    };
    const run = begin();
    open(run, 2n, OPENED);
    happen(run, 2n, {});
    open(run, 2n, OPENED + 1);
    expect(() => {
      happen(run, 2n, {});
    }).toThrow("2, which is following, keeps 2 that it opened");
    for (const [sid, role] of [
      [1n, "leading"],
      [3n, "looking"],
    ] as const) {
      const other = begin();
      open(other, sid, OPENED);
      expect(() => {
        happen(other, sid, {});
      }).toThrow(`${sid}, which is ${role}, keeps 1 that it opened`);
    }
  });
});
