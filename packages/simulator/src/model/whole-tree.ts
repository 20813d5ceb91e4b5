/** Compares all that a server shows of its tree with the model of it, to the last znode, session, digest and figure. */
import { counterOf, DeleteTxn, type Zxid } from "@jute-ts/zookeeper";
import type { DataTree } from "@jute-ts/data-tree";
import { dueAfterMs } from "./due-znodes.js";
import { differenceOfZnodes } from "./tree-comparison.js";
import type { TreeModel } from "./tree-model.js";
import { parentOf } from "./znode-model.js";

/** What is wrong with a tree to which everything up to a txn was applied; undefined when nothing is. `neverUsedMs`: how long a container may wait for its first child; 0 is without limit. */
export function differenceOfTrees(
  model: TreeModel,
  tree: DataTree,
  zxid: Zxid,
  neverUsedMs: number,
): string | undefined {
  return (
    differenceOfAllZnodes(model, tree, zxid) ??
    differenceOfSessions(model, tree, zxid) ??
    differenceOfDigests(model, tree, zxid) ??
    differenceOfDue(model, tree, zxid, neverUsedMs)
  );
}

/** What is wrong with one znode. */
export function differenceAt(
  model: TreeModel,
  tree: DataTree,
  path: string,
  zxid: Zxid,
): string | undefined {
  const difference = differenceOfZnodes(model.znode(path, zxid), tree.getNode(path));
  return difference && `${path} ${difference}`;
}

/** What is wrong with one session. */
export function differenceOfSession(
  model: TreeModel,
  tree: DataTree,
  sessionId: bigint,
  zxid: Zxid,
): string | undefined {
  const expected = model.session(sessionId, zxid);
  const actual = tree.sessions.get(sessionId);
  if (actual === expected) return undefined;
  return `session ${sessionId} has the timeout ${actual ?? "none"}, and should have ${expected ?? "none"}`;
}

/** What is wrong with the digest that a server has kept for others to compare, where it is one of those. */
export function differenceOfLoggedDigest(
  model: TreeModel,
  tree: DataTree,
  zxid: Zxid,
): string | undefined {
  if (counterOf(zxid) % LOGGED_EVERY !== 0) return undefined;
  const digest = model.digestAt(zxid);
  const logged = tree.digests.find((entry) => entry.zxid === zxid)?.digest;
  if (logged === digest) return undefined;
  return `it shows the digest ${logged ?? "none"} of its txn ${counterOf(zxid)}, and should show ${digest}`;
}

function differenceOfAllZnodes(model: TreeModel, tree: DataTree, zxid: Zxid): string | undefined {
  let count = 0;
  let bytes = 0;
  const children = new Map<string, string[]>();
  const ephemerals: string[] = [];
  for (const [path, { data, owner }] of model.znodesAt(zxid)) {
    count += 1;
    const isOwn = path === CONFIGURATION;
    bytes += (isOwn ? tree.getNode(path)?.data : data)?.length ?? 0;
    // The root's own path is empty.
    if (path !== "/") bytes += path.length;
    if (owner.kind === "session") ephemerals.push(`${owner.sessionId} ${path}`);
    // Each server shows its own configuration, which no request makes.
    const difference = isOwn ? undefined : differenceAt(model, tree, path, zxid);
    if (difference !== undefined) return difference;
    if (path === "/") continue;
    const parent = parentOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const names = children.get(parent);
    if (names === undefined) children.set(parent, [name]);
    else names.push(name);
  }
  if (tree.nodeCount !== count) return `it has ${tree.nodeCount} znodes, and should have ${count}`;
  if (tree.approximateDataSize !== bytes)
    return `it has ${tree.approximateDataSize} bytes, and should have ${bytes}`;
  const shown = [...tree.ephemerals()].flatMap(([sessionId, paths]) =>
    // A session without ephemerals is none of these.
    paths.length === 0 ? [`${sessionId}`] : paths.map((path) => `${sessionId} ${path}`),
  );
  const isSame = shown.sort().join() === ephemerals.sort().join();
  if (!isSame || tree.ephemeralCount !== ephemerals.length)
    return `it shows ${shown.length} ephemerals, and should ${ephemerals.length}`;
  for (const [path, names] of children)
    if (names.sort().join() !== (tree.getChildren(path) ?? []).sort().join())
      return `${path} lists other children`;
  return undefined;
}

function differenceOfSessions(model: TreeModel, tree: DataTree, zxid: Zxid): string | undefined {
  let sessions = 0;
  for (const [sessionId] of model.sessionsAt(zxid)) {
    sessions += 1;
    const difference = differenceOfSession(model, tree, sessionId, zxid);
    if (difference !== undefined) return difference;
  }
  if (tree.sessions.size === sessions) return undefined;
  return `it has ${tree.sessions.size} sessions, and should have ${sessions}`;
}

function differenceOfDigests(model: TreeModel, tree: DataTree, zxid: Zxid): string | undefined {
  const digest = model.digestAt(zxid);
  if (tree.digest() !== digest) return `its digest is ${tree.digest()}, and should be ${digest}`;
  if (tree.digests.some((entry) => counterOf(entry.zxid) % LOGGED_EVERY !== 0))
    return "it shows digests of other txns than servers compare";
  return undefined;
}

/** Asked for the moments at which something comes to be due, and those right before. */
function differenceOfDue(
  model: TreeModel,
  tree: DataTree,
  zxid: Zxid,
  neverUsedMs: number,
): string | undefined {
  const ends = new Map<string, bigint>();
  for (const [path, znode] of model.znodesAt(zxid)) {
    const end = dueAfterMs(znode, neverUsedMs);
    if (end !== undefined) ends.set(path, end);
  }
  const coming = [...ends.values()].filter((end) => end >= 0n).slice(0, MOST_ENDS);
  const moments = coming.flatMap((end) => [end, end + 1n]);
  for (const nowMs of [0n, ...moments]) {
    const expected = [...ends].filter(([, end]) => nowMs > end).map(([path]) => path);
    const due = tree.overdue(nowMs).map(({ body }) => DeleteTxn.decode(body).path);
    if (due.sort().join() === expected.sort().join()) continue;
    return `at ${nowMs} ms ${due.join() || "nothing"} is due, and ${expected.join() || "nothing"} should be`;
  }
  return undefined;
}

/** Of so many txns the digest of one is kept, for servers to be compared by. */
const LOGGED_EVERY = 128;
/** To ask for all moments would take too long where many znodes end. */
const MOST_ENDS = 4;

const CONFIGURATION = "/zookeeper/config";
