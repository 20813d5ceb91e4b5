/** Reports of a peer as a person reads them: one line each, the same words as the protocol's. */
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { describeNetworkReport, type PeerReport, type PortName } from "../node/network-report.js";

/** How much a line matters: `info` lines tell the story, `detail` lines the rest of it. */
export type ReportLevel = "detail" | "info" | "warning";

export function reportLevel(report: PeerReport): ReportLevel {
  switch (report.kind) {
    case "voted":
    case "ignored":
    case "snapshotWritten":
    case "removedFiles":
    case "syncBegun":
      return "detail";
    // Somebody who came and went without a word: a tool that looks whether the port is open.
    case "learnerLost":
      return report.learner === undefined ? "detail" : "info";
    case "violation":
    case "digestMismatch":
    case "cannotListen":
    case "peerUnreachable":
    case "handshakeFailed":
    case "certificateRefused":
    case "connectionRefused":
    case "notServing":
    case "followersMissing":
    case "laterEpoch":
    case "notCounted":
    case "withoutVote":
    case "newerConfiguration":
    case "auditFails":
    case "certificatesKept":
      return "warning";
    default:
      return "info";
  }
}

/** What happened, in one line without a time. */
export function describeReport(report: PeerReport): string {
  switch (report.kind) {
    case "recovered": {
      const { lastZxid, snapshotZxid, txns, acceptedEpoch, currentEpoch, tornBytes } = report;
      const from =
        snapshotZxid === undefined ? "no snapshot" : `snapshot ${formatZxid(snapshotZxid)}`;
      const torn =
        tornBytes === 0 ? "" : `, an unfinished tail of ${count(tornBytes, "byte")} cut off`;
      return (
        `recovered up to ${formatZxid(lastZxid)} from ${from} and ${count(txns, "txn")}${torn}; ` +
        `accepted epoch ${acceptedEpoch}, current epoch ${currentEpoch}`
      );
    }
    case "withoutVote":
      return (
        "does not vote: there is no data here, and db.autocreate is false. If data was lost, leave it " +
        "so: a quorum of the others brings this server up to date, and then it votes again. If this is " +
        'a new server, stop it, make an empty file "initialize" in its dataDir, and start it again'
      );
    case "roleChanged": {
      const { role, leader, why } = report;
      const whom = role === "leading" || leader === undefined ? "" : ` server ${leader}`;
      return `${role.toUpperCase()}${whom}: ${why}`;
    }
    case "voted": {
      const { leader, zxid, peerEpoch, round } = report;
      // Who cannot lead, or only observes, begins without a candidate.
      if (leader < 0n) return `round ${round}: votes for nobody yet`;
      return `round ${round}: votes for server ${leader} (epoch ${peerEpoch}, ${formatZxid(zxid)})`;
    }
    case "elected":
      return (
        `round ${report.round}: server ${report.leader} is elected ` +
        `after ${report.durationMs.toFixed(0)} ms`
      );
    case "epochAccepted":
      return `epoch ${report.epoch} is accepted`;
    case "newerConfiguration": {
      const { from, ownVersion } = report;
      const version = report.version.toString(16);
      const [who, where] =
        from === undefined
          ? ["our own data have", "another server's"]
          : [`${nameOf(from)} has`, "that server's"];
      return (
        `${who} configuration ${version}, by which others decide than by ours, ${ownVersion.toString(16)}: ` +
        `this server does not stand for election where those who have it are needed. ` +
        `Give it that one and start it again: dynamicConfigFile, with ${where} zoo.cfg.dynamic.${version}`
      );
    }
    case "laterEpoch": {
      const { learner, acceptedEpoch, epoch } = report;
      return (
        `${nameOf(learner)} has promised epoch ${acceptedEpoch} to a candidate that got no further, ` +
        `so in epoch ${epoch} it may follow, but is not counted; the next election takes it in again`
      );
    }
    case "notCounted": {
      const { leader, epoch, acceptedEpoch } = report;
      return (
        `follows server ${leader} without being counted until the next election: its epoch is ` +
        `${epoch}, and we have promised epoch ${acceptedEpoch} to a candidate that got no further`
      );
    }
    case "syncChosen": {
      const { learner, plan, learnerZxid } = report;
      const what =
        plan.kind === "SNAP"
          ? "SNAP"
          : `${plan.kind} to ${formatZxid(plan.zxid)} and ${count(plan.txns.length, "txn")}`;
      return `${nameOf(learner)}, at ${formatZxid(learnerZxid)}, gets ${what} (${plan.reason})`;
    }
    case "syncBegun":
      return `is brought up to date by ${report.packet} ${formatZxid(report.zxid)}`;
    case "learnerSynced":
      return `${nameOf(report.learner)} has the history`;
    case "learnerLost":
      return `${nameOf(report.learner)} is lost: ${report.why}`;
    case "serving":
      return `serves in epoch ${report.epoch}, from ${formatZxid(report.zxid)}`;
    case "violation": {
      const { rule, message } = report.violation;
      return `the protocol was broken (${rule}): ${message}`;
    }
    case "ignored":
      return `ignored: ${report.what}`;
    case "snapshotWritten":
      return `snapshot ${formatZxid(report.zxid)} is written, ${report.bytes} bytes`;
    case "logCut":
      return `the log was cut, it ends at ${formatZxid(report.zxid)}`;
    case "digestMismatch": {
      const { zxid, expected, actual } = report;
      return `after ${formatZxid(zxid)} the digest is ${actual}, the leader's is ${expected}`;
    }
    case "removedFiles":
      return `removed ${report.names.join(", ")}`;
    case "auditFails":
      return `cannot write the audit log, ${report.path}: ${report.why}; what clients change now is not audited`;
    case "auditWorks":
      return `writes the audit log again, ${report.path}; ${count(report.lostLines, "line")} of it are lost`;
    case "certificatesRenewed":
      return `goes by ${report.paths.join(" and ")} as they are now for TLS ${whereOf(report.port)}`;
    case "certificatesKept":
      return `keeps its earlier certificates for TLS ${whereOf(report.port)}: ${report.why}`;
    default:
      return describeNetworkReport(report);
  }
}

/** The report as an object for JSON: bigints as texts, txns as their number. */
export function reportToJson(report: PeerReport): Record<string, unknown> {
  const plain: unknown = JSON.parse(
    JSON.stringify(report, (key, value: unknown) => {
      if (typeof value === "bigint") return isZxid(key) ? formatZxid(value) : String(value);
      if (value instanceof Error) return value.message;
      if (key === "txns" && Array.isArray(value)) return value.length;
      return value;
    }),
  );
  return plain as Record<string, unknown>;
}

function whereOf(port: PortName): string {
  return port === "quorum" ? "between servers" : `on its ${port} port`;
}

function isZxid(key: string): boolean {
  return key.toLowerCase().endsWith("zxid");
}

function nameOf(sid: Sid | undefined): string {
  return sid === undefined ? "a server that said nothing" : `server ${sid}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
