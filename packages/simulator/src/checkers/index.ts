/** All that judges a simulated run: one checker for each invariant, new for each run. */
import type { Checker } from "./checker.js";
import { AckConsistent } from "./ack-consistent.js";
import { Agreement } from "./agreement.js";
import { AckedWrites } from "./c1-acked-writes.js";
import { ConsistentRegisters } from "./c2-consistent-registers.js";
import { SessionOrder } from "./c3-session-order.js";
import { Ephemerals } from "./c5-ephemerals.js";
import { SequentialNames } from "./c6-sequential-names.js";
import { AtMostOnce } from "./c7-at-most-once.js";
import { CommittedTxns } from "./committed-txns.js";
import { GhostOperations } from "./ghost-operations.js";
import { FewElections } from "./l4-few-elections.js";
import { IsolatedLeader } from "./l5-isolated-leader.js";
import { UndisturbedLeader } from "./l6-undisturbed-leader.js";
import { NoLockout } from "./l7-no-lockout.js";
import { BoundedResources } from "./r1-bounded-resources.js";
import { attemptMs } from "../faults/healing.js";
import type { WorldSettings } from "../world/settings.js";
import { CommitConsistent } from "./commit-consistent.js";
import { CommitQuorum } from "./commit-quorum.js";
import { CommittedLogDurability } from "./committed-log-durability.js";
import { CommittedLogMonotonicity } from "./committed-log-monotonicity.js";
import { EpochsOnDisk } from "./d1-epochs.js";
import { LogContinuity } from "./d2-log-continuity.js";
import { DiskEqualsMemory } from "./d3-disk-equals-memory.js";
import { EqualDigests } from "./d4-equal-digests.js";
import { DurabilityBarriers } from "./d5-durability-barriers.js";
import { DiscoveryQuorum } from "./discovery-quorum.js";
import { ElectionConsistent } from "./election-consistent.js";
import { GhostDigests } from "./ghost-digests.js";
import { newGhosts } from "./ghosts.js";
import { GlobalPrimaryOrder } from "./global-primary-order.js";
import { Integrity } from "./integrity.js";
import { LeaderLogCompleteness } from "./leader-log-completeness.js";
import { Leadership1 } from "./leadership-1.js";
import { Leadership2 } from "./leadership-2.js";
import { LocalPrimaryOrder } from "./local-primary-order.js";
import { MessageLegal } from "./message-legal.js";
import { PrefixConsistency } from "./prefix-consistency.js";
import { PrimaryIntegrity } from "./primary-integrity.js";
import { ProcessConsistency } from "./process-consistency.js";
import { ProposalConsistent } from "./proposal-consistent.js";
import { StateConsistent } from "./state-consistent.js";
import { SyncConsistent } from "./sync-consistent.js";
import { TotalOrder } from "./total-order.js";

/**
 * New checkers for one run, in the order in which they must be asked: what keeps
 * account of the truth comes before those that judge by it.
 */
export function allCheckers(settings: WorldSettings): Checker[] {
  const { peer, timerLatenessMs } = settings;
  const ghosts = newGhosts();
  const { history, disks, links } = ghosts;
  const digests = new GhostDigests();
  const operations = new GhostOperations();
  const committed = new CommittedTxns(history);
  return [
    history,
    disks,
    digests,
    operations,
    committed,
    new Leadership1(),
    new Leadership2(),
    new LeaderLogCompleteness(history),
    new CommittedLogMonotonicity(history),
    new PrimaryIntegrity(history),
    new ProcessConsistency(history),
    new Integrity(history),
    new LocalPrimaryOrder(),
    new GlobalPrimaryOrder(),
    new TotalOrder(history),
    new Agreement(history),
    new PrefixConsistency(history),
    new CommittedLogDurability(ghosts),
    new ElectionConsistent(),
    new MessageLegal(links),
    new DiscoveryQuorum(links),
    new StateConsistent(ghosts),
    new ProposalConsistent(ghosts),
    new CommitConsistent(ghosts),
    new AckConsistent(links),
    new SyncConsistent(links),
    new EpochsOnDisk(ghosts),
    new LogContinuity(ghosts),
    new EqualDigests(digests, history),
    new DiskEqualsMemory(ghosts, digests),
    new DurabilityBarriers(ghosts),
    new CommitQuorum(ghosts),
    new AckedWrites(history, committed),
    new ConsistentRegisters(operations, committed),
    new SessionOrder(operations, committed),
    new Ephemerals(committed, peer.maxPacketBytes),
    new SequentialNames(committed),
    new AtMostOnce(committed),
    new FewElections(),
    new IsolatedLeader({ ...peer, timerLatenessMs }),
    new UndisturbedLeader(peer),
    new NoLockout(attemptMs(settings)),
    new BoundedResources(),
  ];
}
