/**
 * ZooKeeper's data tree as a replicated state: what its txns do, how a leader
 * makes them from requests, and how snapshots hold them.
 *
 * The tree is the same as Java's, to the last field of a stat and the digest.
 * Where replaying a log over a fuzzy snapshot leads Java astray, this tree goes
 * where the log leads (DIVERGENCE.md).
 */
import { encodeSnapshotBody } from "@jute-ts/persistence";
import {
  type ACL,
  type CreateTxn,
  decodeTxn,
  DeleteTxn,
  ErrorCode,
  NO_TXN,
  OpCode,
  type Stat,
  type SubTxn,
  TXN_READING,
  type TxnDigest,
  type TxnHeader,
  unpackMultiTxn,
  type Zxid,
} from "@jute-ts/zookeeper";
import {
  type ChangeRequest,
  type ReplicatedState,
  type StateLoader,
  type SnapshotSource,
  type LoggedTxn,
  type TxnResult,
  type ZnodeChange,
} from "@jute-ts/quorum";
import { AccessControl, type AuthInfo } from "./access-control.js";
import { type DataTreeOptions, extendedTypesOf } from "./data-tree-options.js";
import { Preparation } from "./preparation.js";
import { SnapshotLoader } from "./snapshot-loading.js";
import { DigestLog, type LoggedDigest } from "./digest-log.js";
import { DIGEST_VERSION } from "./tree-digest.js";
import {
  ANSWERED_WITH_STAT,
  type Change,
  failedParts,
  NO_CHANGES,
  type OwnResult,
} from "./txn-parts.js";
import type { Upkeep } from "./upkeep.js";
import { clientStat } from "./znode.js";
import { CONTAINER_OWNER, ttlOwner, znodeOwner } from "./znode-owner.js";
import { clientPath, CONFIG } from "./znode-path.js";
import { type ChangeOutcome, ZnodeTree } from "./znode-tree.js";

/** A znode as a reader gets it. */
export interface ZnodeView {
  /** Borrowed: the tree never changes it, and nobody else may. */
  readonly data: Uint8Array | null;
  /** The reader's own. */
  readonly stat: Stat;
  /** Borrowed, like the data. */
  readonly acl: readonly ACL[];
}

export class DataTree implements ReplicatedState {
  readonly #tree: ZnodeTree;
  readonly #sessions = new Map<bigint, number>();
  readonly #access: AccessControl;
  readonly #digests = new DigestLog();
  readonly #preparation: Preparation;
  readonly #maxNeverUsedMs: number;
  readonly #comparesDigests: boolean;
  readonly #pieceBytes: number | undefined;
  readonly #mostFuzzyTxns: number;
  #lastProcessedZxid: Zxid = NO_TXN;
  /** How many txns may have another digest than their leader expects before that is told. */
  #untold = 0;

  constructor(options?: DataTreeOptions) {
    this.#tree = new ZnodeTree(extendedTypesOf(options), options);
    this.#maxNeverUsedMs = options?.maxNeverUsedMs ?? 0;
    this.#pieceBytes = options?.snapshotPieceBytes;
    this.#mostFuzzyTxns = options?.mostFuzzyTxns ?? MOST_FUZZY_TXNS;
    this.#comparesDigests = options?.digests ?? true;
    this.#access = new AccessControl(options?.access);
    this.#preparation = new Preparation(this.#tree, this.#sessions, this.#access, options);
  }

  get lastProcessedZxid(): Zxid {
    return this.#lastProcessedZxid;
  }

  get sessions(): ReadonlyMap<bigint, number> {
    return this.#sessions;
  }

  apply(txn: LoggedTxn): TxnResult {
    const message = decodeTxn(txn.bytes, TXN_READING);
    const { header, digest } = message;
    const result =
      message.type === OpCode.multi
        ? this.applyMulti(unpackMultiTxn(message.body, TXN_READING), header)
        : this.applyChange(message, header);
    if (header.zxid > this.#lastProcessedZxid) this.#lastProcessedZxid = header.zxid;
    this.#preparation.applied(header.zxid);
    this.#digests.add(header.zxid, this.#tree);
    return this.withExpectedDigest(result, digest);
  }

  setLastProcessed(zxid: Zxid): void {
    this.#lastProcessedZxid = zxid;
  }

  prepare(
    request: ChangeRequest,
    zxid: Zxid,
    timeMs: bigint,
    maxBytes: number = Infinity,
  ): Uint8Array {
    return this.#preparation.prepare(request, zxid, timeMs, maxBytes);
  }

  discardPrepared(): void {
    this.#preparation.discard();
  }

  digest(): bigint {
    return this.#tree.digest;
  }

  snapshot(): SnapshotSource {
    const sessions = Array.from(this.#sessions);
    const acls = this.#tree.acls.entries();
    const nodes = this.#tree.beginSnapshot().nodes();
    const content = { sessions, sessionCount: sessions.length, acls, aclCount: acls.length, nodes };
    const pieces = encodeSnapshotBody(content, this.#pieceBytes);
    return {
      zxid: this.#lastProcessedZxid,
      next: () => pieces.next().value ?? undefined,
    };
  }

  restore(zxid: Zxid): StateLoader {
    this.startOver();
    this.#untold = this.#mostFuzzyTxns;
    this.#tree.clearForLoading();
    return new SnapshotLoader(this.#tree, this.#sessions, () => {
      this.#lastProcessedZxid = zxid;
    });
  }

  clear(): void {
    this.startOver();
    this.#tree.clear();
  }

  overdue(nowMs: bigint, most: number = Infinity): readonly ChangeRequest[] {
    const paths: string[] = [];
    const { containers, ttls } = this.#tree.owned;
    for (const path of [...containers, ...ttls]) {
      if (paths.length >= most) break;
      if (this.isOverdue(path, nowMs)) paths.push(path);
    }
    return paths.map((path) => ({
      sessionId: 0n,
      cxid: 0,
      opCode: OpCode.deleteContainer,
      body: DeleteTxn.encode({ path }),
      authInfo: [],
    }));
  }

  /** A znode, or undefined. */
  getNode(path: string): ZnodeView | undefined {
    const { znodes, acls, extendedTypes } = this.#tree;
    const znode = this.#tree.get(path);
    if (znode === undefined) return undefined;
    return {
      data: znodes.data(znode),
      stat: clientStat(znodes, znode, extendedTypes),
      acl: acls.list(znodes.acl(znode)),
    };
  }

  /** The names of a znode's children, in no order that means anything; undefined if there is no such znode. The array is the caller's. */
  getChildren(path: string): string[] | undefined {
    const znode = this.#tree.get(path);
    return znode === undefined ? undefined : this.#tree.childNames(znode).slice();
  }

  /** The paths of a session's ephemerals. The array is the caller's. */
  ephemeralsOf(sessionId: bigint): string[] {
    return Array.from(this.#tree.owned.ephemeralsOf(sessionId));
  }

  /** Whether znodes may have a time to live. */
  get allowsTtls(): boolean {
    return this.#tree.extendedTypes !== "off";
  }

  /**
   * Whether a list permits one of these permissions to somebody with these ids, by the
   * settings that the tree was made with. Permissions are the bits of `Perms`.
   */
  isPermitted(acl: readonly ACL[], permission: number, ids: AuthInfo): boolean {
    return this.#access.isPermitted(acl, permission, ids);
  }

  /** Whether a znode may have this list if a client with these ids asks for it. */
  isStorable(acl: readonly ACL[] | null, ids: AuthInfo): boolean {
    return this.#access.isStorableAcl(acl, ids);
  }

  /** How many znodes there are below a path, children of children included; undefined if there is no such znode. */
  countDescendants(path: string): number | undefined {
    const top = this.#tree.get(path);
    if (top === undefined) return undefined;
    const { znodes } = this.#tree;
    let count = 0;
    for (const znode of znodes.withDescendants(top)) count += znodes.childCount(znode);
    return count;
  }

  /** How many znodes there are, the root and ZooKeeper's own included. */
  get nodeCount(): number {
    return this.#tree.size;
  }

  /** The sessions that have ephemerals, with their paths. No txn may be applied meanwhile. */
  *ephemerals(): Generator<[sessionId: bigint, paths: string[]], void, undefined> {
    for (const [sessionId, paths] of this.#tree.owned.ephemerals) yield [sessionId, [...paths]];
  }

  /** How many ephemerals there are. */
  get ephemeralCount(): number {
    let count = 0;
    for (const paths of this.#tree.owned.ephemerals.values()) count += paths.size;
    return count;
  }

  /** How many bytes the data have, and characters the paths, together. */
  get approximateDataSize(): number {
    return this.#tree.bytes;
  }

  /** The digest after the last txns whose zxids are multiples of 128, oldest first. Borrowed. */
  get digests(): readonly LoggedDigest[] {
    return this.#digests.entries;
  }

  /** How much is remembered beside znodes and sessions, for whoever watches that it does not grow. */
  get upkeep(): Upkeep {
    const { acls, znodes } = this.#tree;
    const data = { ...znodes.slabBytes, long: znodes.longCount };
    return { outstanding: this.#preparation.upkeep, acls: acls.upkeep, data };
  }

  /** All paths, parents first. No txn may be applied meanwhile. */
  *paths(): Generator<string, void, undefined> {
    for (const znode of this.#tree.entries()) yield clientPath(this.#tree.znodes.path(znode));
  }

  /**
   * Says what the leader expects, unless it is to be expected that this tree has
   * something else: until txns have made up for the changes that a restored
   * snapshot met while it was written, and when a difference has been told. Once
   * the digests agree, any difference is news.
   */
  private withExpectedDigest(result: OwnResult, digest: TxnDigest | null): TxnResult {
    if (!this.#comparesDigests || digest?.version !== DIGEST_VERSION) return result;
    const expectedDigest = digest.treeDigest;
    if (this.#tree.hasDigest(expectedDigest)) {
      this.#untold = 0;
    } else if (this.#untold > 0) {
      this.#untold--;
      return result;
    } else {
      this.#untold = Infinity;
    }
    result.expectedDigest = expectedDigest;
    return result;
  }

  configuration(): Uint8Array | undefined {
    const znode = this.#tree.get(CONFIG);
    const data = znode === undefined ? null : this.#tree.znodes.data(znode);
    return data === null || data.length === 0 ? undefined : data;
  }

  /** See ReplicatedState. The bytes are copied. */
  showConfiguration(text: Uint8Array, version: Zxid, timeMs: bigint): void {
    this.#tree.setData(CONFIG, text, NO_VERSION, version, timeMs);
  }

  private startOver(): void {
    this.#sessions.clear();
    this.#digests.clear();
    this.#preparation.discard();
    this.#lastProcessedZxid = NO_TXN;
    this.#untold = 0;
  }

  private applyMulti(parts: readonly SubTxn[], header: TxnHeader): OwnResult {
    const failed = parts.some(({ type }) => type === OpCode.error);
    const results = failed
      ? failedParts(parts)
      : parts.map((part) => this.applyChange(part, header));
    const err = results.find((result) => result.err !== 0)?.err ?? 0;
    return { type: OpCode.multi, err, parts: results };
  }

  private applyChange(change: Change, header: TxnHeader): OwnResult {
    const { type } = change;
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
        return this.create(type, change.body, change.body.ephemeral ? header.clientId : 0n, header);
      case OpCode.createContainer:
        return this.create(type, change.body, CONTAINER_OWNER, header);
      case OpCode.createTTL:
        return this.create(type, change.body, ttlOwner(change.body.ttl), header);
      case OpCode.delete:
      case OpCode.deleteContainer: {
        const path = change.body.path ?? "";
        return this.result(type, path, this.#tree.delete(path, header.zxid));
      }
      case OpCode.setData:
      case OpCode.reconfig: {
        const { data, version } = change.body;
        const path = change.body.path ?? "";
        const outcome = this.#tree.setData(path, data, version, header.zxid, header.time);
        return this.result(type, path, outcome);
      }
      case OpCode.setACL: {
        const { acl, version } = change.body;
        const path = change.body.path ?? "";
        return this.result(type, path, this.#tree.setAcl(path, acl, version));
      }
      case OpCode.check:
        return { type, err: 0, path: change.body.path ?? "" };
      case OpCode.createSession:
        this.#sessions.set(header.clientId, change.body.timeOut);
        return { type, err: 0 };
      case OpCode.closeSession:
        return this.closeSession(header, change.body?.paths2Delete ?? []);
      case OpCode.error:
        return { type, err: change.body.err };
    }
  }

  private create(
    type: number,
    body: Pick<CreateTxn, "path" | "data" | "acl" | "parentCVersion">,
    ephemeralOwner: bigint | undefined,
    { zxid, time: timeMs }: TxnHeader,
  ): OwnResult {
    const { data, acl, parentCVersion } = body;
    const path = body.path ?? "";
    // Java stops for good at a time to live that does not fit.
    if (ephemeralOwner === undefined) return { type, err: ErrorCode.BADARGUMENTS, path };
    const znode = { data, acl, ephemeralOwner, parentCVersion, zxid, timeMs };
    return this.result(type, path, this.#tree.create(path, znode));
  }

  /** Ends a session: what its leader listed goes first, then what only this tree knows of, as after an old server's txn without a list. */
  private closeSession(
    { clientId, zxid }: TxnHeader,
    listed: readonly (string | null)[],
  ): OwnResult {
    this.#sessions.delete(clientId);
    const changes: ZnodeChange[] = [];
    const remove = (path: string): void => {
      const outcome = this.#tree.delete(path, zxid);
      if (outcome.kind === "done" && outcome.change !== undefined) changes.push(outcome.change);
    };
    for (const path of listed) remove(path ?? "");
    for (const path of this.ephemeralsOf(clientId)) remove(path);
    return { type: OpCode.closeSession, err: 0, changes };
  }

  private result(type: number, path: string, outcome: ChangeOutcome): OwnResult {
    if (outcome.kind === "failed") return { type, err: outcome.err, path };
    const { znode, change } = outcome;
    const changes = change === undefined ? NO_CHANGES : [change];
    if (!ANSWERED_WITH_STAT.has(type)) return { type, err: 0, path, changes };
    const stat = clientStat(this.#tree.znodes, znode, this.#tree.extendedTypes);
    return { type, err: 0, path, stat, changes };
  }

  private isOverdue(path: string, nowMs: bigint): boolean {
    const znode = this.#tree.get(path);
    if (znode === undefined || this.#tree.znodes.childCount(znode) > 0) return false;
    const stat = this.#tree.znodes.stat(znode);
    const unusedMs = nowMs - stat.mtime;
    const owner = znodeOwner(stat.ephemeralOwner, this.#tree.extendedTypes);
    if (owner.kind === "ttl") return owner.ttlMs !== 0n && unusedMs > owner.ttlMs;
    // A new container is given time for its first child, all the time there is where nothing else is set.
    if (stat.cversion > 0) return true;
    return this.#maxNeverUsedMs !== 0 && unusedMs > BigInt(this.#maxNeverUsedMs);
  }
}

/** Java leaves the version of the configuration's znode as no request would. */
const NO_VERSION = -1;

/** More txns than a server applies while it writes a snapshot. */
const MOST_FUZZY_TXNS = 100_000;
