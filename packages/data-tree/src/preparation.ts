/**
 * What a leader makes of requests: txns that every server can apply without
 * asking anything. Versions are checked here and written out, sequential names get
 * their number, access is granted or refused, and what fails becomes an error txn
 * with its own zxid, because the client's server waits for a txn to answer from.
 *
 * Requests come faster than txns are committed, so each is judged by the tree as
 * all prepared txns will leave it (OutstandingChanges).
 */
import { stringByteLength } from "@jute-ts/runtime";
import {
  CreateTxn,
  createModeTraits,
  encodeTxn,
  ErrorCode,
  type MultiOperation,
  OpCode,
  packMultiTxn,
  Perms,
  type RequestMessage,
  type SubTxnInit,
  type TxnBodyInit,
  type TxnHeaderInit,
  type TxnOpCode,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import type { AccessControl } from "./access-control.js";
import type { PreparationOptions } from "./data-tree-options.js";
import { comingCrc, type ComingZnode, copyOf, OutstandingChanges } from "./outstanding-changes.js";
import { areFatalStats, isFatalLimit } from "./quota-rules.js";
import { nextVersion, parentOf, splitForDelete } from "./request-rules.js";
import { RequestRefused, require } from "./request-refused.js";
import { OutstandingSessions } from "./outstanding-sessions.js";
import { DIGEST_VERSION } from "./tree-digest.js";
import {
  type ChangeOperation,
  type ChangeTxn,
  type CreateOperation,
  errorCodeOf,
  readRequest,
  type VersionedAcl,
  type VersionedData,
  type VersionedPath,
} from "./request-reading.js";
import type { OutstandingUpkeep } from "./upkeep.js";
import { newStat } from "./znode.js";
import { CONTAINER_OWNER, ttlOwner, znodeOwner } from "./znode-owner.js";
import { isValidPath, sequenceSuffix } from "./znode-path.js";
import type { ZnodeTree } from "./znode-tree.js";

export class Preparation {
  readonly #tree: ZnodeTree;
  readonly #changes: OutstandingChanges;
  readonly #sessions: OutstandingSessions;
  readonly #access: AccessControl;
  readonly #hasDigests: boolean;
  readonly #listsEphemerals: boolean;
  readonly #enforcesQuotas: boolean;
  readonly #mostZnodes: number;

  constructor(
    tree: ZnodeTree,
    sessions: ReadonlyMap<bigint, number>,
    access: AccessControl,
    options?: PreparationOptions,
  ) {
    this.#tree = tree;
    this.#changes = new OutstandingChanges(tree);
    this.#sessions = new OutstandingSessions(sessions, options?.localSessions ?? false);
    this.#access = access;
    this.#hasDigests = options?.digests ?? true;
    this.#listsEphemerals = options?.closeSessionTxns ?? true;
    this.#enforcesQuotas = options?.enforcesQuotas ?? false;
    this.#mostZnodes = Math.min(options?.mostZnodes ?? MOST_ZNODES, MOST_ZNODES);
  }

  /** The txn for a request, no longer than `maxBytes`. Whatever a client sends gives one. */
  prepare(request: ChangeRequest, zxid: Zxid, timeMs: bigint, maxBytes: number): Uint8Array {
    const { sessionId: clientId, cxid } = request;
    const header = { clientId, cxid, zxid, time: timeMs };
    const mark = this.#changes.mark();
    try {
      const context = { request, zxid, timeMs, maxBytes };
      const txn = this.txnFor(readRequest(request), context);
      const digest = { version: DIGEST_VERSION, treeDigest: this.#changes.digest };
      const bytes = encode(txn, header, this.#hasDigests ? digest : null);
      require(bytes.length <= maxBytes, ErrorCode.MARSHALLINGERROR);
      return bytes;
    } catch (error) {
      this.#changes.rollBack(mark);
      return encodeTxn(OpCode.error, header, { err: errorCodeOf(error) });
    }
  }

  /** See `Upkeep`. */
  get upkeep(): OutstandingUpkeep {
    return { ...this.#changes.upkeep, sessions: this.#sessions.size };
  }

  /** A txn has been applied, ours or not. */
  applied(zxid: Zxid): void {
    this.#changes.applied(zxid);
    this.#sessions.applied(zxid);
  }

  /** Nothing that was prepared will be applied any more. */
  discard(): void {
    this.#changes.clear();
    this.#sessions.clear();
  }

  private txnFor(message: RequestMessage, context: Context): PreparedTxn {
    switch (message.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
      case OpCode.delete:
      case OpCode.setData:
        return this.change(message, context);
      case OpCode.setACL:
        return this.setAcl(message.body, context);
      case OpCode.deleteContainer:
        return this.deleteContainer(message.body.path ?? "", context);
      case OpCode.multi:
        return this.multi(message.body, context);
      case OpCode.createSession:
        this.#sessions.open(context.request.sessionId, context.zxid);
        return { type: OpCode.createSession, body: message.body };
      case OpCode.closeSession:
        return this.closeSession(context);
      case OpCode.reconfig:
        throw RequestRefused.of(ErrorCode.RECONFIGDISABLED);
      default:
        // Reads and the like, and a check outside of a multi, of which no server could read the txn (ZOOKEEPER-2623).
        throw RequestRefused.of(ErrorCode.UNIMPLEMENTED);
    }
  }

  /** All parts succeed, or the first that fails says why, and none leaves a trace. */
  private multi(parts: readonly MultiOperation[], context: Context): PreparedTxn {
    // Such parts stop a Java leader, and are no requests at all.
    for (const { body } of parts) require(body.path !== null, ErrorCode.MARSHALLINGERROR);
    const mark = this.#changes.mark();
    let failed = false;
    const txns = parts.map((part): SubTxnInit => {
      if (failed) return errorPart(ErrorCode.RUNTIMEINCONSISTENCY);
      try {
        return this.part(part, context);
      } catch (error) {
        // What cannot be read, such as a quota, is no failure of a part in Java, but of the whole request.
        const isOfPart =
          error instanceof RequestRefused && error.err !== ErrorCode.MARSHALLINGERROR;
        if (!isOfPart) throw error;
        failed = true;
        this.#changes.rollBack(mark);
        return errorPart(error.err);
      }
    });
    return { type: OpCode.multi, body: packMultiTxn(txns) };
  }

  private part(part: MultiOperation, context: Context): SubTxnInit {
    if (part.type === OpCode.check) return this.check(part.body, context);
    return this.change(part, context);
  }

  /** A change that stands by itself or in a multi. */
  private change(operation: ChangeOperation, context: Context): ChangeTxn {
    this.#sessions.requireOpen(context.request.sessionId);
    switch (operation.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.create(operation, context);
      case OpCode.delete:
        return this.delete(operation.body, context);
      case OpCode.setData:
        return this.setData(operation.body, context);
    }
  }

  private create(operation: CreateOperation, context: Context): ChangeTxn {
    const { authInfo } = context.request;
    const { data } = operation.body;
    const ephemeralOwner = this.ownerOf(operation, context);
    const requested = operation.body.path ?? "";
    const parentPath = parentOf(requested);
    const acl = this.#access.storableAcl(operation.body.acl, authInfo);
    const parent = this.existing(parentPath);
    this.#access.requirePermission(parent.acl, Perms.CREATE, authInfo);
    const traits = createModeTraits(operation.body.flags);
    const path =
      traits?.sequential === true ? requested + sequenceSuffix(parent.stat.cversion) : requested;
    require(isValidPath(path) && !isFatalLimit(path), ErrorCode.BADARGUMENTS);
    require(this.#changes.get(path) === undefined, ErrorCode.NODEEXISTS);
    const parentOwner = znodeOwner(parent.stat.ephemeralOwner, this.#tree.extendedTypes);
    require(parentOwner.kind !== "session", ErrorCode.NOCHILDRENFOREPHEMERALS);
    this.requireWithinQuota(path, 1, data?.length ?? 0);
    require(this.#changes.mostZnodes < this.#mostZnodes, ErrorCode.QUOTAEXCEEDED);

    const parentCVersion = (parent.stat.cversion + 1) | 0;
    this.putParent(parentPath, parent, parentCVersion, 1, context);
    const stat = newStat(context.zxid, context.timeMs, ephemeralOwner);
    const dataLength = data?.length ?? 0;
    const znode = { dataLength, stat, acl, childCount: 0, contentCrc: comingCrc(path, data) };
    this.#changes.put(context.zxid, path, znode);
    switch (operation.type) {
      case OpCode.createContainer:
        return { type: operation.type, body: { path, data, acl: [...acl], parentCVersion } };
      case OpCode.createTTL: {
        const { ttl } = operation.body;
        return { type: operation.type, body: { path, data, acl: [...acl], parentCVersion, ttl } };
      }
      case OpCode.create:
      case OpCode.create2: {
        const ephemeral = traits?.ephemeral === true;
        // A record already, which need not be made of a plain object.
        const body = new CreateTxn({ path, data, acl: [...acl], ephemeral, parentCVersion });
        return { type: operation.type, body };
      }
    }
  }

  /** The owner field of a new znode. Refuses what the op and its flags do not agree on. */
  private ownerOf({ type, body }: CreateOperation, { request }: Context): bigint {
    const traits = createModeTraits(body.flags);
    require(traits !== undefined, ErrorCode.BADARGUMENTS);
    require(this.#tree.extendedTypes !== "off" || !traits.ttl, ErrorCode.UNIMPLEMENTED);
    require(traits.container === (type === OpCode.createContainer), ErrorCode.BADARGUMENTS);
    require(traits.ttl === (type === OpCode.createTTL), ErrorCode.BADARGUMENTS);
    if (type === OpCode.createTTL) {
      const owner = ttlOwner(body.ttl);
      require(owner !== undefined, ErrorCode.BADARGUMENTS);
      return owner;
    }
    if (traits.container) return CONTAINER_OWNER;
    if (!traits.ephemeral) return 0n;
    // The leader's own requests have no session that could end.
    this.#sessions.requireGlobal(request.sessionId);
    return request.sessionId;
  }

  private delete({ path, version }: VersionedPath, context: Context): ChangeTxn {
    const { znodePath, parentPath } = splitForDelete(path);
    const parent = this.existing(parentPath);
    this.#access.requirePermission(parent.acl, Perms.DELETE, context.request.authInfo);
    const znode = this.existing(znodePath);
    nextVersion(znode.stat.version, version);
    require(znode.childCount === 0, ErrorCode.NOTEMPTY);
    this.remove(znodePath, parentPath, context);
    return { type: OpCode.delete, body: { path: znodePath } };
  }

  /**
   * Only the leader asks for this, of znodes that were overdue. They may have been
   * used since, and a client that forges the request must not get around the
   * access control list.
   */
  private deleteContainer(path: string, context: Context): PreparedTxn {
    require(context.request.sessionId === 0n, ErrorCode.UNIMPLEMENTED);
    const { znodePath, parentPath } = splitForDelete(path);
    const znode = this.existing(znodePath);
    require(znode.childCount === 0, ErrorCode.NOTEMPTY);
    require(this.mayBeCleared(znode, context.timeMs), ErrorCode.BADVERSION);
    this.remove(znodePath, parentPath, context);
    return { type: OpCode.deleteContainer, body: { path: znodePath } };
  }

  private mayBeCleared({ stat }: ComingZnode, timeMs: bigint): boolean {
    const owner = znodeOwner(stat.ephemeralOwner, this.#tree.extendedTypes);
    if (owner.kind === "ttl") return owner.ttlMs !== 0n && timeMs - stat.mtime > owner.ttlMs;
    return owner.kind === "container";
  }

  private setData(body: VersionedData, context: Context): ChangeTxn {
    const { path, znode } = this.target(body.path, Perms.WRITE, context);
    const { data } = body;
    require(!areFatalStats(path, data), ErrorCode.BADARGUMENTS);
    const dataLength = data?.length ?? 0;
    this.requireWithinQuota(path, 0, dataLength - znode.dataLength);
    const version = nextVersion(znode.stat.version, body.version);
    const stat = copyOf(znode.stat);
    stat.version = version;
    stat.mzxid = context.zxid;
    stat.mtime = context.timeMs;
    const changed = { ...znode, dataLength, stat, contentCrc: comingCrc(path, data) };
    this.#changes.put(context.zxid, path, changed);
    return { type: OpCode.setData, body: { path, data, version } };
  }

  private setAcl(body: VersionedAcl, context: Context): PreparedTxn {
    this.#sessions.requireOpen(context.request.sessionId);
    require(isValidPath(body.path ?? ""), ErrorCode.BADARGUMENTS);
    const acl = this.#access.storableAcl(body.acl, context.request.authInfo);
    const { path, znode } = this.target(body.path, Perms.ADMIN, context);
    const version = nextVersion(znode.stat.aversion, body.version);
    const stat = copyOf(znode.stat);
    stat.aversion = version;
    this.#changes.put(context.zxid, path, { ...znode, acl, stat });
    return { type: OpCode.setACL, body: { path, acl: [...acl], version } };
  }

  private check(body: VersionedPath, context: Context): SubTxnInit {
    this.#sessions.requireOpen(context.request.sessionId);
    const { path, znode } = this.target(body.path, Perms.READ, context);
    const version = nextVersion(znode.stat.version, body.version);
    return { type: OpCode.check, body: { path, version } };
  }

  /**
   * Lists the session's ephemerals, so that every server deletes the same ones. As
   * many as the txn has room for: each server deletes what else it knows of, and a
   * txn that nobody can read would end the ensemble for good (ZOOKEEPER-4306).
   */
  private closeSession(context: Context): PreparedTxn {
    const { sessionId } = context.request;
    const paths = this.#changes.ephemeralsOf(sessionId);
    for (const path of paths) this.remove(path, parentOf(path), context);
    this.#sessions.close(sessionId, context.zxid);
    if (!this.#listsEphemerals) return { type: OpCode.closeSession, body: null };
    let room = context.maxBytes - CLOSE_SESSION_BYTES;
    const paths2Delete = paths.filter((path) => {
      room -= STRING_BYTES + stringByteLength(path, "java");
      return room >= 0;
    });
    return { type: OpCode.closeSession, body: { paths2Delete } };
  }

  /** Refuses what a hard limit does not allow. Nobody knows what a limit allows that cannot be read. */
  private requireWithinQuota(path: string, znodes: number, bytes: number): void {
    if (!this.#enforcesQuotas) return;
    const verdict = this.#tree.quotas.judge(path, znodes, bytes);
    require(verdict !== "exceeded", ErrorCode.QUOTAEXCEEDED);
    require(verdict !== "unreadable", ErrorCode.MARSHALLINGERROR);
  }

  /** The znode that a request is about, if the client may do this to it. */
  private target(
    requested: string | null,
    permission: number,
    { request }: Context,
  ): { path: string; znode: ComingZnode } {
    const path = requested ?? "";
    require(isValidPath(path), ErrorCode.BADARGUMENTS);
    const znode = this.existing(path);
    this.#access.requirePermission(znode.acl, permission, request.authInfo);
    return { path, znode };
  }

  private existing(path: string): ComingZnode {
    const znode = this.#changes.get(path);
    require(znode !== undefined, ErrorCode.NONODE);
    return znode;
  }

  private remove(path: string, parentPath: string, context: Context): void {
    const parent = this.existing(parentPath);
    this.putParent(parentPath, parent, parent.stat.cversion, -1, context);
    this.#changes.put(context.zxid, path, undefined);
  }

  private putParent(
    path: string,
    parent: ComingZnode,
    cversion: number,
    children: number,
    context: Context,
  ): void {
    const stat = copyOf(parent.stat);
    stat.cversion = cversion;
    stat.pzxid = context.zxid;
    const { dataLength, acl, contentCrc } = parent;
    const childCount = parent.childCount + children;
    this.#changes.put(context.zxid, path, { dataLength, stat, acl, childCount, contentCrc });
  }
}

function errorPart(err: ErrorCode): SubTxnInit {
  return { type: OpCode.error, body: { err } };
}

function encode(
  txn: PreparedTxn,
  header: Omit<TxnHeaderInit, "type">,
  digest: { version: number; treeDigest: bigint } | null,
): Uint8Array {
  return encodeTxn(txn.type, header, txn.body, digest);
}

/** A request and its place in the order of txns. */
interface Context {
  readonly request: ChangeRequest;
  readonly zxid: Zxid;
  readonly timeMs: bigint;
  /** The longest txn. */
  readonly maxBytes: number;
}

/** A txn without header and digest. */
type PreparedTxn = {
  [C in TxnOpCode]: { readonly type: C; readonly body: TxnBodyInit<C> };
}[TxnOpCode];

/**
 * A Map holds 2^24 entries at the most, and a txn that does not fit would stop every
 * server, at every start. Their data fits the slabs, too.
 */
const MOST_ZNODES = 16_000_000;

/** A closeSession without paths: header, count and digest. */
const CLOSE_SESSION_BYTES = 32 + 4 + 12;

/** The length in front of a string. */
const STRING_BYTES = 4;
