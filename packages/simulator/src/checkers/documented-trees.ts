/**
 * DocumentedTrees: the tree of every server is what the documentation makes of
 * the committed requests: what a txn touches, whenever a server applies it; and
 * everything, to the last znode, session, digest and figure, and what is due to be removed,
 * when a server has read its disk, when it begins to serve, however it was brought up to
 * date, and in the end.
 */
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { DataTree } from "@jute-ts/data-tree";
import type { Effect } from "@jute-ts/quorum";
import type { GhostHistory } from "../model/ghost-history.js";
import {
  differenceAt,
  differenceOfLoggedDigest,
  differenceOfSession,
  differenceOfTrees,
} from "../model/whole-tree.js";
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
    const model = this.#requests.tree;
    const change = model.changeOf(changed);
    if (change === undefined) return;
    for (const path of [...change.znodes.keys(), ...model.countPaths])
      judge(sid, zxid, differenceAt(model, tree, path, zxid));
    for (const sessionId of change.sessions.keys())
      judge(sid, zxid, differenceOfSession(model, tree, sessionId, zxid));
    judge(sid, zxid, differenceOfLoggedDigest(model, tree, changed));
  }

  #judgeAll(sid: Sid, tree: DataTree, zxid: Zxid): void {
    judge(sid, zxid, differenceOfTrees(this.#requests.tree, tree, zxid, this.#neverUsedMs));
  }
}

/** After these a server has a tree that it did not make txn by txn. */
function isWhole(effect: Effect): boolean {
  if (effect.kind !== "report") return false;
  return effect.report.kind === "recovered" || effect.report.kind === "serving";
}

/** Throws for a tree with which something is wrong. */
function judge(sid: Sid, zxid: Zxid, difference: string | undefined): void {
  if (difference === undefined) return;
  throw new InvariantViolation(
    "DocumentedTrees",
    `the tree of ${sid} at ${formatZxid(zxid)} is not what the committed requests make: ${difference}`,
  );
}
