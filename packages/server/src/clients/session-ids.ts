/**
 * Ids of new sessions: the server's number on top, below it the time at which the
 * server began, then a count. Java takes a clock that begins at each boot of the
 * machine, and may give old ids again; here it is the wall clock.
 */
import type { Sid } from "@jute-ts/zookeeper";

export class SessionIds {
  #next: bigint;

  /** `wallMs`: milliseconds since 1970. */
  constructor(sid: Sid, wallMs: number) {
    const time = BigInt.asUintN(40, BigInt(Math.floor(wallMs)));
    this.#next = BigInt.asIntN(64, (sid << 56n) | (time << 16n)) + 1n;
  }

  /** An id that no session has had. */
  next(): bigint {
    // The number that marks containers as such can belong to no session.
    if (this.#next === CONTAINER_OWNER) this.#next++;
    return this.#next++;
  }
}

const CONTAINER_OWNER = -(2n ** 63n);
