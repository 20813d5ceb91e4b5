/** Whether two looks at a peer show the same. */
import type { LearnerStatus, PeerStatus } from "@jute-ts/quorum";

export function isSameStatus(one: PeerStatus, other: PeerStatus): boolean {
  return (
    one.lastProcessedZxid === other.lastProcessedZxid &&
    one.lastCommittedZxid === other.lastCommittedZxid &&
    one.lastLoggedZxid === other.lastLoggedZxid &&
    one.lastDurableZxid === other.lastDurableZxid &&
    one.outstanding === other.outstanding &&
    one.pendingSyncs === other.pendingSyncs &&
    one.role === other.role &&
    one.phase === other.phase &&
    one.serving === other.serving &&
    one.leader === other.leader &&
    one.epoch === other.epoch &&
    one.acceptedEpoch === other.acceptedEpoch &&
    one.currentEpoch === other.currentEpoch &&
    areSameLearners(one.learners, other.learners)
  );
}

function areSameLearners(one: readonly LearnerStatus[], other: readonly LearnerStatus[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) {
    const learner = one[at];
    if (learner !== undefined && !isSameLearner(learner, other[at])) return false;
  }
  return true;
}

function isSameLearner(one: LearnerStatus, other: LearnerStatus | undefined): boolean {
  return (
    one.sid === other?.sid &&
    one.role === other?.role &&
    one.votes === other.votes &&
    one.stage === other.stage &&
    one.lastAckedZxid === other.lastAckedZxid
  );
}
