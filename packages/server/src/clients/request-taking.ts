/** What becomes of a client's request when it comes: answered, or in the queue of its connection. */
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  AuthPacket,
  CreateSessionTxn,
  decodeRequest,
  ErrorCode,
  GetSASLRequest,
  OpCode,
  SyncRequest,
  UnknownOpCodeError,
  Xid,
  SetSASLResponse,
} from "@jute-ts/zookeeper";
import { type AuditDraft, draftOf } from "./audit/index.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import { whyNotPermitted } from "./eager-access-check.js";
import { needsGlobalSession, whyNotForwarded } from "./forwarding.js";
import { isLocal, isLocalOpCode } from "./local-requests.js";
import { type Decision, isOwn, type PendingRequest } from "./request-queue.js";

/** Takes a request of a connection that has a session. Throws JuteDecodeError for a frame too short for its header. */
export function takeRequest(
  context: ClientContext,
  connection: ClientConnection,
  frame: BinaryInputArchive,
): void {
  const at = frame.position;
  const xid = frame.intAt(frame.take(4));
  const type = frame.intAt(frame.take(4));
  connection.statistics.onReceived();
  context.measurements.count("packets_received");
  context.measurements.count("bytes_received_count", frame.end - at + LENGTH_BYTES);
  if (!connection.authentication.isSufficientFor(type)) {
    const err = ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH;
    end(context, connection, xid, type, { err, zxid: 0n });
  } else if (isLocalOpCode(type)) {
    frame.position = at;
    takeLocal(context, connection, xid, type, frame);
  } else if (WRITES.has(type)) {
    takeWrite(context, connection, xid, type, frame, at);
  } else {
    takeOther(context, connection, xid, type, frame);
  }
}

function takeOther(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  frame: BinaryInputArchive,
): void {
  switch (type) {
    case OpCode.ping:
      // Whatever number it had, as in Java.
      decide(context, connection, Xid.ping, type, { err: ErrorCode.OK });
      return;
    case OpCode.closeSession:
      takeClose(context, connection, xid, frame);
      return;
    case OpCode.sync:
      if (context.isReadOnly) decide(context, connection, xid, type, NOT_READ_ONLY);
      else takeSync(context, connection, xid, frame);
      return;
    case OpCode.auth:
      takeAuth(context, connection, xid, frame);
      return;
    case OpCode.sasl:
      takeSasl(context, connection, xid, frame);
      return;
    default:
      // Also what only servers ask of each other, and a check outside of a multi (ZOOKEEPER-2623).
      end(context, connection, xid, type, { err: ErrorCode.UNIMPLEMENTED, zxid: -1n });
  }
}

function submit(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  opCode: number,
  frame: BinaryInputArchive,
  draft?: AuditDraft,
): void {
  const body = frame.readRest();
  const { sessionId, ids: authInfo } = connection;
  const change = { sessionId, cxid: xid, opCode, body, authInfo };
  const { id: request, isLocal: isLocalSession } = connection;
  context.ask({ kind: "submit", request, change, isLocalSession });
  context.audit?.asked(request, xid, draft);
  const takenMs = context.clock.nowMs;
  add(context, connection, { kind: "write", xid, type: opCode, takenMs, outcome: undefined });
}

function takeWrite(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  frame: BinaryInputArchive,
  at: number,
): void {
  if (context.isReadOnly) {
    decide(context, connection, xid, type, NOT_READ_ONLY);
    return;
  }
  const draft = context.audit && draftOf(connection, type, frame, at);
  const refusal = whyRefused(context, connection, type, frame, at);
  if (refusal !== undefined) {
    context.audit?.refused(draft);
    decide(context, connection, xid, type, refusal);
    return;
  }
  if (connection.isLocal && needsGlobalSession(frame, at)) upgradeSession(context, connection);
  submit(context, connection, xid, type, frame, draft);
}

/** What to answer to a write that nobody else hears of; undefined for one that the quorum decides about. */
function whyRefused(
  context: ClientContext,
  connection: ClientConnection,
  type: number,
  frame: BinaryInputArchive,
  at: number,
): Decision | undefined {
  if (type === OpCode.reconfig) return { err: ErrorCode.RECONFIGDISABLED };
  const { tree, options } = context;
  if (options.checksAclsEagerly) {
    const err = whyNotPermitted(tree, frame, at, connection.ids);
    if (err !== undefined) return { err, zxid: 0n };
  }
  const mustUpgrade = connection.isLocal && needsGlobalSession(frame, at);
  if (mustUpgrade && !options.upgradesLocalSessions)
    return { err: ErrorCode.EPHEMERALONLOCALSESSION };
  if (context.leads) return undefined;
  const body = frame.position;
  frame.position = at;
  const refusal = whyNotForwarded(frame, tree.allowsTtls);
  frame.position = body;
  return refusal;
}

/** A session that only this server knows ends here, and no txn tells of it. */
function takeClose(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  frame: BinaryInputArchive,
): void {
  const type = OpCode.closeSession;
  if (connection.isLocal) {
    context.localSessions.remove(connection.sessionId);
    end(context, connection, xid, type, { err: ErrorCode.OK });
    return;
  }
  submit(context, connection, xid, type, frame);
  connection.stage = "ending";
}

/** From here on the session is one of the ensemble: what follows is carried out after it has become so. */
function upgradeSession(context: ClientContext, connection: ClientConnection): void {
  const { sessionId, timeoutMs: timeOut } = connection;
  context.localSessions.remove(sessionId);
  connection.isLocal = false;
  const type = OpCode.createSession;
  const body = CreateSessionTxn.encode({ timeOut });
  const change = { sessionId, cxid: 0, opCode: type, body, authInfo: connection.ids };
  context.ask({ kind: "submit", request: connection.id, change });
  context.audit?.asked(connection.id);
  const takenMs = context.clock.nowMs;
  add(context, connection, { kind: "write", xid: 0, type, takenMs, outcome: undefined });
}

function takeLocal(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  frame: BinaryInputArchive,
): void {
  const takenMs = context.clock.nowMs;
  try {
    const message = decodeRequest(frame);
    if (isLocal(message)) {
      add(context, connection, { kind: "local", xid, type, takenMs, message, ids: connection.ids });
      return;
    }
  } catch (error) {
    if (!(error instanceof JuteDecodeError) && !(error instanceof UnknownOpCodeError)) throw error;
  }
  decide(context, connection, xid, type, { err: ErrorCode.MARSHALLINGERROR });
}

function takeSync(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  frame: BinaryInputArchive,
): void {
  const type = OpCode.sync;
  const takenMs = context.clock.nowMs;
  const path = decodePath(frame);
  if (path === undefined) {
    decide(context, connection, xid, type, { err: ErrorCode.MARSHALLINGERROR });
    return;
  }
  const { id: request, sessionId } = connection;
  context.ask({ kind: "sync", request, sessionId, cxid: xid });
  context.audit?.asked(request);
  add(context, connection, { kind: "sync", xid, type, takenMs, path, isSynced: false });
}

function decodePath(frame: BinaryInputArchive): string | null | undefined {
  try {
    return SyncRequest.read(frame).path;
  } catch (error) {
    if (error instanceof JuteDecodeError) return undefined;
    throw error;
  }
}

function takeAuth(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  frame: BinaryInputArchive,
): void {
  // Throws for what is no AuthPacket, as for any frame that makes no sense: the connection is closed.
  const { scheme, auth } = AuthPacket.read(frame);
  const answer = connection.authentication.authenticate(scheme, auth);
  if (scheme === "ensemble") countEnsembleAuth(context, answer.kind === "close", auth);
  if (answer.kind === "close") {
    context.close(connection, "request refused");
    return;
  }
  if (answer.err !== ErrorCode.OK) context.measurements.count("auth_failed_count");
  const { err, closes } = answer;
  answerInTurn(context, connection, xid, OpCode.auth, { err, zxid: 0n, closes });
}

/** A client may name the ensemble that it means. Nothing is counted where that scheme is not known. */
function countEnsembleAuth(
  { measurements, options }: ClientContext,
  isElsewhere: boolean,
  name: Uint8Array | null,
): void {
  if (options.authentication.ensemble === undefined) return;
  if (isElsewhere) measurements.count("ensemble_auth_fail");
  else if (name === null || name.length === 0) measurements.count("ensemble_auth_skip");
  else measurements.count("ensemble_auth_success");
}

function takeSasl(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  frame: BinaryInputArchive,
): void {
  const { token } = GetSASLRequest.read(frame);
  const { err, token: ours, closes } = connection.authentication.takeToken(token);
  // Unlike other failures, this one has a body.
  const body = SetSASLResponse.encode({ token: ours });
  answerInTurn(context, connection, xid, OpCode.sasl, { err, zxid: 0n, body, closes });
}

/** Answers when everything before is answered, with what is known now. */
function answerInTurn(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  decision: Decision,
): void {
  if (decision.closes === true) end(context, connection, xid, type, decision);
  else decide(context, connection, xid, type, decision);
}

function decide(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  decision: Decision,
): void {
  const takenMs = context.clock.nowMs;
  add(context, connection, { kind: "decided", xid, type, takenMs, decision });
}

/** Answers, and closes the connection. What follows does not count. */
function end(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  type: number,
  decision: Decision,
): void {
  decide(context, connection, xid, type, { ...decision, closes: true });
  connection.stage = "ending";
}

function add(context: ClientContext, connection: ClientConnection, request: PendingRequest): void {
  if (!isOwn(request)) context.outstanding++;
  if (request.kind === "write" || request.kind === "sync") {
    connection.inProcess++;
    context.requestThrottle.began();
  }
  connection.queue.add(request);
}

const NOT_READ_ONLY: Decision = { err: ErrorCode.NOTREADONLY };

const WRITES: ReadonlySet<number> = new Set<number>([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
  OpCode.multi,
  OpCode.reconfig,
]);

/** In front of each frame. */
const LENGTH_BYTES = 4;
