/**
 * `enableEagerACLCheck`: a change that the client may not make by the tree as it is
 * here is refused at once, and costs neither a txn nor a way to the leader. The leader
 * judges the others by the tree as it will be then.
 */
import type { DataTree } from "@jute-ts/data-tree";
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import {
  type ACL,
  decodeRequest,
  ErrorCode,
  OpCode,
  Perms,
  type RequestMessage,
  UnknownOpCodeError,
} from "@jute-ts/zookeeper";
import type { AuthId } from "./auth-id.js";

/**
 * NOAUTH or INVALIDACL; undefined where nothing of the kind is known here. As in Java, only of
 * create, create2, delete, setData and setACL by themselves. `at`: where the request begins in the
 * frame, which is left where it was.
 */
export function whyNotPermitted(
  tree: DataTree,
  frame: BinaryInputArchive,
  at: number,
  ids: readonly AuthId[],
): ErrorCode | undefined {
  const { position } = frame;
  frame.position = at;
  try {
    return judge(tree, decodeRequest(frame), ids);
  } catch (error) {
    // Whoever carries it out will say what is wrong with it.
    if (error instanceof JuteDecodeError || error instanceof UnknownOpCodeError) return undefined;
    throw error;
  } finally {
    frame.position = position;
  }
}

function judge(
  tree: DataTree,
  { type, body }: RequestMessage,
  ids: readonly AuthId[],
): ErrorCode | undefined {
  const on = (path: string | null, permission: number, acl?: readonly ACL[] | null) => {
    if (acl !== undefined && !tree.isStorable(acl, ids)) return ErrorCode.INVALIDACL;
    const znode = path === null ? undefined : tree.getNode(path);
    if (znode === undefined || tree.isPermitted(znode.acl, permission, ids)) return undefined;
    return ErrorCode.NOAUTH;
  };
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return on(parentOf(body.path), Perms.CREATE, body.acl);
    case OpCode.delete:
      return on(parentOf(body.path), Perms.DELETE);
    case OpCode.setData:
      return on(body.path, Perms.WRITE);
    case OpCode.setACL:
      return on(body.path, Perms.ADMIN, body.acl);
    default:
      return undefined;
  }
}

/** Null where a path has no parent. */
function parentOf(path: string | null): string | null {
  const lastSlash = path?.lastIndexOf("/") ?? -1;
  return path === null || lastSlash === -1 ? null : path.slice(0, lastSlash);
}
