/**
 * The changes that simulated clients ask for, as the requests that ZooKeeper's
 * servers forward: each an op code and the encoded record that it asks for.
 */
import {
  CreateMode,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteRequest,
  encodeRequest,
  type MultiOperationInit,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";

/** A request that has no session yet, nor a number in it. */
export interface ChangeBody {
  readonly opCode: number;
  readonly body: Uint8Array;
}

export function createChange(path: string, value: string, flags: CreateMode): ChangeBody {
  const opCode = flags === CreateMode.CONTAINER ? OpCode.createContainer : OpCode.create2;
  return { opCode, body: CreateRequest.encode(newZnode(path, value, flags)) };
}

/** Needs a server with extended types; others refuse it, which is an answer too. */
export function createTtlChange(path: string, value: string, ttlMs: number): ChangeBody {
  const flags = CreateMode.PERSISTENT_WITH_TTL;
  const request = { ...newZnode(path, value, flags), ttl: BigInt(ttlMs) };
  return { opCode: OpCode.createTTL, body: CreateTTLRequest.encode(request) };
}

export function setChange(path: string, value: string, version: number): ChangeBody {
  const body = SetDataRequest.encode({ path, data: asciiBytes(value), version });
  return { opCode: OpCode.setData, body };
}

export function deleteChange(path: string, version: number): ChangeBody {
  return { opCode: OpCode.delete, body: DeleteRequest.encode({ path, version }) };
}

/** A part of a multi. */
export function createPart(path: string, value: string, flags: CreateMode): MultiOperationInit {
  return { type: OpCode.create, body: newZnode(path, value, flags) };
}

export function setPart(path: string, value: string, version: number): MultiOperationInit {
  return { type: OpCode.setData, body: { path, data: asciiBytes(value), version } };
}

export function deletePart(path: string, version: number): MultiOperationInit {
  return { type: OpCode.delete, body: { path, version } };
}

export function checkPart(path: string, version: number): MultiOperationInit {
  return { type: OpCode.check, body: { path, version } };
}

export function multiChange(parts: readonly MultiOperationInit[]): ChangeBody {
  // A forwarded request has its header in the packet, so only what follows it is sent.
  return {
    opCode: OpCode.multi,
    body: encodeRequest(OpCode.multi, 0, parts).subarray(REQUEST_HEADER_BYTES),
  };
}

export function createSessionChange(sessionId: bigint, timeoutMs: number): ChangeRequest {
  const body = CreateSessionTxn.encode({ timeOut: timeoutMs });
  return { sessionId, cxid: 0, opCode: OpCode.createSession, body, authInfo: [] };
}

export const closeSessionChange: ChangeBody = {
  opCode: OpCode.closeSession,
  body: new Uint8Array(0),
};

/** Values and paths of clients are plain letters, digits and signs. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function asciiText(bytes: Uint8Array | null): string {
  return bytes === null ? "" : String.fromCharCode(...bytes);
}

function newZnode(path: string, value: string, flags: CreateMode) {
  return { path, data: asciiBytes(value), acl: [...OPEN_ACL_UNSAFE], flags };
}

/** A RequestHeader: xid and type. */
const REQUEST_HEADER_BYTES = 8;
