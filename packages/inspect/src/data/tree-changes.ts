/** What differs between two trees, path by path. */
import type { DataTree } from "@jute-ts/data-tree";

/** How a znode differs. `recreated`: it was deleted in between, and another has its path. */
export interface TreeChange {
  readonly path: string;
  readonly kind: "created" | "deleted" | "changed" | "recreated";
  /** What is different in a znode that is in both: `data`, `acl`, `children`. */
  readonly what: readonly string[];
}

/** A tree in so far as changes show in it. */
export type TreeImage = ReadonlyMap<string, ZnodeImage>;

/** The numbers of a stat that every change moves. */
export interface ZnodeImage {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly aversion: number;
  readonly cversion: number;
}

/** Keeps what is needed to compare later, when the tree has changed. */
export function imageOf(tree: DataTree): TreeImage {
  const image = new Map<string, ZnodeImage>();
  for (const path of tree.paths()) {
    const stat = tree.getNode(path)?.stat;
    if (stat === undefined) continue;
    const { czxid, mzxid, aversion, cversion } = stat;
    image.set(path, { czxid, mzxid, aversion, cversion });
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
        ...(now.mzxid !== old.mzxid ? ["data"] : []),
        ...(now.aversion !== old.aversion ? ["acl"] : []),
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
