/**
 * Quotas: what a subtree should not exceed, and how much it has.
 *
 * A client that limits /a creates /zookeeper/quota/a/zookeeper_limits, and
 * /zookeeper/quota/a/zookeeper_stats for the servers to count in. Each server
 * counts by itself, without txns, so these znodes are in no digest and their
 * stats do not change. Limits are advice, unless a leader enforces the hard ones
 * (`enforceQuota`).
 */
import { LIMITS, STATS, textOf } from "./quota-rules.js";
import { QuotaStats } from "./quota-stats.js";
import type { Znode, ZnodeTable } from "./znode-table.js";
import { QUOTA, splitPath } from "./znode-path.js";

/** What quotas need of the tree. */
export interface CountedTree {
  readonly znodes: ZnodeTable;
  get(path: string): Znode | undefined;
  /** Replaces data without a trace in stat and digest. */
  replaceData(znode: Znode, data: Uint8Array): void;
}

/** "unreadable": what a client has written into the znodes of the quota is no quota. */
export type QuotaVerdict = "within" | "exceeded" | "unreadable";

export class Quotas {
  readonly #tree: CountedTree;
  readonly #limited = new Set<string>();

  constructor(tree: CountedTree) {
    this.#tree = tree;
  }

  /** A znode was created: a limit, a place to count in, or one to count. */
  created(path: string, bytes: number): void {
    const quota = quotaNode(path);
    if (quota?.name === LIMITS && quota.subject !== "") this.#limited.add(quota.subject);
    if (quota?.name === STATS) this.recount(quota.subject);
    this.count(path, 1, bytes);
  }

  /** A znode was deleted. */
  deleted(path: string, bytes: number): void {
    const quota = quotaNode(path);
    if (quota?.name === LIMITS) this.#limited.delete(quota.subject);
    this.count(path, -1, -bytes);
  }

  /** A znode's data became so much longer. */
  grown(path: string, bytes: number): void {
    this.count(path, 0, bytes);
  }

  /** Finds the limits of a tree that was loaded, and counts again: what a snapshot says may be older than its znodes. */
  load(): void {
    this.#limited.clear();
    const { znodes } = this.#tree;
    for (const znode of this.withDescendants(QUOTA)) {
      const quota = quotaNode(znodes.path(znode));
      if (quota?.name === LIMITS && quota.subject !== "" && znodes.childCount(znode) === 0) {
        this.recount(quota.subject);
        this.#limited.add(quota.subject);
      }
    }
  }

  clear(): void {
    this.#limited.clear();
  }

  /**
   * What a change at a path would do to the hard limits that hold for it, by what
   * has been counted so far: changes that are on their way are not, as in Java.
   */
  judge(path: string, znodes: number, bytes: number): QuotaVerdict {
    const subject = this.deepestQuota(path);
    if (subject === undefined) return "within";
    const limits = this.statsAt(limitsPath(subject));
    const counted = this.statsAt(statsPath(subject));
    if (limits === "missing" || counted === "missing") return "within";
    if (limits === undefined || counted === undefined) return "unreadable";
    return counted.exceeds(limits, znodes, bytes) ? "exceeded" : "within";
  }

  private statsAt(path: string): QuotaStats | "missing" | undefined {
    const znode = this.#tree.get(path);
    if (znode === undefined) return "missing";
    const data = this.#tree.znodes.data(znode);
    return data === null ? undefined : QuotaStats.parse(textOf(data));
  }

  /** Quotas do not add up: only the deepest that holds a path counts it. */
  private count(path: string, znodes: number, bytes: number): void {
    const subject = this.deepestQuota(path);
    const statsNode = subject === undefined ? undefined : this.#tree.get(statsPath(subject));
    if (statsNode === undefined) return;
    // What a client has written there instead of statistics is left alone.
    const stats = QuotaStats.parse(textOf(this.#tree.znodes.data(statsNode)));
    if (stats === undefined) return;
    stats.add(znodes, bytes);
    this.#tree.replaceData(statsNode, bytesOf(stats.toString()));
  }

  private deepestQuota(path: string): string | undefined {
    if (this.#limited.size === 0) return undefined;
    for (let at = path; ;) {
      if (this.#limited.has(at)) return at;
      const split = splitPath(at);
      if (split === undefined) return undefined;
      at = split.parent;
    }
  }

  private recount(subject: string): void {
    const statsNode = this.#tree.get(statsPath(subject));
    if (statsNode === undefined) return;
    let count = 0;
    let bytes = 0;
    for (const znode of this.withDescendants(subject)) {
      count++;
      bytes += this.#tree.znodes.dataLength(znode);
    }
    this.#tree.replaceData(statsNode, bytesOf(QuotaStats.of(count, bytes).toString()));
  }

  private *withDescendants(path: string): Generator<Znode, void, undefined> {
    const top = this.#tree.get(path);
    if (top !== undefined) yield* this.#tree.znodes.withDescendants(top);
  }
}

/** Name and subject of a znode that belongs to a quota. */
function quotaNode(path: string): { name: string; subject: string } | undefined {
  if (!path.startsWith(QUOTA_SUBTREE)) return undefined;
  const split = splitPath(path);
  return split && { name: split.name, subject: split.parent.slice(QUOTA.length) };
}

function limitsPath(subject: string): string {
  return `${QUOTA}${subject}/${LIMITS}`;
}

function statsPath(subject: string): string {
  return `${QUOTA}${subject}/${STATS}`;
}

/** The inverse of `textOf`. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const QUOTA_SUBTREE = `${QUOTA}/`;
