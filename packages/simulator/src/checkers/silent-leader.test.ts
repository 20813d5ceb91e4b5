import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { SilentLeader } from "./silent-leader.js";

describe("SilentLeader", () => {
  /** Server 2 follows server 1, from which it has heard at 0 ms. */
  function following(): FakeRun {
    const limits = { tickTimeMs: 100, syncLimit: 2, timerLatenessMs: 5 };
    const run = new FakeRun([new SilentLeader(limits)]);
    run.follow(2n, 1n, 1);
    return run;
  }

  function step(run: FakeRun, nowMs: number): void {
    run.nowMs = nowMs;
    run.step(2n, {});
  }

  function read(run: FakeRun, nowMs: number): void {
    run.nowMs = nowMs;
    run.step(2n, {}, [], { kind: "received" });
  }

  it("accepts a learner that reads something within syncLimit, and refuses one that does not and stays", () => {
    const run = following();
    for (let nowMs = 200; nowMs <= 1000; nowMs += 200) read(run, nowMs);
    step(run, 1206);
    expect(() => {
      step(run, 1207);
    }).toThrow("2 still follows 1, from which it has heard nothing for 207 ms");
  });

  it("accepts a learner that leaves", () => {
    const run = following();
    run.nowMs = 206;
    run.step(2n, { role: "ending", serving: false });
    step(run, 5000);
  });

  it("counts from when a process goes on, and from when another one serves", () => {
    const run = following();
    run.observe({ kind: "resume", sid: 2n });
    step(run, 1000);
    step(run, 1206);
    run.observe({ kind: "crash", sid: 2n });
    step(run, 9000);
    expect(() => {
      step(run, 9207);
    }).toThrow("for 207 ms");
  });
});
