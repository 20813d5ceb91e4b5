/**
 * How many requests may be in process. Above the limit no more is read from
 * connections that wait for an answer; nothing is refused, and a connection that
 * waits for nothing is always read from, so that nobody is kept from a login
 * (ZOOKEEPER-2785) or waits without end (ZOOKEEPER-3793).
 */

/** `globalOutstandingLimit` as it is for one server: the members of an ensemble share it. `voters`: 1 for a standalone server. */
export function outstandingLimit(globalLimit: number, voters: number): number {
  return voters > 2 ? Math.floor(globalLimit / (voters - 1)) : globalLimit;
}
