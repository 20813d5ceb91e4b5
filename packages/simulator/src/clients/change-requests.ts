/**
 * The changes that simulated clients ask for, as the requests that ZooKeeper's
 * servers forward: each an op code and the encoded record that it asks for.
 */
import {
  type ACL,
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

export function setChange(path: string, value: string | null, version: number): ChangeBody {
  const body = SetDataRequest.encode({ path, data: dataOf(value), version });
  return { opCode: OpCode.setData, body };
}

export function deleteChange(path: string, version: number): ChangeBody {
  return { opCode: OpCode.delete, body: DeleteRequest.encode({ path, version }) };
}

/** Any kind of create, with any list: by the op that the mode needs. */
export function createWith(
  path: string,
  value: string | null,
  flags: CreateMode,
  acl: readonly ACL[],
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

export function setAclChange(path: string, acl: readonly ACL[], version: number): ChangeBody {
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

/** Limits what there may be at a path and below it, as `setquota` does. -1 is no limit. */
export function setQuotaChange(path: string, znodes: number, bytes: number): ChangeBody {
  const quota = `${QUOTA}${path}`;
  return multiChange([
    createPart(quota, "", CreateMode.PERSISTENT),
    createPart(`${quota}/zookeeper_limits`, limitsText(znodes, bytes), CreateMode.PERSISTENT),
    createPart(`${quota}/zookeeper_stats`, "count=0,bytes=0", CreateMode.PERSISTENT),
  ]);
}

/** Other limits than those that are set. */
export function changeQuotaChange(path: string, znodes: number, bytes: number): ChangeBody {
  return setChange(`${QUOTA}${path}/zookeeper_limits`, limitsText(znodes, bytes), -1);
}

/** Whatever is to stand in the place of limits. */
export function oddQuotaChange(path: string, text: string): ChangeBody {
  return setChange(`${QUOTA}${path}/zookeeper_limits`, text, -1);
}

export function removeQuotaChange(path: string): ChangeBody {
  const quota = `${QUOTA}${path}`;
  const names = ["/zookeeper_stats", "/zookeeper_limits", ""];
  return multiChange(names.map((name) => deletePart(`${quota}${name}`, -1)));
}

function limitsText(znodes: number, bytes: number): string {
  return `count=-1,bytes=-1=;byteHardLimit=${bytes};countHardLimit=${znodes}`;
}

/** A create whose op and mode need not agree, nor the mode be one. */
export function anyCreateChange(
  opCode: typeof OpCode.create2 | typeof OpCode.createContainer | typeof OpCode.createTTL,
  path: string,
  value: string,
  flags: number,
): ChangeBody {
  const znode = { path, data: asciiBytes(value), acl: [...OPEN_ACL_UNSAFE], flags };
  const isTtl = opCode === OpCode.createTTL;
  const body = isTtl
    ? CreateTTLRequest.encode({ ...znode, ttl: 1000n })
    : CreateRequest.encode(znode);
  return { opCode, body };
}

/** The same without its last byte, which is no request any more. */
export function cutChange({ opCode, body }: ChangeBody): ChangeBody {
  return { opCode, body: body.subarray(0, body.length - 1) };
}

/** An op that there is none. */
export const unknownChange: ChangeBody = { opCode: 77, body: new Uint8Array(4) };

/** What only servers may ask for. */
export function deleteContainerChange(path: string): ChangeBody {
  return { opCode: OpCode.deleteContainer, body: DeleteTxn.encode({ path }) };
}

/** A part of a multi. */
export function createPart(
  path: string,
  value: string | null,
  flags: CreateMode,
  acl: readonly ACL[] = OPEN_ACL_UNSAFE,
  ttlMs = 0,
): CreatePart {
  const body = { path, data: dataOf(value), acl: [...acl], flags };
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

/** Several sequential znodes at once. */
export function createMany(parent: string, count: number): ChangeBody {
  const part = createPart(`${parent}/n-`, "", CreateMode.PERSISTENT_SEQUENTIAL);
  return multiChange(Array.from({ length: count }, () => part));
}

function dataOf(value: string | null): Uint8Array | null {
  return value === null ? null : asciiBytes(value);
}

/** Values of clients are plain letters, digits and signs. */
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

const QUOTA = "/zookeeper/quota";
