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
import { AclCache, type AclList, CLOSED_ACL, OPEN_ACL_PLACE, READ_ACL } from "./acl-cache.js";
import { ChildNames } from "./child-names.js";
import type { DataTreeOptions } from "./data-tree-options.js";
import { Quotas } from "./quotas.js";
import { OpenSnapshots, type SnapshotImage } from "./snapshot-image.js";
import { contentCrc, countsInDigest, DigestSum } from "./tree-digest.js";
import { CONFIG, hasName, QUOTA, ROOT, SYSTEM, treePath } from "./znode-path.js";
import { OwnedZnodes } from "./owned-znodes.js";
import type { ExtendedTypes } from "./znode-owner.js";
import { NO_ZNODE, type Znode, ZnodeTable } from "./znode-table.js";

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
  /** Another one after the tree was cleared, because open snapshots go on reading the old one. */
  acls: AclCache = new AclCache();
  /** What the znodes have. For reading: only this tree changes it. Replaced like the lists. */
  znodes: ZnodeTable;
  /** Those that end with something. For reading, like the znodes. */
  readonly owned: OwnedZnodes;
  readonly #nodes = new Map<string, Znode>();
  #childNames: ChildNames;
  readonly #digest = new DigestSum();
  readonly #snapshots = new OpenSnapshots(this);
  readonly quotas: Quotas = new Quotas(this);
  #root: Znode;
  /** The parent that was looked for last, as long as it is there. */
  #lastParent: { readonly path: string; readonly znode: Znode } | undefined;
  /** Of all paths and data. */
  #bytes = 0;
  readonly #onWrite: DataTreeOptions["onWrite"];
  readonly #dataSlabBytes: number | undefined;

  constructor(
    extendedTypes: ExtendedTypes,
    { onWrite, dataSlabBytes }: Pick<DataTreeOptions, "onWrite" | "dataSlabBytes"> = {},
  ) {
    this.extendedTypes = extendedTypes;
    this.#onWrite = onWrite;
    this.#dataSlabBytes = dataSlabBytes;
    this.znodes = new ZnodeTable(dataSlabBytes);
    this.#childNames = new ChildNames(this.znodes);
    this.owned = new OwnedZnodes(extendedTypes);
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

  /** Whether the digest is this one. Cheaper than the digest, where it is. */
  hasDigest(digest: bigint): boolean {
    return this.#digest.is(digest);
  }

  /** How long all paths and data are together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** In the order of creation. Borrowed: the same list until the children are others. */
  childNames(znode: Znode): readonly string[] {
    return this.#childNames.of(znode);
  }

  /** All znodes, parents first. The tree must not change meanwhile. */
  entries(): Generator<Znode, void, undefined> {
    return this.znodes.withDescendants(this.#root);
  }

  create(path: string, change: NewZnode): ChangeOutcome {
    if (!hasName(path)) return failed(ErrorCode.BADARGUMENTS);
    const parent = this.parentOf(path);
    if (parent === undefined) return failed(ErrorCode.NONODE);
    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      this.createAgain(existing, change);
      this.countCreate(parent, change);
      return failed(ErrorCode.NODEEXISTS);
    }
    const { data, ephemeralOwner } = change;
    const znode = this.znodes.add(path, this.acls.use(change.acl), this.#snapshots.begun);
    this.znodes.setNewStat(znode, change.zxid, change.timeMs, ephemeralOwner);
    this.countCreate(parent, change);
    this.attach(path, parent, znode, data);
    this.quotas.created(path, data?.length ?? 0);
    this.#onWrite?.(path, data?.length ?? 0);
    return { kind: "done", znode, change: this.seen("created", path, znode, parent) };
  }

  delete(path: string, zxid: bigint): ChangeOutcome {
    if (!hasName(path)) return failed(ErrorCode.BADARGUMENTS);
    const parent = this.parentOf(path);
    if (parent === undefined) return failed(ErrorCode.NONODE);
    // Also for a znode that is gone already: the parent may be older than that.
    this.countDelete(parent, zxid);
    const znode = this.#nodes.get(path);
    if (znode === undefined) return failed(ErrorCode.NONODE);
    // First, because the list may go with its last znode.
    const change = this.seen("deleted", path, znode, parent);
    this.#snapshots.beforeChange(parent);
    this.#snapshots.beforeChange(znode);
    this.#childNames.forget(parent);
    this.znodes.detach(parent, znode);
    this.removeSubtree(znode);
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
    const growth = (data?.length ?? 0) - this.znodes.dataLength(znode);
    this.putData(path, znode, data);
    this.#bytes += growth;
    this.znodes.setDataVersion(znode, version, zxid, timeMs);
    this.updateDigest(path, znode);
    this.quotas.grown(path, growth);
    this.#onWrite?.(path, data?.length ?? 0);
    const acl = this.acls.list(this.znodes.acl(znode));
    return { kind: "done", znode, change: { kind: "dataChanged", path, acl } };
  }

  setAcl(path: string, acl: AclList | null, aversion: number): ChangeOutcome {
    const znode = this.get(path);
    if (znode === undefined) return failed(ErrorCode.NONODE);
    this.#snapshots.beforeChange(znode);
    // Released first, as in Java, so that a list with one user gets a new number even if it stays the same.
    this.acls.release(this.znodes.acl(znode));
    this.znodes.setAcl(znode, this.acls.use(acl));
    this.znodes.setAversion(znode, aversion);
    this.updateDigest(path, znode);
    return { kind: "done", znode };
  }

  /** Replaces data without a trace in stat and digest. Only for the quota statistics. */
  replaceData(znode: Znode, data: Uint8Array): void {
    this.#snapshots.beforeChange(znode);
    this.#bytes += data.length - this.znodes.dataLength(znode);
    this.putData(this.znodes.path(znode), znode, data);
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

  /** Why a path of a snapshot cannot be loaded: it is there already, or its parent is not. */
  loadingFlaw(path: string): "duplicate" | "parent" | undefined {
    if (this.#nodes.has(path)) return "duplicate";
    return path === ROOT || this.parentOf(path) !== undefined ? undefined : "parent";
  }

  /** Adds a znode of a snapshot, whose path must be without flaw and whose list must be in use. */
  load(path: string, data: Uint8Array | null, aclPlace: number, stat: StatPersisted): void {
    const znode = this.znodes.add(path, aclPlace, this.#snapshots.begun);
    this.znodes.setStat(znode, stat);
    const parent = this.parentOf(path);
    if (parent === undefined) {
      this.#root = znode;
      this.register(path, znode, data);
    } else {
      this.attach(path, parent, znode, data);
    }
  }

  /** Lets nobody use a znode of a snapshot, the list of which is missing. */
  close(path: string): void {
    const znode = this.#nodes.get(path);
    if (znode !== undefined) this.znodes.setAcl(znode, this.acls.use(CLOSED_ACL));
  }

  /** Completes a tree whose znodes have all been loaded. */
  finishLoading(): void {
    this.acls.purgeUnused();
    // Before 3.5 there was no such znode; Java adds it at this point, too.
    if (this.get(SYSTEM) !== undefined && this.get(CONFIG) === undefined) this.plantConfig();
    this.quotas.load();
  }

  /** Siblings often follow each other, in snapshots always, so the last parent is looked at first. */
  private parentOf(path: string): Znode | undefined {
    const end = path.lastIndexOf("/");
    if (end === -1) return undefined;
    const last = this.#lastParent;
    if (last?.path.length === end && path.startsWith(last.path)) return last.znode;
    const parentPath = path.slice(0, end);
    const znode = this.#nodes.get(parentPath);
    if (znode !== undefined) this.#lastParent = { path: parentPath, znode };
    return znode;
  }

  private seen(
    kind: "created" | "deleted",
    path: string,
    znode: Znode,
    parent: Znode,
  ): ZnodeChange {
    const acl = this.acls.list(this.znodes.acl(znode));
    return { kind, path, acl, parentAcl: this.acls.list(this.znodes.acl(parent)) };
  }

  /** A replayed create meets a znode that was there already. Its list may be one that a snapshot missed. */
  private createAgain(existing: Znode, { acl }: NewZnode): void {
    this.#snapshots.beforeChange(existing);
    const place = this.acls.use(acl);
    this.acls.release(this.znodes.acl(existing));
    this.znodes.setAcl(existing, place);
  }

  /** Only upwards: a parent that is ahead of this txn has counted it. */
  private countCreate(parent: Znode, change: NewZnode): void {
    const { parentCVersion, zxid } = change;
    const counted = this.znodes.cversion(parent);
    const cversion = parentCVersion === -1 ? (counted + 1) | 0 : parentCVersion;
    if (cversion <= counted) return;
    this.#snapshots.beforeChange(parent);
    this.znodes.setCversion(parent, cversion);
    this.znodes.setPzxid(parent, zxid);
    this.updateDigest(this.znodes.path(parent), parent);
  }

  private countDelete(parent: Znode, zxid: bigint): void {
    if (zxid <= this.znodes.pzxid(parent)) return;
    this.#snapshots.beforeChange(parent);
    this.znodes.setPzxid(parent, zxid);
    this.updateDigest(this.znodes.path(parent), parent);
  }

  private attach(path: string, parent: Znode, znode: Znode, data: Uint8Array | null): void {
    this.#snapshots.beforeChange(parent);
    this.#childNames.forget(parent);
    this.znodes.attach(parent, znode);
    this.register(path, znode, data);
  }

  private register(path: string, znode: Znode, data: Uint8Array | null): void {
    this.#nodes.set(path, znode);
    this.putData(path, znode, data);
    this.#bytes += path.length + this.znodes.dataLength(znode);
    this.updateDigest(path, znode);
    this.owned.add(path, this.znodes.ephemeralOwner(znode));
  }

  /**
   * Removes a znode and what is below it. When a delete was first applied, nothing
   * was. If something is now, it comes from txns that are still to be replayed,
   * and they must not find it without its parent.
   */
  private removeSubtree(top: Znode): void {
    for (const znode of Array.from(this.znodes.withDescendants(top))) {
      this.#snapshots.beforeChange(znode);
      const path = this.znodes.path(znode);
      const bytes = this.znodes.dataLength(znode);
      this.unregister(path, znode);
      this.quotas.deleted(path, bytes);
      this.#onWrite?.(path, 0);
    }
  }

  private unregister(path: string, znode: Znode): void {
    this.#nodes.delete(path);
    this.#bytes -= path.length + this.znodes.dataLength(znode);
    this.#digest.replace(this.znodes.digest(znode), 0);
    this.acls.release(this.znodes.acl(znode));
    this.owned.delete(path, this.znodes.ephemeralOwner(znode));
    this.#childNames.forget(znode);
    if (this.#lastParent?.znode === znode) this.#lastParent = undefined;
    this.znodes.remove(znode);
  }

  private putData(path: string, znode: Znode, data: Uint8Array | null): void {
    this.znodes.setData(znode, data);
    this.znodes.setContentCrc(znode, contentCrc(path, data));
  }

  private updateDigest(path: string, znode: Znode): void {
    if (!countsInDigest(path)) return;
    const share = this.znodes.share(znode);
    this.#digest.replace(this.znodes.digest(znode), share);
    this.znodes.setDigest(znode, share);
  }

  private forget(): void {
    this.#nodes.clear();
    this.znodes = new ZnodeTable(this.#dataSlabBytes);
    this.#childNames = new ChildNames(this.znodes);
    this.#root = NO_ZNODE;
    this.#lastParent = undefined;
    this.#bytes = 0;
    this.owned.clear();
    this.acls = new AclCache();
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
    const znode = this.znodes.add(path, OPEN_ACL_PLACE, this.#snapshots.begun);
    const parent = this.parentOf(path);
    if (parent === undefined) {
      this.register(path, znode, new Uint8Array(0));
    } else {
      this.attach(path, parent, znode, new Uint8Array(0));
    }
    return znode;
  }
}

function failed(err: ErrorCode): ChangeOutcome {
  return { kind: "failed", err };
}
