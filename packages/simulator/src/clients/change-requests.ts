/**
 * The changes that simulated clients ask for, as the requests that ZooKeeper's
 * servers forward: each an op code and the encoded record that it asks for.
 */
import {
  type ACLInit,
  CheckVersionRequest,
  CreateMode,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteRequest,
  DeleteTxn,
  encodeRequest,
  type MultiOperationInit,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReconfigRequest,
  SetACLRequest,
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

/** Any kind of create, with any list: by the op that the mode needs. */
export function createWith(
  path: string,
  value: string,
  flags: CreateMode,
  acl: readonly ACLInit[],
  ttlMs: number,
): ChangeBody {
  const part = createPart(path, value, flags, acl, ttlMs);
  switch (part.type) {
    case OpCode.createTTL:
      return { opCode: part.type, body: CreateTTLRequest.encode(part.body) };
    case OpCode.createContainer:
      return { opCode: part.type, body: CreateRequest.encode(part.body) };
    default:
      return { opCode: OpCode.create2, body: CreateRequest.encode(part.body) };
  }
}

/** The oldest kind of create, which is answered with the path alone. */
export function plainCreateChange(path: string, value: string, flags: CreateMode): ChangeBody {
  return { opCode: OpCode.create, body: CreateRequest.encode(newZnode(path, value, flags)) };
}

export function setAclChange(path: string, acl: readonly ACLInit[], version: number): ChangeBody {
  return { opCode: OpCode.setACL, body: SetACLRequest.encode({ path, acl: [...acl], version }) };
}

/** Servers refuse it: their answer to it by itself could not be read (ZOOKEEPER-2623). */
export function checkChange(path: string, version: number): ChangeBody {
  return { opCode: OpCode.check, body: CheckVersionRequest.encode({ path, version }) };
}

/** Servers refuse it, because the ensemble is fixed. */
export const reconfigChange: ChangeBody = {
  opCode: OpCode.reconfig,
  body: ReconfigRequest.encode({ joiningServers: "server.99=x:1:2", curConfigId: -1n }),
};

/** What only servers may ask for. */
export function deleteContainerChange(path: string): ChangeBody {
  return { opCode: OpCode.deleteContainer, body: DeleteTxn.encode({ path }) };
}

/** A part of a multi. */
export function createPart(
  path: string,
  value: string,
  flags: CreateMode,
  acl: readonly ACLInit[] = OPEN_ACL_UNSAFE,
  ttlMs = 0,
): CreatePart {
  const body = { path, data: asciiBytes(value), acl: [...acl], flags };
  switch (flags) {
    case CreateMode.PERSISTENT_WITH_TTL:
    case CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL:
      return { type: OpCode.createTTL, body: { ...body, ttl: BigInt(ttlMs) } };
    case CreateMode.CONTAINER:
      return { type: OpCode.createContainer, body };
    default:
      return { type: OpCode.create, body };
  }
}

type CreatePart = Extract<
  MultiOperationInit,
  {
    readonly type: typeof OpCode.create | typeof OpCode.createContainer | typeof OpCode.createTTL;
  }
>;

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
