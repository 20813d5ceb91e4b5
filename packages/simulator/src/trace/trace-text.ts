/** How a trace puts into words what happens. Knows every kind of event, effect and packet, and no world. */
import type {
  Answer,
  ChangeRequest,
  Effect,
  FileOperation,
  FilePath,
  FileResult,
  QuorumEvent,
  Report,
  TxnResult,
} from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import type { ClientAnswer, ClientRequest } from "../clients/client.js";

/** Undefined for what is told elsewhere (packets when they are read) or means nothing by itself. */
export function describeEvent(event: QuorumEvent): string | undefined {
  switch (event.kind) {
    case "stop":
      return "is asked to stop";
    case "electionLinkUp":
      return `election link to ${event.to} is up`;
    case "connected":
      return `is connected (attempt ${event.attempt})`;
    case "connectFailed":
      return `cannot connect: ${event.text}`;
    case "cannotListen":
      return event.text;
    case "canListen":
      return "can listen again";
    case "accepted":
      return "accepts a connection";
    case "disconnected":
      return `is disconnected: ${event.text}`;
    case "notified":
      return `< ${event.from}  notification`;
    case "submit":
    case "sync":
    case "revalidate":
      return `client request #${event.request} arrives`;
    case "start":
    case "deadline":
    case "received":
    case "drained":
    case "fileDone":
    case "touch":
      return undefined;
  }
}

/** `remote`: who is at the other end, for effects on a connection. */
export function describeEffect(effect: Effect, remote: Sid | undefined): string | undefined {
  switch (effect.kind) {
    case "notify": {
      const { to, notification: vote } = effect;
      return (
        `> ${to}  notification: ${vote.state}, round ${vote.electionEpoch}, votes ${vote.leader} ` +
        `(zxid ${formatZxid(vote.zxid)}, epoch ${vote.peerEpoch})`
      );
    }
    case "connectElection":
      return undefined;
    case "listen":
      return "listens for learners";
    case "stopListening":
      return "stops listening";
    case "connect":
      return `connects to ${effect.to} (attempt ${effect.attempt})`;
    case "send":
      return `> ${remote ?? "?"}  ${describePacket(effect.packet)}`;
    case "closeConnection": {
      const { reason } = effect;
      const why =
        reason.kind === "violation"
          ? `${reason.violation.rule}: ${reason.violation.message}`
          : reason.text;
      return `closes the connection with ${remote ?? "?"}: ${why}`;
    }
    case "file":
      return undefined;
    case "answer":
      return `answers #${effect.request}: ${describeAnswer(effect.answer)}`;
    case "applied":
      return `applies ${formatZxid(effect.txn.zxid)}${describeResult(effect.result)}`;
    case "report":
      return describeReport(effect.report);
    case "stopped": {
      const { reason } = effect;
      return `stops: ${reason.kind}${"text" in reason ? `, ${reason.text}` : ""}`;
    }
  }
}

export function describePacket(packet: OutgoingPacket): string {
  switch (packet.kind) {
    case "REQUEST":
      return `REQUEST ${describeChange(packet.change)}`;
    case "SYNCREQUEST":
      return `SYNCREQUEST cxid ${packet.cxid}`;
    case "PROPOSAL":
    case "INFORM":
    case "INFORMANDACTIVATE":
      return `${packet.kind} ${formatZxid(packet.txn.zxid)}`;
    case "ACK":
    case "COMMIT":
    case "PING":
    case "PINGANSWER":
    case "COMMITANDACTIVATE":
    case "DIFF":
    case "TRUNC":
    case "SNAP":
      return `${packet.kind} ${formatZxid(packet.zxid)}`;
    case "REVALIDATE":
      return `REVALIDATE 0x${BigInt.asUintN(64, packet.sessionId).toString(16)}`;
    case "REVALIDATED":
      return `REVALIDATED ${packet.valid ? "valid" : "invalid"}`;
    case "LEADERINFO":
      return `LEADERINFO epoch ${packet.epoch}${packet.isCounted === false ? ", not counted" : ""}`;
    case "NEWLEADER":
      return `NEWLEADER epoch ${packet.epoch}`;
    case "FOLLOWERINFO":
    case "OBSERVERINFO":
      return `${packet.kind} accepted epoch ${packet.acceptedEpoch}`;
    case "ACKEPOCH":
      return `ACKEPOCH ${formatZxid(packet.lastZxid)}, current epoch ${packet.currentEpoch ?? "not told"}`;
    case "SNAPSHOTPIECE":
      return `SNAPSHOTPIECE of ${packet.bytes.length} bytes`;
    case "SYNC":
    case "UPTODATE":
    case "SNAPSHOTEND":
      return packet.kind;
  }
}

export function describeFileOperation(operation: FileOperation): string {
  switch (operation.kind) {
    case "list":
    case "syncDirectory":
      return `${operation.kind} ${operation.directory}`;
    case "read":
    case "create":
    case "sync":
    case "remove":
      return `${operation.kind} ${pathText(operation.file)}`;
    case "write":
      return `write ${pathText(operation.file)} at ${operation.offset}, ${operation.bytes.length} bytes`;
    case "truncate":
      return `truncate ${pathText(operation.file)} to ${operation.size}`;
    case "rename":
      return `rename ${pathText(operation.file)} to ${operation.to}`;
  }
}

/** Empty when it went well. */
export function describeFileResult(result: FileResult): string {
  return result.kind === "failed" ? `  FAILED: ${result.reason}` : "";
}

export function describeRequest(request: ClientRequest): string {
  switch (request.kind) {
    case "submit":
      return `asks for ${describeChange(request.change)}`;
    case "sync":
      return "asks for a sync";
    case "read":
      return `reads ${request.what}`;
    case "revalidate":
      return `moves session 0x${BigInt.asUintN(64, request.sessionId).toString(16)}`;
  }
}

export function describeAnswer(answer: ClientAnswer | Answer): string {
  switch (answer.kind) {
    case "applied":
      return `applied as ${formatZxid(answer.txn.zxid)}${describeResult(answer.result)}`;
    case "synced":
      return "synced";
    case "revalidated":
      return answer.valid ? "valid" : "not valid";
    case "refused":
    case "unknown":
      return `${answer.kind}, ${answer.text}`;
    case "value":
      return `seen at ${formatZxid(answer.zxid)}`;
    case "disconnected":
      return "disconnected";
  }
}

function describeReport(report: Report): string | undefined {
  switch (report.kind) {
    case "recovered":
      return (
        `has recovered up to ${formatZxid(report.lastZxid)}: ` +
        `${report.snapshotZxid === undefined ? "no snapshot" : `snapshot ${formatZxid(report.snapshotZxid)}`}, ` +
        `${report.txns} txns, epochs ${report.currentEpoch}/${report.acceptedEpoch}` +
        (report.tornBytes > 0 ? `, ${report.tornBytes} torn bytes cut off` : "")
      );
    case "withoutVote":
      return "does not vote: it has no database";
    case "roleChanged":
      return `is ${report.role}${report.leader === undefined ? "" : ` (leader ${report.leader})`}: ${report.why}`;
    case "voted":
      return `votes for ${report.leader} in round ${report.round}`;
    case "elected":
      return `has elected ${report.leader} in round ${report.round}`;
    case "epochAccepted":
      return `accepts epoch ${report.epoch}`;
    case "newerConfiguration": {
      const where = report.from === undefined ? "in its data" : `at ${report.from}`;
      return `knows of configuration ${report.version.toString(16)} ${where}, newer than its ${report.ownVersion.toString(16)}`;
    }
    case "laterEpoch":
      return `does not count ${report.learner} in epoch ${report.epoch}: it has promised ${report.acceptedEpoch}`;
    case "notCounted":
      return `is not counted in epoch ${report.epoch}: it has promised ${report.acceptedEpoch}`;
    case "syncChosen":
      return (
        `will bring ${report.learner ?? "?"} up to date by ${report.plan.kind} ` +
        `(${report.plan.reason}, it has ${formatZxid(report.learnerZxid)})`
      );
    case "syncBegun":
      return `is brought up to date by ${report.packet} ${formatZxid(report.zxid)}`;
    case "learnerSynced":
      return `has ${report.learner ?? "?"} in sync`;
    case "learnerLost":
      return `loses ${report.learner ?? "?"}: ${report.why}`;
    case "serving":
      return `SERVES in epoch ${report.epoch} from ${formatZxid(report.zxid)}`;
    case "violation":
      return `sees a violation: ${report.violation.rule}, ${report.violation.message}`;
    case "ignored":
      return `ignores ${report.what}`;
    case "snapshotWritten":
      return `has written the snapshot ${formatZxid(report.zxid)}`;
    case "logCut":
      return `has cut its log after ${formatZxid(report.zxid)}`;
    case "digestMismatch":
      return `DIGEST MISMATCH at ${formatZxid(report.zxid)}`;
    case "removedFiles":
      return `has removed ${report.names.join(", ")}`;
  }
}

function describeChange(change: ChangeRequest): string {
  return `op ${change.opCode}, cxid ${change.cxid}`;
}

function describeResult(result: TxnResult): string {
  const what = result.path === undefined ? ` type ${result.type}` : ` ${result.path}`;
  return result.err === 0 ? what : `${what} error ${result.err}`;
}

function pathText(path: FilePath): string {
  return `${path.directory}/${path.name}`;
}
