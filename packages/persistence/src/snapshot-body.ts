/**
 * What snapshot files and the stream from a leader share: sessions, access
 * control lists, znodes parents first, and a "/" as the end. The root's path is
 * empty, which leaves "/" free for that.
 */
import type { ACL, StatPersisted } from "@jute-ts/zookeeper";

export interface SnapshotNode {
  /** "" is the root. */
  readonly path: string;
  readonly data: Uint8Array | null;
  /** Which access control list applies; -1 is world:anyone with all permissions, which is never listed. */
  readonly aclId: bigint;
  readonly stat: StatPersisted;
}

/** Where decoded elements go, in the order of the bytes. What a method throws comes out of `push`. */
export interface SnapshotVisitor {
  session(id: bigint, timeoutMs: number): void;
  acl(id: bigint, acl: readonly ACL[]): void;
  /** The node is the visitor's to keep, its data included unless the decoder was asked to lend them. */
  node(node: SnapshotNode): void;
  end(): void;
}

/** What is to be encoded. Each iterable must yield as many elements as its count says. */
export interface SnapshotContent {
  readonly sessions: Iterable<readonly [bigint, number]>;
  readonly sessionCount: number;
  readonly acls: Iterable<readonly [bigint, readonly ACL[]]>;
  readonly aclCount: number;
  /** The root first, and every node after its parent. Pulled one by one as the chunks are. */
  readonly nodes: Iterable<SnapshotNode>;
}

/**
 * Why no znode can have this path; undefined if one can. Whether it is the root's
 * turn, and whether the parent was there, is another question.
 */
export function pathFlaw(path: string): string | undefined {
  if (path === "") return undefined;
  if (!path.startsWith("/")) return "does not begin with '/'";
  if (path.endsWith("/")) return "ends with '/'";
  return path.includes("//") ? "has an empty name in it" : undefined;
}

/** The path that stands where another node's could, after the last of them. */
export const END_OF_NODES = "/";
