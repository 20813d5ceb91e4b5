import { describe, expect, it } from "vitest";
import type { NetworkReport, NetworkTrouble } from "./network-report.js";
import { RecurringReports } from "./recurring-reports.js";

const REPEAT_MS = 300_000;

describe("trouble that goes on", () => {
  it("is said at once, and then at long intervals with how often it happened", () => {
    const { reports, said, at } = newReports();
    for (let second = 0; second <= 600; second++) {
      at(second * 1000);
      reports.happened("server 2", trouble("ECONNREFUSED"));
    }
    expect(said()).toEqual(["0 ECONNREFUSED 1", "300 ECONNREFUSED 300", "600 ECONNREFUSED 300"]);
  });

  it("is said again when it changes, though not more often than can be read", () => {
    const { reports, said, at } = newReports();
    for (let second = 0; second <= 12; second++) {
      at(second * 1000);
      reports.happened("server 2", trouble(second % 2 === 0 ? "ETIMEDOUT" : "ENOTFOUND"));
    }
    expect(said()).toEqual(["0 ETIMEDOUT 1", "5 ENOTFOUND 5", "10 ETIMEDOUT 5"]);
  });

  it("of different servers is said for each", () => {
    const { reports, said } = newReports();
    reports.happened("server 2", trouble("ECONNREFUSED"));
    reports.happened("server 3", trouble("ECONNREFUSED"));
    expect(said()).toHaveLength(2);
  });

  it("that has ended is new when it comes back", () => {
    const { reports, said, at } = newReports();
    reports.happened("server 2", trouble("ECONNREFUSED"));
    at(4000);
    expect(reports.ended("server 2")).toBe(4000);
    expect(reports.ended("server 2")).toBeUndefined();
    reports.happened("server 2", trouble("ECONNREFUSED"));
    expect(said()).toEqual(["0 ECONNREFUSED 1", "4 ECONNREFUSED 1"]);
  });

  it("of a thousand strangers takes neither lines nor memory without bound", () => {
    const { reports, said, at } = newReports();
    for (let i = 0; i < 1000; i++) reports.happened(`stranger ${i}`, trouble("HTTP"));
    expect(said().length).toBeLessThan(70);
    // Those that are over make room for others.
    at(REPEAT_MS);
    reports.happened("stranger 2000", trouble("HTTP"));
    expect(said().at(-1)).toBe("300 HTTP 1");
  });
});

function newReports(): {
  reports: RecurringReports;
  said: () => string[];
  at: (ms: number) => void;
} {
  const clock = { nowMs: 0 };
  const lines: string[] = [];
  const emit = (report: NetworkReport): void => {
    if (!("times" in report)) throw new Error("not a trouble");
    lines.push(`${clock.nowMs / 1000} ${report.code} ${report.times}`);
  };
  return {
    reports: new RecurringReports({ emit, now: () => clock.nowMs, repeatMs: REPEAT_MS }),
    said: () => lines,
    at: (ms) => {
      clock.nowMs = ms;
    },
  };
}

function trouble(code: string): NetworkTrouble {
  return { kind: "peerUnreachable", peer: 2n, port: "election", code, why: "why", advice: "what" };
}
