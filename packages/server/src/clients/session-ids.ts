/**
 * Ids of new sessions: the server's number on top, below it the time at which the
 * server began, then a count. Java takes a clock that begins at each boot of the
 * machine, and may give old ids again; here it is the wall clock.
 */
import type { Sid } from "@jute-ts/zookeeper";

export class SessionIds {
  #next: bigint;
  /** The first that went to a reader since the server has no leader. */
  #firstOfReaders: bigint;

  /** `wallMs`: milliseconds since 1970. */
  constructor(sid: Sid, wallMs: number) {
    const time = BigInt.asUintN(40, BigInt(Math.floor(wallMs)));
    this.#next = BigInt.asIntN(64, (sid << 56n) | (time << 16n)) + 1n;
    this.#firstOfReaders = this.#next;
  }

  /** The server has no leader, and serves readers: whatever is given from now on is theirs. */
  beginReaders(): void {
    this.#firstOfReaders = this.#next;
  }

  /** Whether the id was given to a reader, so that no other server knows it. Asked while readers are served. */
  isOfReader(sessionId: bigint): boolean {
    return this.#firstOfReaders <= sessionId && sessionId < this.#next;
  }

  /** An id that no session has had. */
  next(): bigint {
    // The number that marks containers as such can belong to no session.
    if (this.#next === CONTAINER_OWNER) this.#next++;
    return this.#next++;
  }
}

const CONTAINER_OWNER = -(2n ** 63n);
