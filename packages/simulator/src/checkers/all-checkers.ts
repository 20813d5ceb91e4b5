/** All that judges a simulated run: one checker for each invariant, new for each run. */
import { epochOf } from "@jute-ts/zookeeper";
import type { Checker } from "./checker.js";
import { AckConsistent } from "./ack-consistent.js";
import { Agreement } from "./agreement.js";
import { AckedWrites } from "./acked-writes.js";
import { ConsistentRegisters } from "./consistent-registers.js";
import { SessionLifetimes } from "./session-lifetimes.js";
import { SessionOrder } from "./session-order.js";
import { EphemeralLifetimes } from "./ephemeral-lifetimes.js";
import { SequentialNames } from "./sequential-names.js";
import { AtMostOnce } from "./at-most-once.js";
import { ComparedDigests } from "./compared-digests.js";
import { CommittedTxns } from "../model/committed-txns.js";
import { GhostOperations } from "../model/ghost-operations.js";
import { FewElections } from "./few-elections.js";
import { IsolatedLeader } from "./isolated-leader.js";
import { ClearedContainers } from "./cleared-containers.js";
import { InitLimit } from "./init-limit.js";
import { TimelyAcks } from "./timely-acks.js";
import { UndisturbedLeader } from "./undisturbed-leader.js";
import { NoLockout } from "./no-lockout.js";
import { BoundedResources } from "./bounded-resources.js";
import { attemptMs } from "../faults/healing.js";
import type { WorldSettings } from "../world/settings.js";
import { CommitConsistent } from "./commit-consistent.js";
import { CommitQuorum } from "./commit-quorum.js";
import { DueSnapshots } from "./due-snapshots.js";
import { RetainedFiles } from "./retained-files.js";
import { WrittenLogs } from "./written-logs.js";
import { FinishedSnapshots } from "./finished-snapshots.js";
import { CutLogs } from "./cut-logs.js";
import { CoveredSnapshots } from "./covered-snapshots.js";
import { CommittedRequests } from "./committed-requests.js";
import { CommittedLogDurability } from "./committed-log-durability.js";
import { CommittedLogMonotonicity } from "./committed-log-monotonicity.js";
import { EpochHasHistory } from "./epoch-has-history.js";
import { EpochsOnDisk } from "./epochs-on-disk.js";
import { LogContinuity } from "./log-continuity.js";
import { DiskEqualsMemory } from "./disk-equals-memory.js";
import { EqualDigests } from "./equal-digests.js";
import { DocumentedAnswers } from "./documented-answers.js";
import { DocumentedSnapshots } from "./documented-snapshots.js";
import { DocumentedTrees } from "./documented-trees.js";
import { DurabilityBarriers } from "./durability-barriers.js";
import { DiscoveryQuorum } from "./discovery-quorum.js";
import { ElectedByQuorum } from "./elected-by-quorum.js";
import { ElectionConsistent } from "./election-consistent.js";
import { GhostDigests } from "../model/ghost-digests.js";
import { type Ghosts, newGhosts } from "../model/ghosts.js";
import { GlobalPrimaryOrder } from "./global-primary-order.js";
import { HarmlessReports } from "./harmless-reports.js";
import { Integrity } from "./integrity.js";
import { LeaderLogCompleteness } from "./leader-log-completeness.js";
import { NoNeedlessSnapshot } from "./no-needless-snapshot.js";
import { OneLeaderPerEpoch } from "./one-leader-per-epoch.js";
import { EpochEstablishedOnce } from "./epoch-established-once.js";
import { LocalPrimaryOrder } from "./local-primary-order.js";
import { MessageLegal } from "./message-legal.js";
import { PrefixConsistency } from "./prefix-consistency.js";
import { PrimaryIntegrity } from "./primary-integrity.js";
import { ProcessConsistency } from "./process-consistency.js";
import { ProposalConsistent } from "./proposal-consistent.js";
import { SilentLeader } from "./silent-leader.js";
import { TrueStatus } from "./true-status.js";
import { TruthfulReports } from "./truthful-reports.js";
import { OwedAnswers } from "./owed-answers.js";
import { PatientLearner } from "./patient-learner.js";
import { InformedVoters } from "./informed-voters.js";
import { BrokenRules } from "./broken-rules.js";
import { ClosedConnections } from "./closed-connections.js";
import { ShownConfigurations } from "./shown-configurations.js";
import { StandsAside } from "./stands-aside.js";
import { StateConsistent } from "./state-consistent.js";
import { SyncConsistent } from "./sync-consistent.js";
import { TakenRequests } from "./taken-requests.js";
import { TotalOrder } from "./total-order.js";

/**
 * New checkers for one run, in the order in which they must be asked: what keeps
 * account of the truth comes before those that judge by it.
 */
export function allCheckers(settings: WorldSettings): Checker[] {
  const ghosts = newGhosts(settings.firstZxid);
  const { operations, committed, requests } = modelsOfTxns(settings, ghosts);
  return [
    ...checkersOfProtocol(settings, ghosts),
    operations,
    committed,
    new AckedWrites(ghosts.history, committed),
    new ConsistentRegisters(operations, committed),
    requests,
    new SessionOrder(operations, committed, requests),
    ...checkersOfTxns(settings, committed, operations),
    new DocumentedAnswers(requests),
    ...checkersOfTrees(settings, requests, ghosts),
  ];
}

/** What judges the committed txns and the trees that come of them, and what else can be judged by. The protocol is left to others. */
export function txnCheckers(settings: WorldSettings): {
  readonly checkers: readonly Checker[];
  readonly requests: CommittedRequests;
  readonly committed: CommittedTxns;
} {
  const ghosts = newGhosts(settings.firstZxid);
  const { operations, committed, requests } = modelsOfTxns(settings, ghosts);
  const checkers = [
    ghosts.history,
    // What a server finds on its disk may be seen nowhere else.
    ghosts.disks,
    operations,
    committed,
    requests,
    new SessionOrder(operations, committed, requests),
    ...checkersOfTxns(settings, committed, operations),
    ...checkersOfTrees(settings, requests, ghosts),
  ];
  return { checkers, requests, committed };
}

function modelsOfTxns(settings: WorldSettings, { history }: Ghosts) {
  const operations = new GhostOperations();
  const committed = new CommittedTxns(history);
  const requests = new CommittedRequests(operations, committed, {
    extendedTypes: settings.extendedTypes,
    enforcesQuotas: settings.quotas === "enforced",
    knowsLogins: settings.knowsLogins,
    leaderOf:
      settings.peer.localSessions === true
        ? (zxid) => history.leadership(epochOf(zxid))?.leader
        : undefined,
  });
  return { operations, committed, requests };
}

function checkersOfTxns(
  settings: WorldSettings,
  committed: CommittedTxns,
  operations: GhostOperations,
): Checker[] {
  return [
    new EphemeralLifetimes(committed, settings.peer.maxPacketBytes),
    new SequentialNames(committed),
    new AtMostOnce(committed, operations),
    new SessionLifetimes(operations, {
      ...settings.peer,
      timerLatenessMs: settings.timerLatenessMs,
    }),
  ];
}

function checkersOfTrees(
  settings: WorldSettings,
  requests: CommittedRequests,
  ghosts: Ghosts,
): Checker[] {
  return [
    new ClearedContainers(requests, {
      overdueIntervalMs: settings.peer.overdueIntervalMs ?? 60_000,
      timerLatenessMs: settings.timerLatenessMs,
    }),
    new ShownConfigurations(),
    new CoveredSnapshots(ghosts),
    new FinishedSnapshots({ ...settings.peer, ...settings.disk }),
    new DueSnapshots(),
    new DocumentedSnapshots(requests, ghosts.history, settings.firstZxid),
    new DocumentedTrees(requests, ghosts.history, settings),
  ];
}

/** Those that judge the protocol, whatever it replicates: for a state that is not ZooKeeper's tree. */
export function protocolCheckers(settings: WorldSettings): Checker[] {
  return checkersOfProtocol(settings, newGhosts(settings.firstZxid));
}

function checkersOfProtocol(settings: WorldSettings, ghosts: Ghosts): Checker[] {
  const { peer, timerLatenessMs } = settings;
  const { history, disks, links } = ghosts;
  const digests = new GhostDigests();
  return [
    history,
    disks,
    digests,
    new OneLeaderPerEpoch(),
    new EpochEstablishedOnce(),
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
    new ElectedByQuorum(),
    new MessageLegal(links),
    new DiscoveryQuorum(links),
    new StateConsistent(ghosts),
    new ProposalConsistent(ghosts),
    new CommitConsistent(ghosts),
    new AckConsistent(links),
    new SyncConsistent(links),
    new NoNeedlessSnapshot(history, settings.firstZxid, remembered(settings)),
    new EpochsOnDisk(ghosts),
    new EpochHasHistory(),
    new LogContinuity(ghosts),
    new EqualDigests(digests, history),
    new DiskEqualsMemory(ghosts, digests),
    new DurabilityBarriers(ghosts),
    new CommitQuorum(ghosts),
    new FewElections(),
    new IsolatedLeader({ ...peer, timerLatenessMs }),
    new SilentLeader({ ...peer, timerLatenessMs }),
    new PatientLearner({ ...peer, timerLatenessMs }),
    new InformedVoters({ ...peer, timerLatenessMs }),
    new StandsAside(),
    new ClosedConnections({ ...peer, timerLatenessMs }),
    new OwedAnswers(),
    new TakenRequests(peer),
    new TimelyAcks({ ...peer, timerLatenessMs }),
    new InitLimit(peer),
    new UndisturbedLeader(peer),
    new NoLockout(attemptMs(settings)),
    new BoundedResources(),
    new ComparedDigests(),
    new HarmlessReports(),
    new BrokenRules(),
    new TruthfulReports({ ...peer, ...settings.disk }),
    new TrueStatus(),
    new WrittenLogs({ timerLatenessMs }),
    new CutLogs(ghosts),
    new RetainedFiles({ ...peer, ...settings.disk }),
  ];
}

/** How many recent txns every server keeps in memory, whatever its own settings are. */
function remembered({ isMixed, peer }: WorldSettings): number {
  return isMixed ? 1 : (peer.commitLogCount ?? DEFAULT_COMMIT_LOG_COUNT);
}

const DEFAULT_COMMIT_LOG_COUNT = 500;

/** Whether a checker judges. The others, called ghosts, only keep account of what happened. */
export function isJudge({ name }: Checker): boolean {
  return !name.startsWith("ghost-");
}
