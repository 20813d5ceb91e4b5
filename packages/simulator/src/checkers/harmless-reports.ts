/**
 * HarmlessReports: what a peer itself reports as wrong does not pass. Servers of
 * one ensemble that all do what they should never break a rule of the protocol,
 * never say what nobody asked for, and have equal digests: whoever complains has
 * met a bug, its own or another's. Only where bytes came from elsewhere, or broke a
 * rule on purpose, may a peer complain about them.
 */
import type { ConnectionId, Report } from "@jute-ts/quorum";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class HarmlessReports implements Checker {
  readonly name = "harmless-reports";
  readonly watches = ["reported", "interference", "misstated"] as const;
  /** Whom bytes have reached, or will, that no server has sent. */
  readonly #interfered = new Set<Sid>();
  /** Ends on which something has come that its sender must not say, and is handled in the next step. */
  readonly #misstated = new Set<ConnectionId>();

  observe(observation: Observation): void {
    if (observation.kind === "interference") this.#interfered.add(observation.sid);
    if (observation.kind === "misstated") this.#misstated.add(observation.connection);
    if (observation.kind !== "step") return;
    const { sid, effects, event } = observation;
    const isAnswer = event.kind === "received" && this.#misstated.delete(event.connection);
    const hasReason = isAnswer || this.#interfered.has(sid);
    for (const effect of effects)
      if (effect.kind === "report") judge(sid, effect.report, hasReason);
  }
}

/** `hasReason`: whether the server has reason to complain of others. */
function judge(sid: Sid, report: Report, hasReason: boolean): void {
  const verdict = VERDICTS[report.kind];
  if (verdict === "harmless" || (verdict === "complaint" && hasReason)) return;
  throw new InvariantViolation("HarmlessReports", `${sid} reports ${described(report)}`);
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
