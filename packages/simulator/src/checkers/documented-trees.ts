/**
 * DocumentedTrees: the tree of every server is what the documentation makes of
 * the committed requests: what a txn touches, whenever a server applies it; and
 * everything, to the last znode, session, digest and figure, and what is due to be removed,
 * when a server has read its disk, when it begins to serve, however it was brought up to
 * date, and in the end.
 */
import { counterOf, DeleteTxn, formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { DataTree } from "@jute-ts/data-tree";
import type { Effect } from "@jute-ts/quorum";
import { dueAfterMs } from "../model/due-znodes.js";
import type { GhostHistory } from "../model/ghost-history.js";
import { differenceOfZnodes } from "../model/tree-comparison.js";
import type { CommittedRequests } from "./committed-requests.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export interface TreeSettings {
  /** What every disk held before the run, when the tree was still empty. */
  readonly firstZxid: Zxid;
  /** How long a container may wait for its first child, in milliseconds; 0 is without limit. */
  readonly neverUsedMs: number;
}

export class DocumentedTrees implements Checker {
  readonly name = "documented-trees";
  readonly watches = ["applied", "reported"] as const;
  readonly #requests: CommittedRequests;
  readonly #history: GhostHistory;
  readonly #firstZxid: Zxid;
  readonly #neverUsedMs: number;

  constructor(
    requests: CommittedRequests,
    history: GhostHistory,
    { firstZxid, neverUsedMs }: TreeSettings,
  ) {
    this.#requests = requests;
    this.#history = history;
    this.#firstZxid = firstZxid;
    this.#neverUsedMs = neverUsedMs;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step" || this.#requests.isLost) return;
    const { sid, effects, after } = observation;
    const tree = world.peers.get(sid)?.tree;
    // A snapshot that is being taken in has no zxid yet.
    if (tree?.lastProcessedZxid !== after.lastProcessedZxid) return;
    const zxid = this.#history.lastTxn(after.lastProcessedZxid);
    if (!this.#isKnown(zxid)) return;
    for (const effect of effects)
      if (effect.kind === "applied") this.#judgeTouched(sid, tree, effect.txn.zxid, zxid);
    if (effects.some(isWhole)) this.#judgeAll(sid, tree, zxid);
  }

  atEnd(world: WorldView): void {
    if (this.#requests.isLost) return;
    for (const { sid, tree } of world.peers.values()) {
      if (tree === undefined) continue;
      const zxid = this.#history.lastTxn(tree.lastProcessedZxid);
      if (this.#isKnown(zxid)) this.#judgeAll(sid, tree, zxid);
    }
  }

  /** Whether what the history holds up to here is committed. */
  #isKnown(zxid: Zxid): boolean {
    return zxid <= this.#firstZxid || this.#requests.outcomeOf(zxid) !== undefined;
  }

  #judgeTouched(sid: Sid, tree: DataTree, changed: Zxid, zxid: Zxid): void {
    const change = this.#requests.tree.changeOf(changed);
    if (change === undefined) return;
    for (const path of change.znodes.keys()) this.#judgeZnode(sid, tree, path, zxid);
    for (const path of this.#requests.tree.countPaths) this.#judgeZnode(sid, tree, path, zxid);
    for (const sessionId of change.sessions.keys()) this.#judgeSession(sid, tree, sessionId, zxid);
    if (counterOf(changed) % LOGGED_EVERY !== 0) return;
    const digest = this.#requests.tree.digestAt(changed);
    const logged = tree.digests.find((entry) => entry.zxid === changed)?.digest;
    if (logged !== digest)
      throw wrong(
        sid,
        zxid,
        `it shows the digest ${logged ?? "none"} of ${formatZxid(changed)}, and should show ${digest}`,
      );
  }

  #judgeZnode(sid: Sid, tree: DataTree, path: string, zxid: Zxid): void {
    const difference = differenceOfZnodes(
      this.#requests.tree.znode(path, zxid),
      tree.getNode(path),
    );
    if (difference !== undefined) throw wrong(sid, zxid, `${path} ${difference}`);
  }

  #judgeSession(sid: Sid, tree: DataTree, sessionId: bigint, zxid: Zxid): void {
    const expected = this.#requests.tree.session(sessionId, zxid);
    const actual = tree.sessions.get(sessionId);
    if (actual === expected) return;
    const text = `session ${sessionId} has the timeout ${actual ?? "none"}, and should have ${expected ?? "none"}`;
    throw wrong(sid, zxid, text);
  }

  #judgeAll(sid: Sid, tree: DataTree, zxid: Zxid): void {
    const model = this.#requests.tree;
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
      if (path !== CONFIGURATION) this.#judgeZnode(sid, tree, path, zxid);
      if (path === "/") continue;
      const slash = path.lastIndexOf("/");
      const parent = slash === 0 ? "/" : path.slice(0, slash);
      const names = children.get(parent);
      if (names === undefined) children.set(parent, [path.slice(slash + 1)]);
      else names.push(path.slice(slash + 1));
    }
    if (tree.nodeCount !== count)
      throw wrong(sid, zxid, `it has ${tree.nodeCount} znodes, and should have ${count}`);
    if (tree.approximateDataSize !== bytes)
      throw wrong(sid, zxid, `it has ${tree.approximateDataSize} bytes, and should have ${bytes}`);
    const shown = [...tree.ephemerals()].flatMap(([sessionId, paths]) =>
      // A session without ephemerals is none of these.
      paths.length === 0 ? [`${sessionId}`] : paths.map((path) => `${sessionId} ${path}`),
    );
    const isSame = shown.sort().join() === ephemerals.sort().join();
    if (!isSame || tree.ephemeralCount !== ephemerals.length)
      throw wrong(
        sid,
        zxid,
        `it shows ${shown.length} ephemerals, and should ${ephemerals.length}`,
      );
    for (const [path, names] of children)
      if (names.sort().join() !== (tree.getChildren(path) ?? []).sort().join())
        throw wrong(sid, zxid, `${path} lists other children`);
    let sessions = 0;
    for (const [sessionId] of model.sessionsAt(zxid)) {
      sessions += 1;
      this.#judgeSession(sid, tree, sessionId, zxid);
    }
    if (tree.sessions.size !== sessions)
      throw wrong(sid, zxid, `it has ${tree.sessions.size} sessions, and should have ${sessions}`);
    const digest = model.digestAt(zxid);
    if (tree.digest() !== digest)
      throw wrong(sid, zxid, `its digest is ${tree.digest()}, and should be ${digest}`);
    if (tree.digests.some((entry) => counterOf(entry.zxid) % LOGGED_EVERY !== 0))
      throw wrong(sid, zxid, "it shows digests of other txns than servers compare");
    this.#judgeDue(sid, tree, zxid);
  }

  /** Asked for the moments at which something comes to be due, and those right before. */
  #judgeDue(sid: Sid, tree: DataTree, zxid: Zxid): void {
    const ends = new Map<string, bigint>();
    for (const [path, znode] of this.#requests.tree.znodesAt(zxid)) {
      const end = dueAfterMs(znode, this.#neverUsedMs);
      if (end !== undefined) ends.set(path, end);
    }
    const coming = [...ends.values()].filter((end) => end >= 0n).slice(0, MOST_ENDS);
    const moments = coming.flatMap((end) => [end, end + 1n]);
    for (const nowMs of [0n, ...moments]) {
      const expected = [...ends].filter(([, end]) => nowMs > end).map(([path]) => path);
      const due = tree.overdue(nowMs).map(({ body }) => DeleteTxn.decode(body).path);
      if (due.sort().join() === expected.sort().join()) continue;
      const text = `at ${nowMs} ms ${due.join() || "nothing"} is due, and ${expected.join() || "nothing"} should be`;
      throw wrong(sid, zxid, text);
    }
  }
}

/** After these a server has a tree that it did not make txn by txn. */
function isWhole(effect: Effect): boolean {
  if (effect.kind !== "report") return false;
  return effect.report.kind === "recovered" || effect.report.kind === "serving";
}

function wrong(sid: Sid, zxid: Zxid, text: string): InvariantViolation {
  return new InvariantViolation(
    "DocumentedTrees",
    `the tree of ${sid} at ${formatZxid(zxid)} is not what the committed requests make: ${text}`,
  );
}

/** Of so many txns the digest of one is kept, for servers to be compared by. */
const LOGGED_EVERY = 128;
/** To ask for all moments would take too long where many znodes end. */
const MOST_ENDS = 4;

const CONFIGURATION = "/zookeeper/config";
