/** What differs between two trees, path by path. */
import type { DataTree } from "@jute-ts/data-tree";
import type { ACL } from "@jute-ts/zookeeper";

/** How a znode differs. `recreated`: it was deleted in between, and another has its path. */
export interface TreeChange {
  readonly path: string;
  readonly kind: "created" | "deleted" | "changed" | "recreated";
  /** What is different in a znode that is in both: `data`, `acl`, `children`. */
  readonly what: readonly string[];
}

/** A tree in so far as changes show in it. */
export type TreeImage = ReadonlyMap<string, ZnodeImage>;

/** The numbers of a stat that every change moves, and what two servers must have alike where they agree. */
export interface ZnodeImage {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly aversion: number;
  readonly cversion: number;
  /** Borrowed from the tree, which does not write to it. */
  readonly data: Uint8Array | null;
  readonly acl: readonly ACL[];
}

/** Keeps what is needed to compare later, when the tree has changed. */
export function imageOf(tree: DataTree): TreeImage {
  const image = new Map<string, ZnodeImage>();
  for (const path of tree.paths()) {
    const znode = tree.getNode(path);
    if (znode === undefined) continue;
    const { czxid, mzxid, aversion, cversion } = znode.stat;
    const { data, acl } = znode;
    image.set(path, { czxid, mzxid, aversion, cversion, data, acl });
  }
  return image;
}

/** The changes from one to the other, by path. */
export function changesBetween(before: TreeImage, after: TreeImage): TreeChange[] {
  const changes: TreeChange[] = [];
  for (const [path, old] of before) {
    const now = after.get(path);
    if (now === undefined) {
      changes.push({ path, kind: "deleted", what: [] });
    } else if (now.czxid !== old.czxid) {
      changes.push({ path, kind: "recreated", what: [] });
    } else {
      const what = [
        ...(now.mzxid !== old.mzxid || !haveSameData(now, old) ? ["data"] : []),
        ...(now.aversion !== old.aversion || !haveSameAcl(now, old) ? ["acl"] : []),
        ...(now.cversion !== old.cversion ? ["children"] : []),
      ];
      if (what.length > 0) changes.push({ path, kind: "changed", what });
    }
  }
  for (const path of after.keys()) {
    if (!before.has(path)) changes.push({ path, kind: "created", what: [] });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function haveSameData({ data: a }: ZnodeImage, { data: b }: ZnodeImage): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function haveSameAcl({ acl: a }: ZnodeImage, { acl: b }: ZnodeImage): boolean {
  return a.length === b.length && a.every((entry, at) => entry.equals(b[at]));
}
