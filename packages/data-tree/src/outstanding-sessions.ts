/**
 * Sessions as the prepared txns will leave them. A session that is being closed
 * can change nothing any more: an ephemeral that it created behind its own
 * closeSession would stay for ever.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import { require } from "./request-refused.js";

export class OutstandingSessions {
  readonly #sessions: ReadonlyMap<bigint, number>;
  readonly #changes = new Map<bigint, { readonly zxid: bigint; readonly open: boolean }>();

  /** The sessions that the applied txns have left, which change with them. */
  constructor(sessions: ReadonlyMap<bigint, number>) {
    this.#sessions = sessions;
  }

  /** Refuses a request of a session that is unknown, or closed by then. The leader's own requests have session 0. */
  requireOpen(sessionId: bigint): void {
    require(sessionId === 0n || this.isOpen(sessionId), ErrorCode.SESSIONEXPIRED);
  }

  open(sessionId: bigint, zxid: bigint): void {
    this.change(sessionId, zxid, true);
  }

  close(sessionId: bigint, zxid: bigint): void {
    this.change(sessionId, zxid, false);
  }

  /** Lets go of what the applied txns have done. */
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

  private isOpen(sessionId: bigint): boolean {
    return this.#changes.get(sessionId)?.open ?? this.#sessions.has(sessionId);
  }
}
