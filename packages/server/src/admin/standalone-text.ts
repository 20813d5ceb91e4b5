/**
 * Reports of a server that stands alone. It is a leader without learners, and elects itself: words
 * that would make whoever reads its log look for other servers are details here.
 */
import { formatZxid } from "@jute-ts/zookeeper";
import type { PeerReport } from "../node/network-report.js";
import { describeReport, type ReportLevel, reportLevel } from "./report-text.js";

export interface ReportWords {
  readonly level: (report: PeerReport) => ReportLevel;
  /** What happened, in one line without a time. */
  readonly text: (report: PeerReport) => string;
}

/** How the log of a server speaks of its reports. */
export function reportWords(isStandalone: boolean): ReportWords {
  return isStandalone ? STANDALONE : { level: reportLevel, text: describeReport };
}

const STANDALONE: ReportWords = {
  level: (report) => {
    switch (report.kind) {
      case "elected":
      case "epochAccepted":
        return "detail";
      case "roleChanged":
        return report.role === "stopped" ? "info" : "detail";
      default:
        return reportLevel(report);
    }
  },
  text: (report) => {
    switch (report.kind) {
      case "recovered":
        return describeReport(report).replace(/;.*$/u, "");
      case "serving":
        return `serves, from ${formatZxid(report.zxid)}`;
      default:
        return describeReport(report);
    }
  },
};
