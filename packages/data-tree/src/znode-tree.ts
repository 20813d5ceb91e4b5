/**
 * The tree itself: znodes by path, and everything that follows from them and is
 * kept up to date with them, such as the digest, the access control lists in use
 * and the ephemerals of each session.
 *
 * It carries out changes and decides nothing about who may ask for them. Each
 * change may meet a tree that has it already, or has what came after it, because
 * snapshots of other servers are taken while they go on. Then it must lead to the
 * tree that the whole log leads to.
 */
import type { ZnodeChange } from "@jute-ts/quorum";
import { ErrorCode, type StatPersisted } from "@jute-ts/zookeeper";
import { AclCache, type AclList, OPEN_ACL_ID, READ_ACL } from "./acl-cache.js";
import { Quotas } from "./quotas.js";
import { OpenSnapshots, type SnapshotImage } from "./snapshot-image.js";
import { DigestSum, znodeDigest } from "./tree-digest.js";
import { newStat, Znode } from "./znode.js";
import { CONFIG, QUOTA, ROOT, splitPath, SYSTEM, treePath } from "./znode-path.js";
import { type ExtendedTypes, znodeOwner } from "./znode-owner.js";

/** What became of a change. */
export type ChangeOutcome =
  | {
      readonly kind: "done";
      readonly znode: Znode;
      /** What watches can see of it: nothing of a new access control list. */
      readonly change?: ZnodeChange;
    }
  | { readonly kind: "failed"; readonly err: ErrorCode };

/** A znode to be created. */
export interface NewZnode {
  readonly data: Uint8Array | null;
  readonly acl: AclList | null;
  readonly ephemeralOwner: bigint;
  /** What the parent has counted then; -1 is one more than it has now. */
  readonly parentCVersion: number;
  readonly zxid: bigint;
  readonly timeMs: bigint;
}

export class ZnodeTree {
  readonly extendedTypes: ExtendedTypes;
  readonly acls: AclCache = new AclCache();
  /** Of containers and of znodes with a time to live, for whoever deletes them. */
  readonly containers: Set<string> = new Set();
  readonly ttls: Set<string> = new Set();
  readonly #nodes = new Map<string, Znode>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  readonly #digest = new DigestSum();
  readonly #snapshots = new OpenSnapshots();
  readonly quotas: Quotas = new Quotas(this);
  #root: Znode;
  /** Of all paths and data. */
  #bytes = 0;

  constructor(extendedTypes: ExtendedTypes) {
    this.extendedTypes = extendedTypes;
    this.#root = this.plantSystem();
  }

  get(path: string): Znode | undefined {
    return this.#nodes.get(treePath(path));
  }

  get size(): number {
    return this.#nodes.size;
  }

  get digest(): bigint {
    return this.#digest.value;
  }

  /** How long all paths and data are together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sessions with the paths of their ephemerals. Borrowed: it changes with the tree. */
  get ephemerals(): ReadonlyMap<bigint, ReadonlySet<string>> {
    return this.#ephemerals;
  }

  /** The paths of a session's ephemerals. Borrowed: it changes with the tree. */
  ephemeralsOf(sessionId: bigint): ReadonlySet<string> {
    return this.#ephemerals.get(sessionId) ?? NO_PATHS;
  }

  /** All znodes, parents first. The tree must not change meanwhile. */
  *entries(): Generator<[path: string, znode: Znode], void, undefined> {
    const open: [path: string, znode: Znode][] = [[ROOT, this.#root]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      yield next;
      const [path, znode] = next;
      const children = Array.from(znode.children ?? []).reverse();
      for (const [name, child] of children) open.push([`${path}/${name}`, child]);
    }
  }

  create(path: string, change: NewZnode): ChangeOutcome {
    const split = splitPath(path);
    if (split === undefined) return failed(ErrorCode.BADARGUMENTS);
    const parent = this.#nodes.get(split.parent);
    if (parent === undefined) return failed(ErrorCode.NONODE);
    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      this.createAgain(existing, change);
      this.countCreate(split.parent, parent, change);
      return failed(ErrorCode.NODEEXISTS);
    }
    const { data, ephemeralOwner } = change;
    const aclId = this.acls.use(change.acl);
    const stat = newStat(change.zxid, change.timeMs, ephemeralOwner);
    const znode = new Znode(data, aclId, stat, this.#snapshots.begun);
    this.countCreate(split.parent, parent, change);
    this.attach(path, split.name, parent, znode);
    this.quotas.created(path, data?.length ?? 0);
    return { kind: "done", znode, change: this.seen("created", path, znode, parent) };
  }

  delete(path: string, zxid: bigint): ChangeOutcome {
    const split = splitPath(path);
    if (split === undefined) return failed(ErrorCode.BADARGUMENTS);
    const parent = this.#nodes.get(split.parent);
    if (parent === undefined) return failed(ErrorCode.NONODE);
    // Also for a znode that is gone already: the parent may be older than that.
    this.countDelete(split.parent, parent, zxid);
    const znode = this.#nodes.get(path);
    if (znode === undefined) return failed(ErrorCode.NONODE);
    // First, because the list may go with its last znode.
    const change = this.seen("deleted", path, znode, parent);
    this.#snapshots.beforeChange(parent);
    parent.children?.delete(split.name);
    this.removeSubtree(path, znode);
    return { kind: "done", znode, change };
  }

  setData(
    path: string,
    data: Uint8Array | null,
    version: number,
    zxid: bigint,
    timeMs: bigint,
  ): ChangeOutcome {
    const znode = this.get(path);
    if (znode === undefined) return failed(ErrorCode.NONODE);
    this.#snapshots.beforeChange(znode);
    const growth = (data?.length ?? 0) - (znode.data?.length ?? 0);
    znode.data = data;
    this.#bytes += growth;
    znode.stat.version = version;
    znode.stat.mzxid = zxid;
    znode.stat.mtime = timeMs;
    this.updateDigest(path, znode);
    this.quotas.grown(path, growth);
    const acl = this.acls.list(znode.aclId);
    return { kind: "done", znode, change: { kind: "dataChanged", path, acl } };
  }

  setAcl(path: string, acl: AclList | null, aversion: number): ChangeOutcome {
    const znode = this.get(path);
    if (znode === undefined) return failed(ErrorCode.NONODE);
    this.#snapshots.beforeChange(znode);
    // Released first, as in Java, so that a list with one user gets a new number even if it stays the same.
    this.acls.release(znode.aclId);
    znode.aclId = this.acls.use(acl);
    znode.stat.aversion = aversion;
    this.updateDigest(path, znode);
    return { kind: "done", znode };
  }

  /** Replaces data without a trace in stat and digest. Only for the quota statistics. */
  replaceData(znode: Znode, data: Uint8Array): void {
    this.#snapshots.beforeChange(znode);
    this.#bytes += data.length - (znode.data?.length ?? 0);
    znode.data = data;
  }

  /** Begins a snapshot of the tree as it is now. */
  beginSnapshot(): SnapshotImage {
    return this.#snapshots.begin(this.#root);
  }

  /** Makes the tree that every server starts with. */
  clear(): void {
    this.forget();
    this.#root = this.plantSystem();
  }

  /** Makes a tree without any znode, for `load` to fill. */
  clearForLoading(): void {
    this.forget();
  }

  /** Adds a znode of a snapshot, whose parent must be there and whose list must be in use. */
  load(path: string, data: Uint8Array | null, aclId: bigint, stat: StatPersisted): void {
    const znode = new Znode(data, aclId, stat, this.#snapshots.begun);
    const split = splitPath(path);
    const parent = split && this.#nodes.get(split.parent);
    if (parent === undefined) {
      this.#root = znode;
      this.register(path, znode);
    } else {
      this.attach(path, split?.name ?? "", parent, znode);
    }
  }

  /** Completes a tree whose znodes have all been loaded. */
  finishLoading(): void {
    this.acls.purgeUnused();
    // Before 3.5 there was no such znode; Java adds it at this point, too.
    if (this.get(SYSTEM) !== undefined && this.get(CONFIG) === undefined) this.plantConfig();
    this.quotas.load();
  }

  private seen(
    kind: "created" | "deleted",
    path: string,
    znode: Znode,
    parent: Znode,
  ): ZnodeChange {
    const acl = this.acls.list(znode.aclId);
    return { kind, path, acl, parentAcl: this.acls.list(parent.aclId) };
  }

  /** A replayed create meets a znode that was there already. Its list may be one that a snapshot missed. */
  private createAgain(existing: Znode, { acl }: NewZnode): void {
    this.#snapshots.beforeChange(existing);
    const aclId = this.acls.use(acl);
    this.acls.release(existing.aclId);
    existing.aclId = aclId;
  }

  /** Only upwards: a parent that is ahead of this txn has counted it. */
  private countCreate(parentPath: string, parent: Znode, change: NewZnode): void {
    const { parentCVersion, zxid } = change;
    const cversion = parentCVersion === -1 ? (parent.stat.cversion + 1) | 0 : parentCVersion;
    if (cversion <= parent.stat.cversion) return;
    this.#snapshots.beforeChange(parent);
    parent.stat.cversion = cversion;
    parent.stat.pzxid = zxid;
    this.updateDigest(parentPath, parent);
  }

  private countDelete(parentPath: string, parent: Znode, zxid: bigint): void {
    if (zxid <= parent.stat.pzxid) return;
    this.#snapshots.beforeChange(parent);
    parent.stat.pzxid = zxid;
    this.updateDigest(parentPath, parent);
  }

  private attach(path: string, name: string, parent: Znode, znode: Znode): void {
    this.#snapshots.beforeChange(parent);
    parent.children ??= new Map();
    parent.children.set(name, znode);
    this.register(path, znode);
  }

  private register(path: string, znode: Znode): void {
    this.#nodes.set(path, znode);
    this.#bytes += sizeOf(path, znode);
    this.updateDigest(path, znode);
    const owner = znodeOwner(znode.stat.ephemeralOwner, this.extendedTypes);
    if (owner.kind === "container") {
      this.containers.add(path);
    } else if (owner.kind === "ttl") {
      this.ttls.add(path);
    } else if (owner.kind === "session") {
      const paths = this.#ephemerals.get(owner.sessionId);
      if (paths === undefined) {
        this.#ephemerals.set(owner.sessionId, new Set([path]));
      } else {
        paths.add(path);
      }
    }
  }

  /**
   * Removes a znode and what is below it. When a delete was first applied, nothing
   * was. If something is now, it comes from txns that are still to be replayed,
   * and they must not find it without its parent.
   */
  private removeSubtree(path: string, top: Znode): void {
    const open: [path: string, znode: Znode][] = [[path, top]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [at, znode] = next;
      for (const [name, child] of znode.children ?? []) open.push([`${at}/${name}`, child]);
      this.unregister(at, znode);
      this.quotas.deleted(at, znode.data?.length ?? 0);
    }
  }

  private unregister(path: string, znode: Znode): void {
    this.#nodes.delete(path);
    this.#bytes -= sizeOf(path, znode);
    this.#digest.replace(znode.digest, 0);
    this.acls.release(znode.aclId);
    this.containers.delete(path);
    this.ttls.delete(path);
    const { ephemeralOwner } = znode.stat;
    const paths = this.#ephemerals.get(ephemeralOwner);
    paths?.delete(path);
    if (paths?.size === 0) this.#ephemerals.delete(ephemeralOwner);
  }

  private updateDigest(path: string, znode: Znode): void {
    const share = znodeDigest(path, znode.data, znode.stat);
    this.#digest.replace(znode.digest, share);
    znode.digest = share;
  }

  private forget(): void {
    this.#nodes.clear();
    this.#bytes = 0;
    this.#ephemerals.clear();
    this.containers.clear();
    this.ttls.clear();
    this.acls.clear();
    this.quotas.clear();
    this.#digest.clear();
  }

  /** What is there before the first txn, all of it with zxid 0. Returns the root. */
  private plantSystem(): Znode {
    const root = this.plant(ROOT);
    this.plant(SYSTEM);
    this.plant(QUOTA);
    this.plantConfig();
    return root;
  }

  private plantConfig(): void {
    this.plant(CONFIG);
    // Java lets everybody read it by a setACL with version -1, and so the version stays.
    this.setAcl(CONFIG, READ_ACL, -1);
  }

  private plant(path: string): Znode {
    const stat = newStat(0n, 0n, 0n);
    const znode = new Znode(new Uint8Array(0), OPEN_ACL_ID, stat, this.#snapshots.begun);
    const split = splitPath(path);
    const parent = split && this.#nodes.get(split.parent);
    if (parent === undefined) {
      this.register(path, znode);
    } else {
      this.attach(path, split?.name ?? "", parent, znode);
    }
    return znode;
  }
}

function sizeOf(path: string, { data }: Znode): number {
  return path.length + (data?.length ?? 0);
}

function failed(err: ErrorCode): ChangeOutcome {
  return { kind: "failed", err };
}

const NO_PATHS: ReadonlySet<string> = new Set();
