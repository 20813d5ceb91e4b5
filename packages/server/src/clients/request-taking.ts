/** What becomes of a client's request when it comes: answered, or in the queue of its connection. */
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  AuthPacket,
  decodeRequest,
  ErrorCode,
  OpCode,
  type RequestMessage,
  SyncRequest,
  UnknownOpCodeError,
  SetSASLResponse,
} from "@jute-ts/zookeeper";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import type { ReadMessage, ReadOpCode } from "./reads.js";
import type { Decision, PendingRequest } from "./request-queue.js";

/** Takes a request of a connection that has a session. Throws JuteDecodeError for a frame too short for its header. */
export function takeRequest(
  context: ClientContext,
  connection: ClientConnection,
  frame: BinaryInputArchive,
): void {
  const at = frame.position;
  const xid = frame.intAt(frame.take(4));
  const type = frame.intAt(frame.take(4));
  connection.received++;
  if (READS.has(type)) {
    frame.position = at;
    add(context, connection, readOf(connection, xid, frame));
  } else if (WRITES.has(type)) {
    submit(context, connection, xid, type, frame);
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
      decide(context, connection, xid, { err: ErrorCode.OK });
      return;
    case OpCode.closeSession:
      submit(context, connection, xid, type, frame);
      connection.stage = "ending";
      return;
    case OpCode.sync:
      takeSync(context, connection, xid, frame);
      return;
    case OpCode.auth:
      takeAuth(context, connection, xid, frame);
      return;
    case OpCode.sasl:
      decide(context, connection, xid, { err: ErrorCode.OK, zxid: 0n, body: NO_TOKEN });
      return;
    default:
      // Also what only servers ask of each other, and a check outside of a multi (ZOOKEEPER-2623).
      end(context, connection, xid, { err: ErrorCode.UNIMPLEMENTED, zxid: -1n });
  }
}

function submit(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  opCode: number,
  frame: BinaryInputArchive,
): void {
  const body = frame.bytes.subarray(frame.position, frame.end);
  const { sessionId, ids: authInfo } = connection;
  const change = { sessionId, cxid: xid, opCode, body, authInfo };
  context.ask({ kind: "submit", request: connection.id, change });
  add(context, connection, { kind: "write", xid, type: opCode, outcome: undefined });
}

/** A read, or what to answer to one that cannot be read itself. */
function readOf({ ids }: ClientConnection, xid: number, frame: BinaryInputArchive): PendingRequest {
  try {
    const message = decodeRequest(frame);
    if (isRead(message)) return { kind: "read", xid, message, ids };
  } catch (error) {
    if (!(error instanceof JuteDecodeError) && !(error instanceof UnknownOpCodeError)) throw error;
  }
  return { kind: "decided", xid, decision: { err: ErrorCode.MARSHALLINGERROR } };
}

function takeSync(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  frame: BinaryInputArchive,
): void {
  const path = decodePath(frame);
  if (path === undefined) {
    decide(context, connection, xid, { err: ErrorCode.MARSHALLINGERROR });
    return;
  }
  const { id: request, sessionId } = connection;
  context.ask({ kind: "sync", request, sessionId, cxid: xid });
  add(context, connection, { kind: "sync", xid, path, isSynced: false });
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
  const { scheme } = AuthPacket.read(frame);
  if (scheme === "ip") decide(context, connection, xid, { err: ErrorCode.OK, zxid: 0n });
  else end(context, connection, xid, { err: ErrorCode.AUTHFAILED, zxid: 0n });
}

function decide(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  decision: Decision,
): void {
  add(context, connection, { kind: "decided", xid, decision });
}

/** Answers, and closes the connection. What follows does not count. */
function end(
  context: ClientContext,
  connection: ClientConnection,
  xid: number,
  decision: Decision,
): void {
  decide(context, connection, xid, { ...decision, closes: true });
  connection.stage = "ending";
}

function add(context: ClientContext, connection: ClientConnection, request: PendingRequest): void {
  context.outstanding++;
  connection.queue.add(request);
}

function isRead(message: RequestMessage): message is ReadMessage {
  return READS.has(message.type);
}

const READS: ReadonlySet<number> = new Set<ReadOpCode>([
  OpCode.exists,
  OpCode.getData,
  OpCode.getACL,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.getEphemerals,
  OpCode.getAllChildrenNumber,
  OpCode.multiRead,
]);

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

/** What Java answers where no SASL is configured. */
const NO_TOKEN: Uint8Array = SetSASLResponse.encode({ token: null });
