/**
 * Sessions as the prepared txns will leave them. A session that is being closed
 * can change nothing any more: an ephemeral that it created after its own
 * closeSession would stay forever.
 *
 * With local sessions, a session that no txn has opened is one that only the
 * client's own server knows. It may change everything, and have no ephemerals:
 * nobody else would hear of its end.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import { require } from "./request-refused.js";

export class OutstandingSessions {
  readonly #sessions: ReadonlyMap<bigint, number>;
  readonly #changes = new Map<bigint, { readonly zxid: bigint; readonly open: boolean }>();

  readonly #allowsLocal: boolean;

  /** `sessions`: those that the applied txns have left, which change with them. */
  constructor(sessions: ReadonlyMap<bigint, number>, allowsLocal: boolean) {
    this.#sessions = sessions;
    this.#allowsLocal = allowsLocal;
  }

  /** Refuses a request of a session that is unknown, or closed by then. The leader's own requests have session 0. */
  requireOpen(sessionId: bigint): void {
    if (sessionId === 0n) return;
    require(this.isOpen(sessionId) ?? this.#allowsLocal, ErrorCode.SESSIONEXPIRED);
  }

  /** As `requireOpen`, for what only a session that all servers know may do. */
  requireGlobal(sessionId: bigint): void {
    require(this.isOpen(sessionId) ?? false, ErrorCode.SESSIONEXPIRED);
  }

  /** How many sessions are being opened or closed. */
  get size(): number {
    return this.#changes.size;
  }

  open(sessionId: bigint, zxid: bigint): void {
    this.change(sessionId, zxid, true);
  }

  close(sessionId: bigint, zxid: bigint): void {
    this.change(sessionId, zxid, false);
  }

  /** Releases what the applied txns have done. */
  applied(zxid: bigint): void {
    for (const [sessionId, change] of this.#changes) {
      if (change.zxid > zxid) break;
      this.#changes.delete(sessionId);
    }
  }

  clear(): void {
    this.#changes.clear();
  }

  /** Moves the session to the end, so that the map stays in the order of the zxids. */
  private change(sessionId: bigint, zxid: bigint, open: boolean): void {
    this.#changes.delete(sessionId);
    this.#changes.set(sessionId, { zxid, open });
  }

  /** Undefined for a session that no txn has opened, or one that has ended and is forgotten. */
  private isOpen(sessionId: bigint): boolean | undefined {
    const change = this.#changes.get(sessionId);
    if (change !== undefined) return change.open;
    return this.#sessions.has(sessionId) ? true : undefined;
  }
}
