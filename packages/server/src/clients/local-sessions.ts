/**
 * Sessions that only this server knows: they begin and expire here, no txn tells of
 * them, and they end with the server's role. `localSessionsEnabled`, and those of clients
 * of a read-only server.
 */

interface LocalSession {
  timeoutMs: number;
  expiresMs: number;
}

export class LocalSessions {
  readonly #sessions = new Map<bigint, LocalSession>();
  /** The earliest time at which any can expire. May be too early, never too late. */
  #nextExpiryMs = Infinity;

  get nextDeadline(): number {
    return this.#nextExpiryMs;
  }

  add(sessionId: bigint, timeoutMs: number, nowMs: number): void {
    const expiresMs = nowMs + timeoutMs;
    this.#sessions.set(sessionId, { timeoutMs, expiresMs });
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresMs);
  }

  /** Its client was heard from. False if there is no such session. */
  touch(sessionId: bigint, timeoutMs: number, nowMs: number): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    session.timeoutMs = timeoutMs;
    session.expiresMs = nowMs + timeoutMs;
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, session.expiresMs);
    return true;
  }

  remove(sessionId: bigint): void {
    this.#sessions.delete(sessionId);
  }

  clear(): void {
    this.#sessions.clear();
    this.#nextExpiryMs = Infinity;
  }

  /** The sessions that have expired by now; none of them exists any more. */
  takeExpired(nowMs: number): readonly bigint[] {
    if (nowMs < this.#nextExpiryMs) return [];
    this.#nextExpiryMs = Infinity;
    const expired: bigint[] = [];
    for (const [sessionId, { expiresMs }] of this.#sessions) {
      if (expiresMs <= nowMs) expired.push(sessionId);
      else this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresMs);
    }
    for (const sessionId of expired) this.#sessions.delete(sessionId);
    return expired;
  }

  /** Each with its timeout and the time at which it expires unless its client is heard from. */
  *entries(): Generator<readonly [bigint, number, number], void, undefined> {
    for (const [sessionId, { timeoutMs, expiresMs }] of this.#sessions) {
      yield [sessionId, timeoutMs, expiresMs];
    }
  }
}
