/** What is known of a change when it is asked for; its outcome makes events of it. */
import type { TxnResult } from "@jute-ts/quorum";
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  type ACL,
  createModeName,
  decodeRequest,
  OpCode,
  Perms,
  type RequestMessage,
  UnknownOpCodeError,
} from "@jute-ts/zookeeper";
import type { AuthId } from "../auth-id.js";
import type { AuditEvent, AuditOperation } from "./audit-event.js";

export interface AuditDraft {
  readonly client: Pick<AuditEvent, "sessionId" | "user" | "ip">;
  readonly change: Change;
  /** Of a multi: the types of the znodes that its parts create, by the index of the part. */
  readonly partTypes: readonly (string | undefined)[];
}

type Change = Omit<AuditEvent, "sessionId" | "user" | "ip" | "result">;

/** Who asks. */
interface Client {
  readonly sessionId: bigint;
  readonly address: string;
  readonly ids: readonly AuthId[];
}

/**
 * Undefined for what is not audited: a session's begin and end. `at`: where the request begins
 * in the frame, which is left where it was.
 */
export function draftOf(
  { sessionId, address, ids }: Client,
  opCode: number,
  frame: BinaryInputArchive,
  at: number,
): AuditDraft | undefined {
  const operation = OPERATIONS.get(opCode);
  if (operation === undefined) return undefined;
  const message = decoded(frame, at);
  return {
    client: { sessionId, user: usersOf(ids), ip: address },
    change: { operation, ...(message === undefined ? {} : detailsOf(message)) },
    partTypes: message?.type === OpCode.multi ? message.body.map(createdType) : [],
  };
}

/** The events of a change that was decided about: one, or one for each part of a multi that did something. */
export function eventsOf(
  { client, change, partTypes }: AuditDraft,
  outcome: TxnResult,
): AuditEvent[] {
  const { err, parts = [], path } = outcome;
  if (err !== 0) return [{ ...client, ...change, result: "failure" }];
  if (change.operation !== "multiOperation") {
    const znode = path === undefined || path === "" ? change.znode : path;
    return [{ ...client, ...change, znode, result: "success" }];
  }
  return parts.flatMap((part, index) => {
    const operation = OPERATIONS.get(part.type);
    if (operation === undefined) return [];
    const znodeType = partTypes[index];
    return [{ ...client, operation, znode: part.path, znodeType, result: "success" as const }];
  });
}

/** The event of a change that was refused before anybody else heard of it. */
export function refusedEvent({ client, change }: AuditDraft): AuditEvent {
  return { ...client, ...change, result: "failure" };
}

/** Undefined for what cannot be read, which others will refuse. */
function decoded(frame: BinaryInputArchive, at: number): RequestMessage | undefined {
  const { position, end } = frame;
  frame.position = at;
  try {
    return decodeRequest(frame);
  } catch (error) {
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return undefined;
    throw error;
  } finally {
    frame.position = position;
    frame.end = end;
  }
}

function detailsOf(message: RequestMessage): Omit<Change, "operation"> {
  switch (message.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return { znode: message.body.path ?? undefined, znodeType: createdType(message) };
    case OpCode.delete:
    case OpCode.setData:
      return { znode: message.body.path ?? undefined };
    case OpCode.setACL:
      return { znode: message.body.path ?? undefined, acl: aclText(message.body.acl) };
    default:
      return {};
  }
}

function createdType({ body }: { readonly body: object | null }): string | undefined {
  if (body === null || !("flags" in body) || typeof body.flags !== "number") return undefined;
  return createModeName(body.flags)?.toLowerCase();
}

function aclText(acl: readonly ACL[] | null): string | undefined {
  return acl?.map(({ perms, id }) => `${id.scheme}:${id.id}:${permsText(perms)}`).join("");
}

function permsText(perms: number): string {
  return PERMS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join("");
}

/** The names of those who are there, as Java's providers of authentication give them. */
function usersOf(ids: readonly AuthId[]): string | undefined {
  const names = ids.flatMap(({ scheme, id }) => {
    if (scheme === "super") return [];
    return scheme === "digest" ? [id.replace(/:.*$/su, "")] : [id];
  });
  return names.length === 0 ? undefined : names.join(",");
}

const OPERATIONS: ReadonlyMap<number, AuditOperation> = new Map<number, AuditOperation>([
  [OpCode.create, "create"],
  [OpCode.create2, "create"],
  [OpCode.createContainer, "create"],
  [OpCode.createTTL, "create"],
  [OpCode.delete, "delete"],
  [OpCode.setData, "setData"],
  [OpCode.setACL, "setAcl"],
  [OpCode.multi, "multiOperation"],
  [OpCode.reconfig, "reconfig"],
]);

const PERMS = [
  ["c", Perms.CREATE],
  ["d", Perms.DELETE],
  ["r", Perms.READ],
  ["w", Perms.WRITE],
  ["a", Perms.ADMIN],
] as const;
