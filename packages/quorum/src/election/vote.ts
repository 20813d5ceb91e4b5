/**
 * Which of two votes is better, and when two votes support the same leader. Both
 * are facts about votes alone: who cast them, and how many there are, is the
 * tally's business.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { ServerState, Vote } from "../wire/notification.js";

/** A vote as its sender stands by it: in a round, and still looking or already led. */
export interface CastVote extends Vote {
  readonly electionEpoch: bigint;
  readonly state: ServerState;
  /** The generation of the message that carried it; 0 where that must not matter. */
  readonly version: number;
}

/**
 * What a server without a vote of its own proposes: every real vote is better,
 * so it takes over the first that it sees.
 */
export const LEAST_VOTE: Vote = {
  leader: -(2n ** 63n),
  zxid: -(2n ** 63n),
  peerEpoch: -(2n ** 63n),
};

/**
 * The total order: epoch, then zxid, then sid, compared as signed numbers. A
 * leader with an old epoch may hold more txns than a later one and still lack
 * what that one committed. A server of weight 0 is never better, so it is never
 * elected by others.
 */
export function isBetter(a: Vote, b: Vote, weightOf: (sid: Sid) => number): boolean {
  if (weightOf(a.leader) === 0) return false;
  if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch;
  if (a.zxid !== b.zxid) return a.zxid > b.zxid;
  return a.leader > b.leader;
}

/**
 * Whether two votes support the same leader. During an election everything must
 * be equal. Those who are led name the leader and its epoch and may differ in
 * the rest, because they joined at different times (ZOOKEEPER-1805); servers of
 * the first generations did not even update the epoch, so between them and
 * later ones only the leader counts (ZOOKEEPER-1732).
 */
export function agrees(a: CastVote, b: CastVote): boolean {
  if (a.leader !== b.leader) return false;
  if (a.state === "looking" || b.state === "looking") {
    return a.zxid === b.zxid && a.electionEpoch === b.electionEpoch && a.peerEpoch === b.peerEpoch;
  }
  return a.version > 0 !== b.version > 0 || a.peerEpoch === b.peerEpoch;
}
