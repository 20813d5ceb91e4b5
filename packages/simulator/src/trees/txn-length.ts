/** How long the txn of a request is, by the fields that it has: a leader refuses what would be too long. */
import { OpCode, type ACL, type MultiOperation, type RequestMessage } from "@jute-ts/zookeeper";
import type { ExpectedOutcome } from "../model/request-model.js";
import type { AclModel } from "../model/znode-model.js";

/** How a list is stored that a client asks for; undefined for one that is refused. */
export type Storing = (list: readonly ACL[] | null) => readonly AclModel[] | undefined;

/** In bytes, without what a closeSession lists. `outcome`: what the request comes to where any length will do. */
export function lengthOfTxn(
  message: RequestMessage,
  outcome: ExpectedOutcome,
  storing: Storing,
  hasDigest: boolean,
): number {
  const ends = HEADER_BYTES + (hasDigest ? DIGEST_BYTES : 0);
  if (message.type === OpCode.multi) return ends + lengthOfParts(message.body, outcome, storing);
  if (outcome.err !== 0) return HEADER_BYTES + INT_BYTES;
  return ends + lengthOfBody(message, outcome.path ?? "", storing);
}

export function lengthOfText(text: string): number {
  let bytes = INT_BYTES;
  // Of the basic plane alone.
  for (const letter of text) {
    const code = letter.charCodeAt(0);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** Each with its op and its length in front. Those that were not tried, and the one that failed, are an error each. */
function lengthOfParts(
  parts: readonly MultiOperation[],
  { parts: outcomes = [], undone = outcomes }: ExpectedOutcome,
  storing: Storing,
): number {
  let bytes = INT_BYTES;
  for (const [at, part] of parts.entries()) {
    const done = undone[at];
    bytes += 2 * INT_BYTES;
    bytes += done === undefined ? INT_BYTES : lengthOfBody(part, done.path ?? "", storing);
  }
  return bytes;
}

function lengthOfBody(
  { type, body }: RequestMessage | MultiOperation,
  path: string,
  storing: Storing,
): number {
  switch (type) {
    case OpCode.create:
    case OpCode.create2: {
      const isEphemeral = 1;
      return isEphemeral + lengthOfCreate(body, path, storing);
    }
    case OpCode.createContainer:
      return lengthOfCreate(body, path, storing);
    case OpCode.createTTL:
      return LONG_BYTES + lengthOfCreate(body, path, storing);
    case OpCode.delete:
    case OpCode.deleteContainer:
      return lengthOfText(path);
    case OpCode.check:
      return lengthOfText(path) + INT_BYTES;
    case OpCode.setData:
      return lengthOfText(path) + lengthOfData(body.data) + INT_BYTES;
    case OpCode.setACL:
      return lengthOfText(path) + lengthOfList(storing(body.acl)) + INT_BYTES;
    default:
      // A createSession's timeout.
      return INT_BYTES;
  }
}

/** With what the parent has counted. */
function lengthOfCreate(
  body: { readonly data: Uint8Array | null; readonly acl: readonly ACL[] | null },
  path: string,
  storing: Storing,
): number {
  const list = lengthOfList(storing(body.acl));
  return lengthOfText(path) + lengthOfData(body.data) + list + INT_BYTES;
}

function lengthOfData(data: Uint8Array | null): number {
  return INT_BYTES + (data?.length ?? 0);
}

function lengthOfList(list: readonly AclModel[] = []): number {
  let bytes = INT_BYTES;
  for (const { scheme, id } of list) bytes += INT_BYTES + lengthOfText(scheme) + lengthOfText(id);
  return bytes;
}

const INT_BYTES = 4;
const LONG_BYTES = 8;
/** Session, number, zxid, time and op. */
const HEADER_BYTES = 3 * LONG_BYTES + 2 * INT_BYTES;
/** Its version and the digest. */
const DIGEST_BYTES = INT_BYTES + LONG_BYTES;
