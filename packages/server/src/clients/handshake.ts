/**
 * The first message of a client: it opens a session, or renews one that it has, here
 * or at another server. Nothing more is read of the connection until that is answered.
 */
import type { Answer } from "@jute-ts/quorum";
import type { BinaryInputArchive } from "@jute-ts/runtime";
import {
  type ConnectRequest,
  ConnectResponse,
  CreateSessionTxn,
  decodeConnectRequest,
  ErrorCode,
  OpCode,
} from "@jute-ts/zookeeper";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import type { WayToConnect } from "./limits/index.js";
import { appendConnectResponse } from "./reply-writer.js";
import type { SessionIds } from "./session-ids.js";
import { sessionPassword } from "./session-password.js";

/** Throws JuteDecodeError for what is no ConnectRequest. */
export function takeConnectRequest(
  context: ClientContext,
  connection: ClientConnection,
  frame: BinaryInputArchive,
  sessionIds: SessionIds,
): void {
  const request = decodeConnectRequest(frame);
  connection.statistics.onReceived();
  context.measurements.count("packets_received");
  context.measurements.count("connection_request_count");
  const objection = context.whyNotAdmitted(request);
  if (objection !== undefined) {
    context.close(connection, objection);
    return;
  }
  const { throttle } = context;
  context.measurements.record("connection_token_deficit", throttle.tokenDeficit);
  if (!throttle.admits(wayToConnect(context, request), context.clock.nowMs)) {
    context.measurements.count("connection_rejected");
    context.close(connection, "connection throttle");
    return;
  }
  context.measurements.record("connection_token_deficit", context.throttle.tokenDeficit);
  connection.stage = "connecting";
  connection.connectMs = context.clock.nowMs;
  connection.knowsReadOnly = request.readOnly !== undefined;
  connection.timeoutMs = negotiated(context, request);
  if (request.sessionId === 0n) openSession(context, connection, sessionIds.next());
  else renewSession(context, connection, request, sessionIds);
}

function wayToConnect(context: ClientContext, { sessionId }: ConnectRequest): WayToConnect {
  if (sessionId !== 0n) return "renewed";
  return beginsLocally(context) ? "local" : "global";
}

/** Whether new sessions are ones that only this server knows. */
function beginsLocally({ options, isReadOnly }: ClientContext): boolean {
  return options.localSessions || isReadOnly;
}

function negotiated({ options }: ClientContext, { timeOut }: ConnectRequest): number {
  return Math.min(Math.max(timeOut, options.minSessionTimeoutMs), options.maxSessionTimeoutMs);
}

function openSession(
  context: ClientContext,
  connection: ClientConnection,
  sessionId: bigint,
): void {
  connection.sessionId = sessionId;
  if (beginsLocally(context)) {
    connection.isLocal = true;
    context.localSessions.add(sessionId, connection.timeoutMs, context.clock.nowMs);
    accept(context, connection);
    return;
  }
  const body = CreateSessionTxn.encode({ timeOut: connection.timeoutMs });
  const change = { sessionId, cxid: 0, opCode: OpCode.createSession, body, authInfo: [] };
  context.ask({ kind: "submit", request: connection.id, change });
}

function renewSession(
  context: ClientContext,
  connection: ClientConnection,
  request: ConnectRequest,
  sessionIds: SessionIds,
): void {
  const { sessionId } = request;
  context.measurements.count("connection_revalidate_count");
  // What it knows of the ensemble's sessions grows old: some have begun that it has never heard of.
  const mayBeOfEnsemble = context.isOfEnsemble(sessionId) || !sessionIds.isOfReader(sessionId);
  if (context.isReadOnly && mayBeOfEnsemble) {
    // They are neither kept alive by a server that is cut off (ZOOKEEPER-3863), nor said to be over.
    context.close(connection, "read-only");
    return;
  }
  if (!context.mayRenew(request)) {
    refuse(context, connection);
    return;
  }
  // After the password: an id alone must not cost its owner the connection.
  const former = context.sessions.get(sessionId);
  if (former !== undefined) context.close(former, "session moved");
  connection.sessionId = sessionId;
  const { timeoutMs } = connection;
  if (context.localSessions.touch(sessionId, timeoutMs, context.clock.nowMs)) {
    connection.isLocal = true;
    accept(context, connection);
    return;
  }
  if (context.isReadOnly) {
    refuse(context, connection);
    return;
  }
  context.ask({ kind: "revalidate", request: connection.id, sessionId, timeoutMs });
}

/** The quorum has answered for a connection that waits for its session. */
export function onSessionAnswer(
  context: ClientContext,
  connection: ClientConnection,
  answer: Answer,
): void {
  switch (answer.kind) {
    case "applied":
      if (answer.result.err === ErrorCode.OK) accept(context, connection);
      else refuse(context, connection);
      return;
    case "revalidated":
      if (answer.valid) accept(context, connection);
      else refuse(context, connection);
      return;
    case "synced":
    case "refused":
    case "unknown":
      context.close(connection, "outcome unknown");
  }
}

function accept(context: ClientContext, connection: ClientConnection): void {
  const { sessionId, timeoutMs } = connection;
  // Two renewals may have crossed: the later one wins.
  const former = context.sessions.get(sessionId);
  if (former !== undefined && former !== connection) context.close(former, "session moved");
  context.sessions.set(sessionId, connection);
  connection.stage = "open";
  context.idle.touch(connection, context.clock.nowMs, timeoutMs);
  respond(
    context,
    connection,
    new ConnectResponse({ timeOut: timeoutMs, sessionId, passwd: sessionPassword(sessionId) }),
  );
}

/** A client that is refused knows that its session has expired. */
function refuse(context: ClientContext, connection: ClientConnection): void {
  respond(context, connection, new ConnectResponse({ passwd: new Uint8Array(16) }));
  context.close(connection, "session over");
}

function respond(
  context: ClientContext,
  connection: ClientConnection,
  response: ConnectResponse,
): void {
  // Clients before 3.4 do not expect it.
  if (connection.knowsReadOnly) response.readOnly = context.isReadOnly;
  appendConnectResponse(context.outputOf(connection), response);
  const { nowMs: answeredMs } = context.clock;
  const zxid = context.tree.lastProcessedZxid;
  const takenMs = connection.connectMs;
  const opCode = OpCode.createSession;
  connection.statistics.onAnswered({ opCode, xid: 0, zxid, takenMs, answeredMs });
  context.measurements.count("packets_sent");
}
