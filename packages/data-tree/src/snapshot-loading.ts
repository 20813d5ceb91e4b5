/**
 * Takes in a snapshot: ours, or one that a Java server wrote while its tree went
 * on changing. The decoder sees to the bytes; here they must make a tree.
 *
 * A Java server writes its access control lists first and then the znodes, some
 * of which may have a newer list by then (ZOOKEEPER-3306, 4846). Such a list has
 * a number above all that were written. Its znode is closed to everybody until
 * the txn that set the list is replayed, which must be behind the snapshot in the
 * log. Any other number without a list is an error.
 */
import { SnapshotBodyDecoder, type SnapshotNode, type SnapshotVisitor } from "@jute-ts/persistence";
import type { ACL } from "@jute-ts/zookeeper";
import type { StateLoader } from "@jute-ts/quorum";
import { OPEN_ACL_PLACE } from "./acl-cache.js";
import type { ZnodeTree } from "./znode-tree.js";

/** Bytes that are a snapshot, but of no possible tree. Take another snapshot; this one is damaged or forged. */
export class SnapshotContentError extends Error {
  override readonly name = "SnapshotContentError";
  /** What is wrong: something is there twice, or a znode lacks its parent or its access control list. */
  readonly kind: "duplicate" | "parent" | "acl";
  /** Where the znode, session or list ends, counted from the start of the snapshot's body. */
  readonly offset: number;

  constructor(kind: SnapshotContentError["kind"], offset: number, reason: string) {
    super(`${reason} before byte ${String(offset)} of the snapshot`);
    this.kind = kind;
    this.offset = offset;
  }
}

/** Fills an empty tree and a map of sessions from a snapshot's bytes, and calls `finished` at the end. */
export class SnapshotLoader implements StateLoader, SnapshotVisitor {
  readonly #tree: ZnodeTree;
  readonly #sessions: Map<bigint, number>;
  readonly #finished: () => void;
  readonly #decoder: SnapshotBodyDecoder;
  readonly #closed: string[] = [];

  constructor(tree: ZnodeTree, sessions: Map<bigint, number>, finished: () => void) {
    this.#tree = tree;
    this.#sessions = sessions;
    this.#finished = finished;
    // No length is too long: what a quorum has committed is taken in whatever this server's own limit is.
    this.#decoder = new SnapshotBodyDecoder(this, { maxBuffer: 0x7fff_ffff, buffers: "borrow" });
  }

  get done(): boolean {
    return this.#decoder.done;
  }

  /** Throws SnapshotFormatError or SnapshotContentError. */
  push(bytes: Uint8Array): number {
    return this.#decoder.push(bytes);
  }

  session(id: bigint, timeoutMs: number): void {
    if (this.#sessions.has(id)) this.refuse("duplicate", `session ${hex(id)} is there twice`);
    this.#sessions.set(id, timeoutMs);
  }

  acl(id: bigint, acl: readonly ACL[]): void {
    if (!this.#tree.acls.load(id, acl)) {
      this.refuse("duplicate", `access control list ${String(id)} is there twice`);
    }
  }

  node({ path, data, aclId, stat }: SnapshotNode): void {
    const flaw = this.#tree.loadingFlaw(path);
    if (flaw === "duplicate") this.refuse(flaw, `${shown(path)} is there twice`);
    if (flaw === "parent") this.refuse(flaw, `${shown(path)} is there before its parent`);
    this.#tree.load(path, data, this.usableAcl(path, aclId), stat);
  }

  end(): void {
    for (const path of this.#closed) this.#tree.close(path);
    this.#tree.finishLoading();
    this.#finished();
  }

  /** The place of the list to load the znode with: its own, or one to be replaced at the end. */
  private usableAcl(path: string, aclId: bigint): number {
    const { acls } = this.#tree;
    const place = acls.useById(aclId);
    if (place !== undefined) return place;
    if (!acls.isLaterThanAll(aclId)) {
      this.refuse(
        "acl",
        `${shown(path)} has access control list ${String(aclId)}, which is not there`,
      );
    }
    this.#closed.push(path);
    return OPEN_ACL_PLACE;
  }

  private refuse(kind: SnapshotContentError["kind"], reason: string): never {
    throw new SnapshotContentError(kind, this.#decoder.offset, reason);
  }
}

function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

/** A path in an error message. */
function shown(path: string): string {
  return JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}...` : path);
}
