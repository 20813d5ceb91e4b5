import { describe, expect, it } from "vitest";
import type { PeerStatus, QuorumEvent } from "@jute-ts/quorum";
import type { Checker, Observation, Watch } from "./checker.js";
import { FakeRun } from "./fake-run.js";
import { allCheckers } from "./all-checkers.js";
import { calmSettings } from "../world/settings.js";

/** Records the kinds of what it is shown. */
class Recorder implements Checker {
  readonly name: string;
  readonly watches: readonly Watch[];
  readonly seen: Observation["kind"][] = [];

  constructor(...watches: readonly Watch[]) {
    this.name = watches.join();
    this.watches = watches;
  }

  observe({ kind }: Observation): void {
    this.seen.push(kind);
  }
}

describe("Observers", () => {
  it("show each kind of observation to those that watch it, and to no others", () => {
    const [crashes, both, none] = [
      new Recorder("crash"),
      new Recorder("crash", "resume"),
      new Recorder(),
    ];
    const run = new FakeRun([crashes, both, none]);
    for (const kind of ["crash", "resume", "pause"] as const) run.observe({ kind, sid: 1n });
    expect([crashes.seen, both.seen, none.seen]).toEqual([["crash"], ["crash", "resume"], []]);
  });

  it("show a step to those that watch all steps or a part that it has", () => {
    const watchers = (["step", "changed", "sent", "applied", "reported"] as const).map(
      (watch) => new Recorder(watch),
    );
    const run = new FakeRun(watchers);
    const status = run.peer(1n).status;
    if (status === undefined) throw new Error("the peer is down");
    const step = {
      kind: "step",
      sid: 1n,
      event: { kind: "deadline", nowMs: 0, wallMs: 0 },
      effects: [],
      before: status,
      after: status,
    } as const;
    const seen = (observation: Observation): string => {
      for (const { seen: kinds } of watchers) kinds.length = 0;
      run.observe(observation);
      return watchers
        .filter(({ seen: kinds }) => kinds.length > 0)
        .map(({ name }) => name)
        .join();
    };
    const send = { kind: "send", connection: 12, packet: { kind: "UPTODATE" } } as const;
    const report = { kind: "report", report: { kind: "ignored", what: "a test" } } as const;
    expect(seen(step)).toBe("step");
    expect(seen({ ...step, after: { ...status } })).toBe("step,changed");
    expect(seen({ ...step, effects: [send] })).toBe("step,sent");
    expect(seen({ ...step, effects: [report, send] })).toBe("step,sent,reported");
  });

  it("show a step to those that watch what its server is, before or after it, and a vote that has come", () => {
    const watchers = (["leading", "learning", "looking", "notified"] as const).map(
      (watch) => new Recorder(watch),
    );
    const run = new FakeRun(watchers);
    const { status } = run.peer(1n);
    if (status === undefined) throw new Error("the peer is down");
    const seen = (
      before: PeerStatus["role"],
      after: PeerStatus["role"],
      event: QuorumEvent = { kind: "deadline", nowMs: 0, wallMs: 0 },
    ): string => {
      for (const { seen: kinds } of watchers) kinds.length = 0;
      const was = { ...status, role: before };
      const is = before === after ? was : { ...status, role: after };
      run.observe({ kind: "step", sid: 1n, event, effects: [], before: was, after: is });
      return watchers
        .filter(({ seen: kinds }) => kinds.length > 0)
        .map(({ name }) => name)
        .join();
    };
    const vote = { kind: "notified", from: 2n, bytes: new Uint8Array(0) } as const;
    expect(seen("leading", "leading")).toBe("leading");
    expect(seen("following", "following")).toBe("learning");
    expect(seen("observing", "looking")).toBe("learning,looking");
    expect(seen("looking", "leading")).toBe("leading,looking");
    expect(seen("leading", "stopped")).toBe("leading");
    expect(seen("recovering", "recovering")).toBe("");
    expect(seen("recovering", "recovering", { ...vote, nowMs: 0, wallMs: 0 })).toBe("notified");
  });

  it("ask no checker in vain: each watches something", () => {
    for (const { name, watches } of allCheckers(calmSettings(3)))
      expect(watches.length, name).toBeGreaterThan(0);
  });
});
