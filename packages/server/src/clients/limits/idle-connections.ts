/**
 * Connections that are silent for too long: for as long as their session lasts,
 * or, without a session, for a time of their own. Times are rounded up to a grid,
 * so that a connection moves only when its place in the grid changes.
 */

export class IdleConnections<C> {
  readonly #gridMs: number;
  readonly #due = new Map<C, number>();
  readonly #byTime = new Map<number, Set<C>>();
  /** No connection is due before this. */
  #firstMs = Infinity;

  /** `sessionlessTimeoutMs`: `nio.sessionlessCnxnTimeout`, Java's default for which is 10000. Also the distance of the grid's lines. */
  constructor(sessionlessTimeoutMs: number) {
    this.#gridMs = sessionlessTimeoutMs;
  }

  /** How many connections it knows of. */
  get size(): number {
    return this.#due.size;
  }

  /** At how many times of the grid some of them are due. */
  get timeCount(): number {
    return this.#byTime.size;
  }

  /** Something came of this connection. `timeoutMs`: its session's; undefined without a session. */
  touch(connection: C, nowMs: number, timeoutMs: number | undefined): void {
    const end = nowMs + (timeoutMs ?? this.#gridMs);
    const dueMs = (Math.floor(end / this.#gridMs) + 1) * this.#gridMs;
    const before = this.#due.get(connection);
    if (before === dueMs) return;
    if (before !== undefined) this.take(connection, before);
    this.#due.set(connection, dueMs);
    const others = this.#byTime.get(dueMs);
    if (others === undefined) this.#byTime.set(dueMs, new Set([connection]));
    else others.add(connection);
    this.#firstMs = Math.min(this.#firstMs, dueMs);
  }

  /** This connection is closed. */
  remove(connection: C): void {
    const dueMs = this.#due.get(connection);
    if (dueMs === undefined) return;
    this.#due.delete(connection);
    this.take(connection, dueMs);
  }

  /** When to ask again: not before anything is due, but perhaps earlier. Undefined if there are no connections. */
  get nextDeadlineMs(): number | undefined {
    return this.#due.size === 0 ? undefined : this.#firstMs;
  }

  /** Removes the connections that were silent for too long, and returns them: they must be closed. */
  expire(nowMs: number): C[] {
    if (nowMs < this.#firstMs) return [];
    const expired: C[] = [];
    this.#firstMs = Infinity;
    for (const [dueMs, connections] of this.#byTime) {
      if (dueMs > nowMs) {
        this.#firstMs = Math.min(this.#firstMs, dueMs);
        continue;
      }
      for (const connection of connections) {
        expired.push(connection);
        this.#due.delete(connection);
      }
      this.#byTime.delete(dueMs);
    }
    return expired;
  }

  private take(connection: C, dueMs: number): void {
    const connections = this.#byTime.get(dueMs);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byTime.delete(dueMs);
  }
}
