/**
 * The sessions of clients as the leader sees them: which exist, when they expire
 * unless someone hears from their client, and which server owns each. Only the
 * leader expires sessions, and only by a closeSession txn.
 */
import type { SessionTouch } from "../wire/packet.js";
import type { Sid } from "@jute-ts/zookeeper";

interface TrackedSession {
  timeoutMs: number;
  expiresMs: number;
  owner: Sid | undefined;
  /** A closeSession is on its way, because it expired or because its client wants it: nothing brings it back. */
  closing: boolean;
}

export type SessionVerdict =
  | "alive"
  /** Its end is proposed. */
  | "closing"
  /** It has ended, or never was. */
  | "unknown"
  | "moved";

export class SessionTracker {
  private readonly sessions = new Map<bigint, TrackedSession>();
  /** The earliest time at which any session can expire. May be too early, never too late. */
  private nextExpiryMs = Infinity;

  /** A session exists from now on. */
  add(sessionId: bigint, timeoutMs: number, owner: Sid | undefined, nowMs: number): void {
    const known = this.sessions.get(sessionId);
    const expiresMs = nowMs + timeoutMs;
    if (known !== undefined && known.closing) return;
    this.sessions.set(sessionId, {
      timeoutMs,
      expiresMs,
      owner: owner ?? known?.owner,
      closing: false,
    });
    this.nextExpiryMs = Math.min(this.nextExpiryMs, expiresMs);
  }

  /** A session is proposed. It expires once it is committed. */
  propose(sessionId: bigint, owner: Sid): void {
    this.add(sessionId, 0, owner, Infinity);
  }

  /**
   * A session of so many milliseconds is committed. Its client may have come to another server since it was
   * proposed, with another timeout, or may want it to end: that stays so.
   */
  commit(sessionId: bigint, timeoutMs: number, proposer: Sid, nowMs: number): void {
    const known = this.sessions.get(sessionId);
    const renewedMs = known?.timeoutMs ?? 0;
    const session = {
      timeoutMs: renewedMs > 0 ? renewedMs : timeoutMs,
      owner: known?.owner ?? proposer,
      closing: known?.closing ?? false,
    };
    const expiresMs = nowMs + session.timeoutMs;
    this.sessions.set(sessionId, { ...session, expiresMs });
    this.nextExpiryMs = Math.min(this.nextExpiryMs, expiresMs);
  }

  /** A closeSession is proposed: it does not expire any more. */
  close(sessionId: bigint): void {
    const session = this.sessions.get(sessionId);
    if (session !== undefined) session.closing = true;
  }

  /** The session is no more. */
  remove(sessionId: bigint): void {
    this.sessions.delete(sessionId);
  }

  /** Someone has heard from the client. False: there is no such session. */
  touch({ sessionId, timeoutMs }: SessionTouch, nowMs: number): boolean {
    const session = this.sessions.get(sessionId);
    if (session === undefined || session.closing) return false;
    if (timeoutMs > 0) session.timeoutMs = timeoutMs;
    session.expiresMs = Math.max(session.expiresMs, nowMs + session.timeoutMs);
    return true;
  }

  /** The session's client talks to this server from now on. */
  own(sessionId: bigint, owner: Sid): void {
    const session = this.sessions.get(sessionId);
    if (session !== undefined) session.owner = owner;
  }

  /** Whether a request of this session may come from this server. */
  check(sessionId: bigint, from: Sid): SessionVerdict {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return "unknown";
    if (session.closing) return "closing";
    if (session.owner === undefined) session.owner = from;
    return session.owner === from ? "alive" : "moved";
  }

  /** When each session expires unless its client is heard from; those that are closing are left out. */
  expiries(): Map<bigint, number> {
    const expiries = new Map<bigint, number>();
    for (const [sessionId, { closing, expiresMs }] of this.sessions) {
      if (!closing) expiries.set(sessionId, expiresMs);
    }
    return expiries;
  }

  get nextDeadline(): number | undefined {
    return this.nextExpiryMs === Infinity ? undefined : this.nextExpiryMs;
  }

  /** The sessions that have expired by now; each is returned once. */
  takeExpired(nowMs: number): readonly bigint[] {
    if (nowMs < this.nextExpiryMs) return [];
    const expired: bigint[] = [];
    this.nextExpiryMs = Infinity;
    for (const [sessionId, session] of this.sessions) {
      if (session.closing) continue;
      if (session.expiresMs <= nowMs) {
        session.closing = true;
        expired.push(sessionId);
      } else {
        this.nextExpiryMs = Math.min(this.nextExpiryMs, session.expiresMs);
      }
    }
    return expired;
  }
}
