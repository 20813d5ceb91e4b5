/** Compares the content of a snapshot with the model of the tree. */
import type { Snapshot, SnapshotNode } from "@jute-ts/persistence";
import { type ACL, OPEN_ACL_UNSAFE, type StatPersisted, type Zxid } from "@jute-ts/zookeeper";
import { aclModelOf, equalAcls, isSameData, shownAcl } from "./tree-comparison.js";
import type { TreeModel } from "./tree-model.js";
import { ownerNumber, type ZnodeModel } from "./znode-model.js";

type SnapshotOfTree = Pick<Snapshot, "sessions" | "acls" | "nodes">;

/**
 * What is wrong with a snapshot of the tree as it was after a txn; undefined when nothing is.
 * `mayRepeat`: whether a list may be in it twice, as in what a server of old has left.
 */
export function differenceOfSnapshots(
  tree: TreeModel,
  snapshot: SnapshotOfTree,
  zxid: Zxid,
  mayRepeat = false,
): string | undefined {
  return (
    differenceOfNodes(tree, snapshot, zxid, mayRepeat) ?? differenceOfSessions(tree, snapshot, zxid)
  );
}

function differenceOfNodes(
  tree: TreeModel,
  { nodes, acls }: SnapshotOfTree,
  zxid: Zxid,
  mayRepeat: boolean,
): string | undefined {
  const used = new Set<bigint>();
  for (const node of nodes) {
    const path = node.path === "" ? "/" : node.path;
    const expected = tree.znode(path, zxid);
    if (expected === undefined) return `${path} is there, and should not`;
    used.add(node.aclId);
    const difference =
      differenceOfLists(expected, node.aclId === OPEN_ID ? OPEN : acls.get(node.aclId)) ??
      // Each server shows its own configuration, which no request makes.
      (path === CONFIGURATION ? undefined : differenceOf(expected, node));
    if (difference !== undefined) return `${path} ${difference}`;
  }
  const count = [...tree.znodesAt(zxid)].length;
  if (nodes.length !== count) return `it has ${nodes.length} znodes, and should have ${count}`;
  return differenceOfTable(acls, used, mayRepeat);
}

function differenceOfSessions(
  tree: TreeModel,
  { sessions }: SnapshotOfTree,
  zxid: Zxid,
): string | undefined {
  let count = 0;
  for (const [id, timeoutMs] of tree.sessionsAt(zxid)) {
    count += 1;
    if (sessions.get(id) !== timeoutMs) return `session ${id} should last ${timeoutMs} ms`;
  }
  if (sessions.size === count) return undefined;
  return `it has ${sessions.size} sessions, and should have ${count}`;
}

function differenceOfLists(
  { acl: expected }: ZnodeModel,
  actual: readonly ACL[] | undefined,
): string | undefined {
  if (actual === undefined) return "has an access control list that is not there";
  return equalAcls(expected, actual)
    ? undefined
    : `has the access control list ${shownAcl(actual.map(aclModelOf))}, and should have ${shownAcl(expected)}`;
}

function differenceOf(expected: ZnodeModel, { data, stat }: SnapshotNode): string | undefined {
  if (!isSameData(expected.data, data)) return "has other data";
  // On disk cversion counts what was created; what is deleted counts when a stat is shown.
  const { creates: cversion, owner } = expected;
  const right = { ...expected, cversion, ephemeralOwner: ownerNumber(owner) };
  const field = STAT_FIELDS.find((each) => stat[each] !== right[each]);
  return field && `has ${stat[field]} for ${field}, and should have ${right[field]}`;
}

/** The lists that a snapshot says that it has: each once, and no more than its znodes have. */
function differenceOfTable(
  acls: ReadonlyMap<bigint, readonly ACL[]>,
  used: ReadonlySet<bigint>,
  mayRepeat: boolean,
): string | undefined {
  const texts = new Set<string>();
  for (const [id, acl] of acls) {
    const text = shownAcl(acl.map(aclModelOf));
    if (!used.has(id)) return `no znode has its list ${id}, ${text}`;
    if (texts.has(text) && !mayRepeat) return `it has the list ${text} twice`;
    texts.add(text);
  }
  return undefined;
}

const STAT_FIELDS = [
  "czxid",
  "mzxid",
  "pzxid",
  "ctime",
  "mtime",
  "version",
  "cversion",
  "aversion",
  "ephemeralOwner",
] as const satisfies readonly (keyof StatPersisted)[];

/** Stands for a list that is in no table: everybody may do everything. */
const OPEN_ID = -1n;
const OPEN: readonly ACL[] = OPEN_ACL_UNSAFE;
const CONFIGURATION = "/zookeeper/config";
