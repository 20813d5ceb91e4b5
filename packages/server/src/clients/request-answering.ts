/** Answers what a connection has asked for, oldest first, up to what must wait. */
import type { JuteRecord } from "@jute-ts/runtime";
import { ErrorCode, OpCode, SyncResponse } from "@jute-ts/zookeeper";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import { answerLocally } from "./local-requests.js";
import { appendReply } from "./reply-writer.js";
import { isOwn, type PendingRequest } from "./request-queue.js";
import { headerError, writeAnswer } from "./write-answers.js";

export function answerRequests(context: ClientContext, connection: ClientConnection): void {
  const { queue } = connection;
  for (;;) {
    const request = queue.head;
    if (request === undefined) break;
    if (connection.isCongested || connection.isFull || !isReady(request)) return;
    queue.shift();
    connection.largeRequests.answered(queue.askedCount - queue.askedLength);
    if (!isOwn(request)) context.outstanding--;
    answerRequest(context, connection, request);
    context.holdBackIfFull(connection);
    if (connection.stage === "closed") return;
  }
  if (connection.stage === "ending") context.close(connection, "unreadable");
}

function isReady(request: PendingRequest): boolean {
  switch (request.kind) {
    case "write":
      return request.outcome !== undefined;
    case "sync":
      return request.isSynced;
    case "local":
    case "decided":
      return true;
  }
}

function answerRequest(
  context: ClientContext,
  connection: ClientConnection,
  request: PendingRequest,
): void {
  const { tree } = context;
  switch (request.kind) {
    case "local": {
      const outcome = answerLocally(context, connection, request.message, request.ids);
      const body =
        "record" in outcome ? outcome.record : "body" in outcome ? outcome.body : undefined;
      const tail = "stat" in outcome ? outcome.stat : undefined;
      reply(context, connection, request, tree.lastProcessedZxid, outcome.err, body, tail);
      // Whoever watches more than this server can bear starts again with nothing.
      if (outcome.err === ErrorCode.THROTTLEDOP) context.close(connection, "too many watches");
      return;
    }
    case "sync": {
      const body = new SyncResponse({ path: request.path });
      reply(context, connection, request, tree.lastProcessedZxid, ErrorCode.OK, body);
      return;
    }
    case "decided": {
      const { err, zxid = tree.lastProcessedZxid, body, closes } = request.decision;
      reply(context, connection, request, zxid, err, body);
      if (closes !== true) return;
      const isAsked = request.type === OpCode.closeSession;
      context.close(connection, isAsked ? "session closed" : "request refused");
      return;
    }
    case "write":
      answerWrite(context, connection, request);
  }
}

function answerWrite(
  context: ClientContext,
  connection: ClientConnection,
  request: Extract<PendingRequest, { kind: "write" }>,
): void {
  const { type, outcome } = request;
  if (outcome === undefined) return;
  const err = headerError(outcome.result);
  if (err === ErrorCode.SESSIONMOVED) {
    // No answer to anybody: the client would believe that it may not go on elsewhere (ZOOKEEPER-710).
    context.close(connection, "session moved");
    return;
  }
  if (type === OpCode.createSession) {
    // The client did not ask for it; without it, what it asked for can have no effect.
    if (err !== ErrorCode.OK) context.close(connection, "session over");
    return;
  }
  const body = err === ErrorCode.OK ? writeAnswer(type, outcome.result) : undefined;
  reply(context, connection, request, outcome.txn.zxid, err, body);
  if (type === OpCode.closeSession) context.close(connection, "session closed");
}

function reply(
  context: ClientContext,
  connection: ClientConnection,
  { kind, xid, type, takenMs }: PendingRequest,
  zxid: bigint,
  err: number,
  body?: JuteRecord | Uint8Array,
  tail?: JuteRecord,
): void {
  const size = appendReply(context.outputOf(connection), xid, zxid, err, body, tail);
  context.onWritten(size);
  const { measurements, clock } = context;
  const answeredMs = clock.nowMs;
  connection.statistics.onAnswered({ opCode: type, xid, zxid, takenMs, answeredMs });
  measurements.count("packets_sent");
  measurements.record("client_response_size", size);
  measurements.record("latency", answeredMs - takenMs);
  measurements.record(kind === "write" ? "updatelatency" : "readlatency", answeredMs - takenMs);
}
