/**
 * What ZooKeeper's documentation says that a reading request shows of the tree at a
 * txn, to somebody with these ids: the slow and obvious twin of what servers answer.
 */
import {
  type ACL,
  ErrorCode,
  type MultiReadOperation,
  OpCode,
  Perms,
  type RequestMessage,
  type ResponseBody,
  type ResponseMessage,
  type ResponseOpCode,
  type Stat,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import { isPermitted } from "./access-model.js";
import { isSameData } from "./tree-comparison.js";
import type { TreeModel } from "./tree-model.js";
import { type AclModel, differenceOfStats, statOf, type ZnodeModel } from "./znode-model.js";

/** Who reads, and what of. */
export interface Reading {
  readonly tree: TreeModel;
  /** The last txn that the server shows. */
  readonly zxid: Zxid;
  readonly sessionId: bigint;
  readonly ids: ChangeRequest["authInfo"];
}

/** What a request that reads should have been answered, compared with what it was: the error code, and the difference if there is any. */
export interface JudgedRead {
  readonly err: number;
  readonly difference: string | undefined;
}

/** Judges the answer to a request; undefined for requests that read nothing. */
export function judgeRead(
  reading: Reading,
  { type, body }: RequestMessage,
  response: ResponseMessage<ResponseOpCode> | undefined,
): JudgedRead | undefined {
  const of = <C extends ResponseOpCode>(code: C): ResponseBody<C> | undefined =>
    // The response was decoded for the op code of its request.
    code === type && response?.ok === true ? (response.body as ResponseBody<C>) : undefined;
  switch (type) {
    case OpCode.exists:
      if (body.path?.includes("\0") === true)
        return { err: ErrorCode.BADARGUMENTS, difference: undefined };
      return judge(reading, body.path, Perms.READ, of(OpCode.exists), (znode, { stat }) =>
        differenceOfStats(statOf(znode), stat),
      );
    case OpCode.getData:
      return judge(reading, body.path, Perms.READ, of(OpCode.getData), (znode, shown) =>
        differenceOfData(znode, shown.data, shown.stat),
      );
    case OpCode.getACL:
      return judge(
        reading,
        body.path,
        Perms.READ | Perms.ADMIN,
        of(OpCode.getACL),
        (znode, shown) => differenceOfAcl(reading, znode, shown),
      );
    case OpCode.getChildren:
      return judge(reading, body.path, Perms.READ, of(OpCode.getChildren), (_, { children }) =>
        differenceOfNames(childrenOf(reading, body.path ?? ""), children),
      );
    case OpCode.getChildren2:
      return judge(reading, body.path, Perms.READ, of(OpCode.getChildren2), (znode, shown) => {
        const names = childrenOf(reading, body.path ?? "");
        return (
          differenceOfNames(names, shown.children) ?? differenceOfStats(statOf(znode), shown.stat)
        );
      });
    case OpCode.getAllChildrenNumber: {
      const shown = of(OpCode.getAllChildrenNumber);
      return judge(reading, body.path, Perms.READ, shown, (_, { totalNumber }) => {
        const expected = descendantsOf(reading, body.path ?? "");
        return totalNumber === expected ? undefined : `counts ${totalNumber} of ${expected}`;
      });
    }
    case OpCode.getEphemerals:
      return judgeEphemerals(reading, body.prefixPath ?? "", of(OpCode.getEphemerals));
    case OpCode.whoAmI: {
      const shown = of(OpCode.whoAmI)?.clientInfo ?? [];
      const users = shown.map(({ authScheme, user }) => `${authScheme} ${user ?? ""}`);
      const expected = reading.ids.map(asShown);
      return { err: 0, difference: differenceOfNames(toldApart(expected), toldApart(users)) };
    }
    case OpCode.multiRead:
      return judgeMultiRead(reading, body, of(OpCode.multiRead));
    default:
      return undefined;
  }
}

function judge<Body>(
  { tree, zxid, ids }: Reading,
  path: string | null,
  permissions: number,
  body: Body | undefined,
  compare: (znode: ZnodeModel, body: Body) => string | undefined,
): JudgedRead {
  const znode = tree.znode(path ?? "", zxid);
  if (znode === undefined) return { err: ErrorCode.NONODE, difference: undefined };
  if (!isPermitted(znode.acl, permissions, ids))
    return { err: ErrorCode.NOAUTH, difference: undefined };
  return { err: 0, difference: body === undefined ? "shows nothing" : compare(znode, body) };
}

function judgeEphemerals(
  { tree, zxid, sessionId }: Reading,
  prefix: string,
  body: ResponseBody<typeof OpCode.getEphemerals> | undefined,
): JudgedRead {
  const wanted = prefix === "/" ? "" : prefix;
  const own: string[] = [];
  for (const [path, { owner }] of tree.znodesAt(zxid))
    if (owner.kind === "session" && owner.sessionId === sessionId && path.startsWith(wanted))
      own.push(path);
  return { err: 0, difference: differenceOfNames(own, body?.ephemerals ?? []) };
}

function judgeMultiRead(
  reading: Reading,
  parts: readonly MultiReadOperation[],
  results: ResponseBody<typeof OpCode.multiRead> | undefined,
): JudgedRead {
  if (results?.length !== parts.length)
    return { err: 0, difference: `has ${results?.length ?? 0} results for ${parts.length} parts` };
  for (const [at, part] of parts.entries()) {
    const result = results[at];
    if (result === undefined) continue;
    const isData = result.ok && result.type === OpCode.getData;
    const isChildren = result.ok && result.type === OpCode.getChildren;
    const { err, difference } =
      part.type === OpCode.getData
        ? judge(
            reading,
            part.body.path,
            Perms.READ,
            isData ? result.body : undefined,
            (znode, shown) => differenceOfData(znode, shown.data, shown.stat),
          )
        : judge(
            reading,
            part.body.path,
            Perms.READ,
            isChildren ? result.body : undefined,
            (_, shown) =>
              differenceOfNames(childrenOf(reading, part.body.path ?? ""), shown.children),
          );
    const actual = result.ok ? 0 : result.err;
    if (actual !== err) return { err: 0, difference: `part ${at} has error ${actual}, not ${err}` };
    if (difference !== undefined) return { err: 0, difference: `part ${at}: ${difference}` };
  }
  return { err: 0, difference: undefined };
}

function differenceOfData(
  znode: ZnodeModel,
  data: Uint8Array | null,
  stat: Stat,
): string | undefined {
  if (!isSameData(znode.data, data)) return "has other data";
  return differenceOfStats(statOf(znode), stat);
}

/** Digests are shown in full to those only who could replace them. */
function differenceOfAcl(
  { ids }: Reading,
  znode: ZnodeModel,
  { acl, stat }: ResponseBody<typeof OpCode.getACL>,
): string | undefined {
  const mayAdminister = isPermitted(znode.acl, Perms.ADMIN, ids);
  const expected = znode.acl.map((entry) => {
    if (mayAdminister || entry.scheme !== "digest") return describeEntry(entry);
    return describeEntry({ ...entry, id: entry.id.replace(/:.*/u, ":x") });
  });
  const shown = acl.map((entry: ACL) =>
    describeEntry({ perms: entry.perms, scheme: entry.id.scheme ?? "", id: entry.id.id ?? "" }),
  );
  return differenceOfNames(expected, shown) ?? differenceOfStats(statOf(znode), stat);
}

function describeEntry({ perms, scheme, id }: AclModel): string {
  return `${scheme}:${id}:${perms}`;
}

/** Not the hash of a password. */
/** That somebody is a superuser has no name (`AuthUtil.getClientInfos`). */
function asShown({ scheme, id }: { readonly scheme: string; readonly id: string }): string {
  if (scheme === "super") return "super ";
  return `${scheme} ${scheme === "digest" ? id.replace(/:.*/u, "") : id}`;
}

/** Somebody may be a superuser in two ways, which look the same. */
function toldApart(names: readonly string[]): string[] {
  return names.map(
    (name, at) => `${name} ${names.slice(0, at).filter((each) => each === name).length}`,
  );
}

function childrenOf({ tree, zxid }: Reading, path: string): string[] {
  const prefix = path === "/" ? "/" : `${path}/`;
  const names: string[] = [];
  for (const [each] of tree.znodesAt(zxid)) {
    if (each === "/" || !each.startsWith(prefix)) continue;
    const name = each.slice(prefix.length);
    if (!name.includes("/")) names.push(name);
  }
  return names;
}

function descendantsOf({ tree, zxid }: Reading, path: string): number {
  const prefix = path === "/" ? "/" : `${path}/`;
  let count = 0;
  for (const [each] of tree.znodesAt(zxid)) if (each !== "/" && each.startsWith(prefix)) count += 1;
  return count;
}

/** In whatever order they come; each once. */
function differenceOfNames(
  expected: readonly string[],
  shown: readonly (string | null)[],
): string | undefined {
  const wanted = new Set(expected);
  const missing = [...wanted].filter((name) => !shown.includes(name));
  const surplus = shown.filter((name) => name === null || !wanted.has(name));
  if (missing.length === 0 && surplus.length === 0 && shown.length === wanted.size)
    return undefined;
  return `lacks [${missing.join(", ")}] and has [${surplus.join(", ")}] too much, of ${shown.length}`;
}
