/** Whether two looks at a peer show the same. */
import type { LearnerStatus, PeerStatus } from "@jute-ts/quorum";

export function isSameStatus(one: PeerStatus, other: PeerStatus): boolean {
  return (
    one.lastProcessedZxid === other.lastProcessedZxid &&
    one.lastCommittedZxid === other.lastCommittedZxid &&
    one.lastLoggedZxid === other.lastLoggedZxid &&
    one.lastDurableZxid === other.lastDurableZxid &&
    one.outstanding === other.outstanding &&
    one.role === other.role &&
    one.phase === other.phase &&
    one.serving === other.serving &&
    one.leader === other.leader &&
    one.epoch === other.epoch &&
    one.acceptedEpoch === other.acceptedEpoch &&
    one.currentEpoch === other.currentEpoch &&
    one.learners.length === other.learners.length &&
    one.learners.every((learner, index) => isSameLearner(learner, other.learners[index]))
  );
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
