/** Requests that this server answers by itself, from its tree: what each asks, and what it answers. */
import type { DataTree, ZnodeView } from "@jute-ts/data-tree";
import type { JuteRecord } from "@jute-ts/runtime";
import {
  ACL,
  ErrorCode,
  encodeResponse,
  ExistsResponse,
  GetACLResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  GetEphemeralsResponse,
  Id,
  type MultiReadOperation,
  type MultiReadResultInit,
  OpCode,
  Perms,
  type RequestMessage,
  type Stat,
} from "@jute-ts/zookeeper";
import type { Measurements } from "../admin/measurements.js";
import { countRead } from "./namespace-figures.js";
import type { AuthId } from "./auth-id.js";
import type { ChildLists } from "./child-lists.js";

/** The ops that only read. */
export type ReadOpCode =
  | typeof OpCode.exists
  | typeof OpCode.getData
  | typeof OpCode.getACL
  | typeof OpCode.getChildren
  | typeof OpCode.getChildren2
  | typeof OpCode.getEphemerals
  | typeof OpCode.getAllChildrenNumber
  | typeof OpCode.multiRead;

export type ReadMessage = RequestMessage<ReadOpCode>;

export const readOpCodes: ReadonlySet<number> = new Set<ReadOpCode>([
  OpCode.exists,
  OpCode.getData,
  OpCode.getACL,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.getEphemerals,
  OpCode.getAllChildrenNumber,
  OpCode.multiRead,
]);

export function isRead(message: RequestMessage): message is ReadMessage {
  return readOpCodes.has(message.type);
}

/** Who reads. */
export interface Reader {
  readonly sessionId: bigint;
  readonly ids: readonly AuthId[];
  /** Where it is counted how much they read. */
  readonly measurements: Measurements;
}

/** What a request gives: an error code or, with 0, the body of the answer as a record or encoded, where it has one. */
export type ReadOutcome =
  | { readonly err: number }
  | { readonly err: 0; readonly record: JuteRecord }
  | {
      readonly err: 0;
      readonly body: Uint8Array;
      /** What follows the encoded part of the body. */
      readonly stat?: Stat | undefined;
    };

/**
 * Reads the tree as it is now. Data in the answer is borrowed from the tree, lists from `childLists`.
 * `mostBytes`: what a multiRead may give at most.
 */
export function read(
  tree: DataTree,
  childLists: ChildLists,
  message: ReadMessage,
  reader: Reader,
  mostBytes: number,
): ReadOutcome {
  const { type, body } = message;
  switch (type) {
    case OpCode.exists:
      return exists(tree, body.path, reader);
    case OpCode.getData:
      return getData(tree, body.path, reader);
    case OpCode.getACL:
      return getAcl(tree, body.path, reader);
    case OpCode.getChildren:
      return getChildren(tree, childLists, body.path, reader);
    case OpCode.getChildren2:
      return getChildren2(tree, childLists, body.path, reader);
    case OpCode.getEphemerals:
      return getEphemerals(tree, body.prefixPath, reader);
    case OpCode.getAllChildrenNumber: {
      const znode = readable(tree, body.path, reader);
      if (typeof znode === "number") return { err: znode };
      const totalNumber = tree.countDescendants(body.path ?? "") ?? 0;
      return answer(new GetAllChildrenNumberResponse({ totalNumber }));
    }
    case OpCode.multiRead:
      return multiRead(tree, body, reader, mostBytes);
  }
}

/** The znode, if there is one and the reader may read it; else an error code. */
function readable(tree: DataTree, path: string | null, { ids }: Reader): ZnodeView | ErrorCode {
  if (path === null) return ErrorCode.MARSHALLINGERROR;
  const znode = tree.getNode(path);
  if (znode === undefined) return ErrorCode.NONODE;
  return tree.isPermitted(znode.acl, Perms.READ, ids) ? znode : ErrorCode.NOAUTH;
}

function exists(tree: DataTree, path: string | null, reader: Reader): ReadOutcome {
  if (path?.includes("\0") === true) return { err: ErrorCode.BADARGUMENTS };
  const znode = readable(tree, path, reader);
  if (typeof znode === "number") return { err: znode };
  countRead(reader.measurements, path ?? "", 0);
  return answer(new ExistsResponse({ stat: znode.stat }));
}

function getData(tree: DataTree, path: string | null, reader: Reader): ReadOutcome {
  const znode = readable(tree, path, reader);
  if (typeof znode === "number") return { err: znode };
  const { data, stat } = znode;
  countRead(reader.measurements, path ?? "", data?.length ?? 0);
  return answer(new GetDataResponse({ data, stat }));
}

function getChildren(
  tree: DataTree,
  childLists: ChildLists,
  path: string | null,
  reader: Reader,
): ReadOutcome {
  const znode = readable(tree, path, reader);
  if (typeof znode === "number") return { err: znode };
  const body = childLists.of(tree, path ?? "", znode.stat);
  if (body !== undefined) {
    countRead(
      reader.measurements,
      path ?? "",
      lengthOfEncoded(body.length, znode.stat.numChildren),
    );
    return { err: 0, body };
  }
  const children = tree.getChildren(path ?? "") ?? [];
  countRead(reader.measurements, path ?? "", lengthOf(children));
  return answer(new GetChildrenResponse({ children }));
}

function getChildren2(
  tree: DataTree,
  childLists: ChildLists,
  path: string | null,
  reader: Reader,
): ReadOutcome {
  const znode = readable(tree, path, reader);
  if (typeof znode === "number") return { err: znode };
  const { stat } = znode;
  const body = childLists.of(tree, path ?? "", stat);
  if (body !== undefined) {
    countRead(reader.measurements, path ?? "", lengthOfEncoded(body.length, stat.numChildren));
    return { err: 0, body, stat };
  }
  const children = tree.getChildren(path ?? "") ?? [];
  countRead(reader.measurements, path ?? "", lengthOf(children));
  return answer(new GetChildren2Response({ children, stat }));
}

/** Digests are shown in full to those only who could replace them. */
function getAcl(tree: DataTree, path: string | null, { ids }: Reader): ReadOutcome {
  if (path === null) return { err: ErrorCode.MARSHALLINGERROR };
  const znode = tree.getNode(path);
  if (znode === undefined) return { err: ErrorCode.NONODE };
  const { acl, stat } = znode;
  if (!tree.isPermitted(acl, Perms.READ | Perms.ADMIN, ids)) return { err: ErrorCode.NOAUTH };
  const mayAdminister = tree.isPermitted(acl, Perms.ADMIN, ids);
  return answer(
    new GetACLResponse({ acl: mayAdminister ? [...acl] : acl.map(withoutDigest), stat }),
  );
}

function withoutDigest(entry: ACL): ACL {
  const { scheme, id } = entry.id;
  if (scheme !== "digest" || id === null) return entry;
  const shown = `${id.slice(0, id.indexOf(":") + 1)}x`;
  return new ACL({ perms: entry.perms, id: new Id({ scheme, id: shown }) });
}

/** Those of the reader's own session whose path begins so. */
function getEphemerals(tree: DataTree, prefix: string | null, { sessionId }: Reader): ReadOutcome {
  const all = tree.ephemeralsOf(sessionId);
  const wanted = prefix === null || prefix.trim() === "" || prefix === "/" ? "" : prefix;
  const ephemerals = all.filter((path) => path.startsWith(wanted));
  return answer(new GetEphemeralsResponse({ ephemerals }));
}

/** Each part by itself, but for their length: a short request may ask for one long znode thousands of times. */
function multiRead(
  tree: DataTree,
  operations: readonly MultiReadOperation[],
  reader: Reader,
  mostBytes: number,
): ReadOutcome {
  const results: MultiReadResultInit[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const { result, length } = readPart(tree, operation, reader);
    bytes += length;
    if (bytes > mostBytes) return { err: ErrorCode.MARSHALLINGERROR };
    results.push(result);
  }
  return {
    err: 0,
    body: encodeResponse(OpCode.multiRead, NO_HEADER, results).subarray(HEADER_BYTES),
  };
}

/** With about the length of the result's bytes, where a name counts as its characters and its length. */
function readPart(
  tree: DataTree,
  { type, body }: MultiReadOperation,
  reader: Reader,
): { readonly result: MultiReadResultInit; readonly length: number } {
  const znode = readable(tree, body.path, reader);
  if (typeof znode === "number") {
    return { result: { ok: false, type: OpCode.error, err: znode }, length: 0 };
  }
  const { data, stat } = znode;
  if (type === OpCode.getData) {
    countRead(reader.measurements, body.path ?? "", data?.length ?? 0);
    return { result: { ok: true, type, body: { data, stat } }, length: data?.length ?? 0 };
  }
  const children = tree.getChildren(body.path ?? "") ?? [];
  const namesLength = lengthOf(children);
  countRead(reader.measurements, body.path ?? "", namesLength);
  const length = namesLength + LENGTH_BYTES * children.length;
  return { result: { ok: true, type, body: { children } }, length };
}

function lengthOf(names: readonly string[]): number {
  let length = 0;
  for (const name of names) length += name.length;
  return length;
}

/** The same of an encoded list, but for names that are not ASCII. */
function lengthOfEncoded(bytes: number, count: number): number {
  return bytes - LENGTH_BYTES * (1 + count);
}

function answer(record: JuteRecord): ReadOutcome {
  return { err: 0, record };
}

/** In front of each name, and of a list. */
const LENGTH_BYTES = 4;
const NO_HEADER = { xid: 0, zxid: 0n };
const HEADER_BYTES = 16;
