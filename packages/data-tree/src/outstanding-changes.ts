/**
 * What a leader has prepared and not applied yet: the znodes as they will be.
 * Later requests are judged by these, so that a pipeline of requests gives what
 * the same requests give one by one.
 *
 * The digest of the coming tree is kept along with them. It is the tree's own
 * digest with the differences of all outstanding changes added, and the tree's own
 * whenever nothing is outstanding.
 */
import { StatPersisted } from "@jute-ts/zookeeper";
import type { AclList } from "./acl-cache.js";
import { contentCrc, shareOf } from "./tree-digest.js";
import type { OutstandingUpkeep } from "./upkeep.js";
import { treePath } from "./znode-path.js";
import type { ZnodeTree } from "./znode-tree.js";

/** A znode as the prepared txns leave it. Never changed: another change makes another one. */
export interface ComingZnode {
  readonly dataLength: number;
  readonly stat: StatPersisted;
  readonly acl: AclList;
  readonly childCount: number;
  /** See `contentCrc`, of this path and these data. */
  readonly contentCrc: number;
}

/** A point to return to while a request is being prepared. */
export interface Mark {
  readonly changeCount: number;
  readonly digest: bigint;
}

export class OutstandingChanges {
  readonly #tree: ZnodeTree;
  /** In the order of their zxids; those before `#applied` are not outstanding any more. */
  #changes: Change[] = [];
  #applied = 0;
  readonly #latest = new Map<string, Change>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  #digest = 0n;

  constructor(tree: ZnodeTree) {
    this.#tree = tree;
  }

  /** The znode as it will be; undefined if there will be none. */
  get(path: string): ComingZnode | undefined {
    const key = treePath(path);
    const change = this.#latest.get(key);
    if (change !== undefined) return change.znode;
    const znode = this.#tree.get(key);
    if (znode === undefined) return undefined;
    const { znodes, acls } = this.#tree;
    return {
      dataLength: znodes.dataLength(znode),
      stat: znodes.stat(znode),
      acl: acls.list(znodes.acl(znode)),
      childCount: znodes.childCount(znode),
      contentCrc: znodes.contentCrc(znode),
    };
  }

  /** Records what a txn will leave at a path: a znode, or nothing. */
  put(zxid: bigint, path: string, znode: ComingZnode | undefined): void {
    const key = treePath(path);
    const before = this.#latest.get(key);
    const oldShare = before?.share ?? this.shareNow(key);
    const share = znode === undefined ? 0 : shareOf(key, znode.contentCrc, znode.stat);
    this.#digest = this.digest + BigInt(share - oldShare);
    const change: Change = { zxid, path: key, znode, share, before };
    this.#changes.push(change);
    this.#latest.set(key, change);
    if (znode !== undefined) this.noteOwner(key, znode.stat.ephemeralOwner);
  }

  /** The digest of the tree after all that is outstanding. */
  get digest(): bigint {
    return this.isEmpty ? this.#tree.digest : BigInt.asIntN(64, this.#digest);
  }

  /** How many znodes there will be at the most: no change adds more than one. */
  get mostZnodes(): number {
    return this.#tree.size + this.#changes.length - this.#applied;
  }

  /** See `Upkeep`. */
  get upkeep(): Omit<OutstandingUpkeep, "sessions"> {
    let ephemerals = 0;
    // A session that has none counts, too: nobody needs to remember it.
    for (const { size } of this.#ephemerals.values()) ephemerals += Math.max(1, size);
    const changes = this.#changes.length - this.#applied;
    return { changes, paths: this.#latest.size, ephemerals };
  }

  /** The paths of the ephemerals that a session will have. */
  ephemeralsOf(sessionId: bigint): string[] {
    const paths = new Set(this.#tree.owned.ephemeralsOf(sessionId));
    for (const path of this.#ephemerals.get(sessionId) ?? []) paths.add(path);
    return [...paths].filter((path) => this.get(path)?.stat.ephemeralOwner === sessionId);
  }

  mark(): Mark {
    return { changeCount: this.#changes.length, digest: this.#digest };
  }

  /** Takes back everything that was recorded since the mark, as if it had never been. */
  rollBack({ changeCount, digest }: Mark): void {
    for (const change of this.#changes.splice(changeCount).reverse()) {
      if (change.before === undefined) {
        this.#latest.delete(change.path);
      } else {
        this.#latest.set(change.path, change.before);
      }
      this.forgetOwner(change);
    }
    this.#digest = digest;
  }

  /** Releases what the tree itself holds now: the changes of all txns up to this one. */
  applied(zxid: bigint): void {
    for (;;) {
      const change = this.#changes[this.#applied];
      if (change === undefined || change.zxid > zxid) break;
      this.#applied++;
      if (this.#latest.get(change.path) === change) this.#latest.delete(change.path);
      // The tree speaks for it from now on, and the chain of earlier changes ends here.
      change.before = undefined;
      this.forgetOwner(change);
    }
    if (this.#applied * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#applied);
      this.#applied = 0;
    }
  }

  clear(): void {
    this.#changes = [];
    this.#applied = 0;
    this.#latest.clear();
    this.#ephemerals.clear();
  }

  private shareNow(key: string): number {
    const znode = this.#tree.get(key);
    return znode === undefined ? 0 : this.#tree.znodes.digest(znode);
  }

  private get isEmpty(): boolean {
    return this.#applied === this.#changes.length;
  }

  private noteOwner(path: string, ephemeralOwner: bigint): void {
    if (ephemeralOwner === 0n) return;
    const paths = this.#ephemerals.get(ephemeralOwner);
    if (paths === undefined) {
      this.#ephemerals.set(ephemeralOwner, new Set([path]));
    } else {
      paths.add(path);
    }
  }

  /** A later change of the same znode notes the owner by itself, so it is forgotten with the last one only. */
  private forgetOwner({ path, znode }: Change): void {
    const owner = znode?.stat.ephemeralOwner ?? 0n;
    if (owner === 0n || this.#latest.get(path)?.znode?.stat.ephemeralOwner === owner) return;
    const paths = this.#ephemerals.get(owner);
    paths?.delete(path);
    if (paths?.size === 0) this.#ephemerals.delete(owner);
  }
}

interface Change {
  readonly zxid: bigint;
  readonly path: string;
  readonly znode: ComingZnode | undefined;
  /** What the znode adds to the digest. */
  readonly share: number;
  /** The outstanding change of the same path that this one follows. */
  before: Change | undefined;
}

/** A copy of a stat. */
export function copyOf(stat: StatPersisted): StatPersisted {
  const copy = new StatPersisted();
  copy.czxid = stat.czxid;
  copy.mzxid = stat.mzxid;
  copy.ctime = stat.ctime;
  copy.mtime = stat.mtime;
  copy.version = stat.version;
  copy.cversion = stat.cversion;
  copy.aversion = stat.aversion;
  copy.ephemeralOwner = stat.ephemeralOwner;
  copy.pzxid = stat.pzxid;
  return copy;
}

/** What data and path of a coming znode add to its digest. */
export function comingCrc(path: string, data: Uint8Array | null): number {
  return contentCrc(treePath(path), data);
}
