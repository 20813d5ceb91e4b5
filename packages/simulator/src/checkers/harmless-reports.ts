/**
 * HarmlessReports: what a peer itself reports as wrong does not pass. Servers of
 * one ensemble that all do what they should never break a rule of the protocol,
 * never say what nobody asked for, and have equal digests: whoever complains has
 * met a bug, its own or another's. Only where bytes came from elsewhere may a peer
 * complain about them.
 */
import type { Report } from "@jute-ts/quorum";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class HarmlessReports implements Checker {
  readonly name = "harmless-reports";
  readonly watches = ["reported", "interference"] as const;
  /** Whom bytes have reached, or will, that no server has sent. */
  readonly #interfered = new Set<Sid>();

  observe(observation: Observation): void {
    if (observation.kind === "interference") this.#interfered.add(observation.sid);
    if (observation.kind !== "step") return;
    const { sid, effects } = observation;
    for (const effect of effects) if (effect.kind === "report") this.#judge(sid, effect.report);
  }

  #judge(sid: Sid, report: Report): void {
    const verdict = VERDICTS[report.kind];
    if (verdict === "harmless") return;
    if (verdict === "complaint" && this.#interfered.has(sid)) return;
    throw new InvariantViolation("HarmlessReports", `${sid} reports ${described(report)}`);
  }
}

/**
 * What each kind of report says of the run: that all is well, that a remote has
 * said something wrong, or that the server itself is not what it should be. A new
 * kind of report needs a verdict here before this compiles.
 */
const VERDICTS: Readonly<Record<Report["kind"], "harmless" | "complaint" | "wrong">> = {
  recovered: "harmless",
  withoutVote: "harmless",
  newerConfiguration: "harmless",
  laterEpoch: "harmless",
  notCounted: "harmless",
  roleChanged: "harmless",
  voted: "harmless",
  elected: "harmless",
  epochAccepted: "harmless",
  syncChosen: "harmless",
  syncBegun: "harmless",
  learnerSynced: "harmless",
  learnerLost: "harmless",
  serving: "harmless",
  violation: "complaint",
  ignored: "complaint",
  snapshotWritten: "harmless",
  logCut: "harmless",
  digestMismatch: "wrong",
  removedFiles: "harmless",
};

function described(report: Report): string {
  switch (report.kind) {
    case "violation":
      return `that a rule was broken: ${report.violation.rule}, ${report.violation.message}`;
    case "ignored":
      return `something that nobody asked for: ${report.what}`;
    case "digestMismatch":
      return `the digest ${report.actual} at ${formatZxid(report.zxid)}, where its leader had ${report.expected}`;
    default:
      return report.kind;
  }
}
