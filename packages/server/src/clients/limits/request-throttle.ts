/**
 * How many requests of all clients are in process: submitted, and not answered by the
 * quorum yet. Above a limit nothing more is taken from any connection; those that have
 * something to say go on in the order in which they came to that.
 */
export class RequestThrottle<Connection> {
  readonly #limit: number;
  readonly #waiting = new Set<Connection>();
  #inProcess = 0;

  /** `limit`: how many may be in process at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many connections wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether another request may be taken. */
  get hasRoom(): boolean {
    return this.#inProcess < this.#limit;
  }

  began(): void {
    this.#inProcess++;
  }

  ended(count = 1): void {
    this.#inProcess -= count;
  }

  /** The connection waits for room. False if it did already. */
  wait(connection: Connection): boolean {
    if (this.#waiting.has(connection)) return false;
    this.#waiting.add(connection);
    return true;
  }

  forget(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  /** Whether `next` has any. */
  get hasNext(): boolean {
    return this.hasRoom && this.#waiting.size > 0;
  }

  /** The connection that has waited for longest, which waits no more; undefined without room, or if none waits. */
  next(): Connection | undefined {
    if (!this.hasNext) return undefined;
    for (const connection of this.#waiting) {
      this.#waiting.delete(connection);
      return connection;
    }
    return undefined;
  }
}
