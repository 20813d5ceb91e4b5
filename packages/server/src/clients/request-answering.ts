/** Answers what a connection has asked for, oldest first, up to what must wait. */
import { ErrorCode, OpCode, SyncResponse } from "@jute-ts/zookeeper";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import { read } from "./reads.js";
import { appendReply } from "./reply-writer.js";
import type { PendingRequest } from "./request-queue.js";
import { headerError, writeAnswer } from "./write-answers.js";

export function answerRequests(context: ClientContext, connection: ClientConnection): void {
  const { queue } = connection;
  for (;;) {
    const request = queue.head;
    if (request === undefined) break;
    if (connection.isCongested || !isReady(request)) return;
    queue.shift();
    context.outstanding--;
    connection.sent++;
    answerRequest(context, connection, request);
    if (connection.stage === "closed") return;
  }
  if (connection.stage === "ending") context.close(connection);
}

function isReady(request: PendingRequest): boolean {
  switch (request.kind) {
    case "write":
      return request.outcome !== undefined;
    case "sync":
      return request.isSynced;
    case "read":
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
  const { xid } = request;
  switch (request.kind) {
    case "read": {
      const { sessionId } = connection;
      const outcome = read(tree, request.message, { sessionId, ids: request.ids });
      const output = context.outputOf(connection);
      const body =
        "record" in outcome ? outcome.record : "body" in outcome ? outcome.body : undefined;
      appendReply(output, xid, tree.lastProcessedZxid, outcome.err, body);
      return;
    }
    case "sync": {
      const body = new SyncResponse({ path: request.path });
      appendReply(context.outputOf(connection), xid, tree.lastProcessedZxid, ErrorCode.OK, body);
      return;
    }
    case "decided": {
      const { err, zxid = tree.lastProcessedZxid, body, closes } = request.decision;
      appendReply(context.outputOf(connection), xid, zxid, err, body);
      if (closes === true) context.close(connection);
      return;
    }
    case "write":
      answerWrite(context, connection, request);
  }
}

function answerWrite(
  context: ClientContext,
  connection: ClientConnection,
  { xid, type, outcome }: Extract<PendingRequest, { kind: "write" }>,
): void {
  if (outcome === undefined) return;
  const err = headerError(outcome.result);
  if (err === ErrorCode.SESSIONMOVED) {
    // No answer to anybody: the client would believe that it may not go on elsewhere (ZOOKEEPER-710).
    context.close(connection);
    return;
  }
  const body = err === ErrorCode.OK ? writeAnswer(type, outcome.result) : undefined;
  appendReply(context.outputOf(connection), xid, outcome.txn.zxid, err, body);
  if (type === OpCode.closeSession) context.close(connection);
}
