import type { Effect } from "@jute-ts/quorum";
import { describe, expect, it } from "vitest";
import { FakeRun } from "./fake-run.js";
import { HarmlessReports } from "./harmless-reports.js";

/** The leader's end of its connection with learner 2. */
const ACCEPTED = 1021;
const COMPLAINT: Effect = { kind: "report", report: { kind: "ignored", what: "a request" } };

function begin(): FakeRun {
  const run = new FakeRun([new HarmlessReports()]);
  run.lead(1n, 1);
  run.follow(2n, 1n, 1);
  return run;
}

function misstate(run: FakeRun): void {
  const bytes = new Uint8Array(0);
  const misstatement = { kind: "MISSTATEMENT", what: "a packet", rule: "needless", bytes } as const;
  run.observe({ kind: "misstated", from: 2n, to: 1n, connection: ACCEPTED, misstatement });
}

function complain(run: FakeRun, connection = ACCEPTED): void {
  run.step(1n, {}, [COMPLAINT], { kind: "received", connection });
}

describe("HarmlessReports", () => {
  it("accepts that a server complains of what must not be said", () => {
    const run = begin();
    misstate(run);
    complain(run);
  });

  it("accepts no complaint without a reason, on another connection, or once that has been handled", () => {
    expect(() => {
      complain(begin());
    }).toThrow("1 reports");
    const run = begin();
    misstate(run);
    expect(() => {
      complain(run, 1031);
    }).toThrow("1 reports");
    complain(run);
    expect(() => {
      complain(run);
    }).toThrow("1 reports");
  });
});
