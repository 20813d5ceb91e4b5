/**
 * DocumentedTrees: the tree of every server is what the documentation makes of
 * the committed requests: what a txn touches, whenever a server applies it; and
 * everything, to the last znode, session and digest, when a server has read its
 * disk, when it begins to serve, however it was brought up to date, and in the
 * end.
 */
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { DataTree } from "@jute-ts/data-tree";
import type { Effect } from "@jute-ts/quorum";
import type { GhostHistory } from "../model/ghost-history.js";
import { differenceOfZnodes } from "../model/tree-comparison.js";
import type { CommittedRequests } from "./committed-requests.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class DocumentedTrees implements Checker {
  readonly name = "documented-trees";
  readonly watches = ["applied", "reported"] as const;
  readonly #requests: CommittedRequests;
  readonly #history: GhostHistory;
  readonly #firstZxid: Zxid;

  /** `firstZxid`: what every disk held before the run, when the tree was still empty. */
  constructor(requests: CommittedRequests, history: GhostHistory, firstZxid: Zxid) {
    this.#requests = requests;
    this.#history = history;
    this.#firstZxid = firstZxid;
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
    for (const sessionId of change.sessions.keys()) this.#judgeSession(sid, tree, sessionId, zxid);
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
    const children = new Map<string, string[]>();
    for (const [path] of model.znodesAt(zxid)) {
      count += 1;
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

const CONFIGURATION = "/zookeeper/config";
