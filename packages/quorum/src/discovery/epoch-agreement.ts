/**
 * How a new leader and a quorum agree on an epoch that none of them has seen,
 * and on a leader that lacks nothing: two tallies, one after the other. Pure
 * counting; who sends what lies beside it.
 */
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import { type Epoch, MAX_EPOCH, type Sid, type Zxid } from "@jute-ts/zookeeper";

/** How recent a server's history is: the epoch it last followed, then its last txn. */
export interface HistoryMark {
  readonly currentEpoch: Epoch;
  readonly lastZxid: Zxid;
}

/** Whether a history is more recent than another. */
export function isMoreRecent(a: HistoryMark, b: HistoryMark): boolean {
  if (a.currentEpoch !== b.currentEpoch) return a.currentEpoch > b.currentEpoch;
  return a.lastZxid > b.lastZxid;
}

/** The first tally: which epoch is new to a quorum. */
export class EpochProposal {
  private readonly verifier: QuorumVerifier;
  private readonly voters = new Set<Sid>();
  private readonly ownEpoch: Epoch;
  private best: Epoch;

  /**
   * The leader itself is the first to arrive. `latestEpochSeen`: what it has heard
   * of others in an earlier leadership; they may come again.
   */
  constructor(
    verifier: QuorumVerifier,
    leader: Sid,
    acceptedEpoch: Epoch,
    latestEpochSeen: Epoch = 0,
  ) {
    this.verifier = verifier;
    this.ownEpoch = acceptedEpoch;
    this.best = Math.max(acceptedEpoch, latestEpochSeen) + 1;
    if (verifier.voters.has(leader)) this.voters.add(leader);
  }

  /** One past every epoch that anyone who arrived has accepted, so no two leaders can share it. */
  get candidate(): Epoch {
    return this.best;
  }

  /**
   * Whether an epoch is believed. One that is far ahead of ours did not come about
   * by elections: following it would use up the epochs for good.
   */
  isBelievable(acceptedEpoch: Epoch): boolean {
    return acceptedEpoch < MAX_EPOCH && acceptedEpoch <= this.ownEpoch + MAX_EPOCH_JUMP;
  }

  /** A learner has arrived. Only voters bring the quorum nearer, but an observer's epoch is passed too. */
  arrive(sid: Sid, votes: boolean, acceptedEpoch: Epoch): void {
    this.best = Math.max(this.best, acceptedEpoch + 1);
    if (votes) this.voters.add(sid);
  }

  /** Whether a quorum has arrived. */
  get isDecided(): boolean {
    return this.verifier.containsQuorum(this.voters);
  }
}

/** The second tally: who has accepted the epoch and has no more than the leader has. */
export class EpochAcceptance {
  private readonly verifier: QuorumVerifier;
  private readonly leaderMark: HistoryMark;
  private readonly accepted = new Set<Sid>();

  constructor(verifier: QuorumVerifier, leader: Sid, leaderMark: HistoryMark) {
    this.verifier = verifier;
    this.leaderMark = leaderMark;
    if (verifier.voters.has(leader)) this.accepted.add(leader);
  }

  /** Whether the leader lacks something that this learner has, and so must not be followed by it. */
  isAhead(mark: HistoryMark): boolean {
    return isMoreRecent(mark, this.leaderMark);
  }

  /** A voter has accepted the epoch. */
  accept(sid: Sid): void {
    this.accepted.add(sid);
  }

  get isDecided(): boolean {
    return this.verifier.containsQuorum(this.accepted);
  }
}

/** How far an accepted epoch may be ahead of what the others know. */
const MAX_EPOCH_JUMP = 2 ** 20;
