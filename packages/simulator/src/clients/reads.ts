/** What simulated clients read of a znode: everything that a server shows, copied. */
import type { ACL, Stat } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import type { ReplicatedState } from "@jute-ts/quorum";

export interface ReadZnode {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
  readonly acl: readonly ACL[];
  /** The names of its children, sorted. */
  readonly children: readonly string[];
}

/** The value of a read's answer. `znode` is undefined where there is none. */
export interface ZnodeRead {
  readonly kind: "znode";
  readonly znode: ReadZnode | undefined;
}

/** Looks at a znode. For `ClientPort.read`. */
export function readZnode(path: string): (state: ReplicatedState) => ZnodeRead {
  return (state) => {
    const tree = state instanceof DataTree ? state : undefined;
    const found = tree?.getNode(path);
    if (tree === undefined || found === undefined) return { kind: "znode", znode: undefined };
    // The tree never changes data and lists, it replaces them; the stat is the reader's own.
    const children = (tree.getChildren(path) ?? []).sort();
    return { kind: "znode", znode: { ...found, children } };
  };
}

export function isZnodeRead(value: unknown): value is ZnodeRead {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "znode";
}
