/**
 * What must hold in every run, in one place: each invariant by the name that
 * violations bear, what it says, and where that is from. `INVARIANTS.md` is this
 * table as people read it; a test holds the two equal, and the table complete.
 */
import { markdownTable } from "../trace/markdown.js";

export interface Invariant {
  /** As `InvariantViolation` names it. */
  readonly name: string;
  readonly statement: string;
  /** The paper, specification or documentation that promises it. */
  readonly source: string;
  /** Who judges, as a path below `src` without its ending. A checker's file is named like the checker. */
  readonly file: string;
}

const ZAB = "Zab paper; `Zab.tla`";
const SYSTEM = "`ZkV3_7_0.tla`";
const GUARANTEES = "Programmer's Guide, Consistency Guarantees";
const EPHEMERAL = "Programmer's Guide, Ephemeral Nodes";
const API = "API documentation of `ZooKeeper` and `KeeperException.Code`";
const SEQUENCE = "Programmer's Guide, Sequence Nodes";
const ADMIN = "Administrator's Guide, Configuration Parameters";
const INTERNALS = "ZooKeeper Internals";
const OWN = "this package";

/** In the order in which checkers are asked; what the simulator itself watches comes last. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: "OneLeaderPerEpoch",
    statement: "At most one server at a time leads an epoch that a quorum has agreed on.",
    source: `${SYSTEM}: Leadership1`,
    file: "checkers/one-leader-per-epoch",
  },
  {
    name: "EpochEstablishedOnce",
    statement:
      "An epoch is established at most once, ever: not by two servers, nor twice by the same.",
    source: `${SYSTEM}: Leadership2`,
    file: "checkers/epoch-established-once",
  },
  {
    name: "LeaderLogCompleteness",
    statement:
      "The history that a leader begins with holds everything of earlier epochs that is committed, then or ever after.",
    source: `${SYSTEM}: leaderLogCompleteness`,
    file: "checkers/leader-log-completeness",
  },
  {
    name: "CommittedLogMonotonicity",
    statement:
      "The history of a leader whose epoch is established holds everything that was committed in earlier epochs.",
    source: `${SYSTEM}: monotonicity of the committed log`,
    file: "checkers/committed-log-monotonicity",
  },
  {
    name: "PrimaryIntegrity",
    statement:
      "Before a leader proposes anything, it has every txn of an earlier epoch that any server has delivered.",
    source: `${ZAB}: PrimaryIntegrity`,
    file: "checkers/primary-integrity",
  },
  {
    name: "ProcessConsistency",
    statement:
      "Once a learner's current epoch is the accepted one, its log is a prefix of its leader's.",
    source: `${SYSTEM}: processConsistency`,
    file: "checkers/process-consistency",
  },
  {
    name: "Integrity",
    statement:
      "Whatever is applied was proposed by the leader of its epoch, and is to the last byte what that leader proposed.",
    source: `${ZAB}: Integrity`,
    file: "checkers/integrity",
  },
  {
    name: "LocalPrimaryOrder",
    statement: "Txns of one leader are applied in the order in which it proposed them, each once.",
    source: `${ZAB}: LocalPrimaryOrder`,
    file: "checkers/local-primary-order",
  },
  {
    name: "GlobalPrimaryOrder",
    statement: "Txns of an earlier epoch are applied before those of a later one.",
    source: `${ZAB}: GlobalPrimaryOrder`,
    file: "checkers/global-primary-order",
  },
  {
    name: "TotalOrder",
    statement:
      "When one server applies a before b, every server that applies b has applied a before it.",
    source: `${ZAB}: TotalOrder`,
    file: "checkers/total-order",
  },
  {
    name: "Agreement",
    statement:
      "Of two txns that two servers have delivered, one of the servers has delivered both.",
    source: `${ZAB}: Agreement`,
    file: "checkers/agreement",
  },
  {
    name: "PrefixConsistency",
    statement:
      "What any server has delivered and what is committed are one history, of which one may have more.",
    source: `${ZAB}: PrefixConsistency`,
    file: "checkers/prefix-consistency",
  },
  {
    name: "CommittedLogDurability",
    statement: "What is committed stays on the disks of a quorum.",
    source: `${SYSTEM}: committedLogDurability`,
    file: "checkers/committed-log-durability",
  },
  {
    name: "ElectionConsistent",
    statement:
      "Within a round a vote changes for a better one only; a server that serves announces the epoch in which it serves.",
    source: `${INTERNALS}, Leader Election; ZOOKEEPER-1732`,
    file: "checkers/election-consistent",
  },
  {
    name: "ElectedByQuorum",
    statement:
      "Who ends an election was told by a quorum that it votes for this leader in the same round, or follows it already.",
    source: `${INTERNALS}, Leader Election`,
    file: "checkers/elected-by-quorum",
  },
  {
    name: "MessageLegal",
    statement: "On each link both sides say only what the conversation allows them to say next.",
    source: `${SYSTEM}: messageIllegal`,
    file: "checkers/message-legal",
  },
  {
    name: "DiscoveryQuorum",
    statement:
      "A leader offers an epoch that is new to a quorum, leaves discovery with the promises of a quorum, and nobody promises an epoch twice.",
    source: `${ZAB}: phase 1`,
    file: "checkers/discovery-quorum",
  },
  {
    name: "StateConsistent",
    statement:
      "A packet fits what its sender is doing, its epoch is the sender's, and what a learner keeps is part of the leader's history.",
    source: `${SYSTEM}: stateInconsistent`,
    file: "checkers/state-consistent",
  },
  {
    name: "ProposalConsistent",
    statement:
      "Each txn on a link follows what the learner has by then; a leader's proposals are numbered without a gap.",
    source: `${SYSTEM}: proposalInconsistent`,
    file: "checkers/proposal-consistent",
  },
  {
    name: "CommitConsistent",
    statement:
      "On each link txns are committed in the order of their proposals, none is left out, and no leader announces a commit that did not happen.",
    source: `${SYSTEM}: commitInconsistent`,
    file: "checkers/commit-consistent",
  },
  {
    name: "AckConsistent",
    statement:
      "A learner acknowledges what it was sent, in rising order and each txn once; its leader's epoch at most twice.",
    source: `${SYSTEM}: ackInconsistent`,
    file: "checkers/ack-consistent",
  },
  {
    name: "SyncConsistent",
    statement:
      "A sync is answered after everything that its leader had proposed by then, and before any commit after that.",
    source: `${GUARANTEES}: sync`,
    file: "checkers/sync-consistent",
  },
  {
    name: "NoNeedlessSnapshot",
    statement:
      "A leader sends no snapshot to a learner whose last txn it remembers, or has loaded from its log at its start.",
    source: `${ADMIN}: commitLogCount; ${OWN}`,
    file: "checkers/no-needless-snapshot",
  },
  {
    name: "EpochsOnDisk",
    statement:
      "After any crash the files of epochs hold epochs, written in plain digits; the current one and that of the last txn are at most the accepted one, which never goes back.",
    source: `${ZAB}: variables that survive a crash; ZOOKEEPER-4643`,
    file: "checkers/epochs-on-disk",
  },
  {
    name: "EpochHasHistory",
    statement:
      "A server that has followed a leader in some epoch does not start with neither a snapshot nor a log.",
    source: OWN,
    file: "checkers/epoch-has-history",
  },
  {
    name: "LogContinuity",
    statement:
      "A log has no hole, no torn end after a recovery, and nothing aborted once its server has synchronized.",
    source: `${INTERNALS}, Logging; ZOOKEEPER-2846, 1549`,
    file: "checkers/log-continuity",
  },
  {
    name: "EqualDigests",
    statement:
      "Servers that have applied up to the same txn have equal trees and sessions, in the end those that the committed txns make of an empty tree.",
    source: `${GUARANTEES}: Single System Image`,
    file: "checkers/equal-digests",
  },
  {
    name: "DiskEqualsMemory",
    statement:
      "What a disk holds gives the tree that memory has: at rest, after a snapshot, and before a server votes.",
    source: `${GUARANTEES}: Reliability; ZOOKEEPER-3642, 2845`,
    file: "checkers/disk-equals-memory",
  },
  {
    name: "DurabilityBarriers",
    statement:
      "Before a vote, an acknowledgement, an epoch or a commit is told to others, what it rests on is on disk.",
    source: `${INTERNALS}, Guarantees, Properties and Definitions`,
    file: "checkers/durability-barriers",
  },
  {
    name: "CommitQuorum",
    statement:
      "A leader commits when a quorum has acknowledged, each follower since it was last brought up to date.",
    source: `${ZAB}: phase 3`,
    file: "checkers/commit-quorum",
  },
  {
    name: "FewElections",
    statement: "Once everything is repaired, no server looks for a leader again and again.",
    source: `${GUARANTEES}: Timeliness`,
    file: "checkers/few-elections",
  },
  {
    name: "IsolatedLeader",
    statement:
      "A leader that hears from no quorum in sync with it stops serving within syncLimit; one whose proposals nobody acknowledges, within twice that.",
    source: `${ADMIN}: syncLimit`,
    file: "checkers/isolated-leader",
  },
  {
    name: "SilentLeader",
    statement:
      "A learner that serves and hears nothing from its leader leaves it within syncLimit.",
    source: `${ADMIN}: syncLimit`,
    file: "checkers/silent-leader",
  },
  {
    name: "PatientLearner",
    statement:
      "A learner tries to reach its leader five times or for initLimit; then it gives it initLimit since it was last heard from, syncLimit once it has its history, and no more.",
    source: `${ADMIN}: initLimit, syncLimit`,
    file: "checkers/patient-learner",
  },
  {
    name: "InformedVoters",
    statement:
      "Who looks for a leader tells its vote over each link that comes up, and to all again at intervals that double, asks every second for links, and waits for a better vote before it is through.",
    source: `${INTERNALS}, Leader Election`,
    file: "checkers/informed-voters",
  },
  {
    name: "StandsAside",
    statement:
      "A server whose quorum port cannot be opened does not vote for itself, nor lead, while others may; one that serves goes on, and who looks for a leader stands again when the port can be opened.",
    source: OWN,
    file: "checkers/stands-aside",
  },
  {
    name: "ClosedConnections",
    statement:
      "Leaders keep connections of learners that were heard from in time, a learner the one to its leader, and nobody else any.",
    source: OWN,
    file: "checkers/closed-connections",
  },
  {
    name: "OwedAnswers",
    statement:
      "A learner that owes its leader an answer to LEADERINFO, NEWLEADER or a proposal has asked something of its disk and waits for that.",
    source: OWN,
    file: "checkers/owed-answers",
  },
  {
    name: "TakenRequests",
    statement:
      "A server takes what its clients ask of the quorum as long as fewer requests wait for an answer than it was told, and refuses what comes then.",
    source: OWN,
    file: "checkers/taken-requests",
  },
  {
    name: "TimelyAcks",
    statement:
      "A leader gives up a follower that does not acknowledge, whatever else it says: after syncLimit for the proposal that is waited for, and as long again for later ones.",
    source: `${ADMIN}: syncLimit`,
    file: "checkers/timely-acks",
  },
  {
    name: "InitLimit",
    statement:
      "A leader gives whoever joins initLimit since it was last heard from, until it has the leader's history.",
    source: `${ADMIN}: initLimit`,
    file: "checkers/init-limit",
  },
  {
    name: "UndisturbedLeader",
    statement:
      "A leader that a quorum follows and that heard from it goes on, and keeps the connection of each follower that was heard from, whatever strangers say at its port.",
    source: OWN,
    file: "checkers/undisturbed-leader",
  },
  {
    name: "NoLockout",
    statement:
      "Once everything is repaired, a server that has promised a later epoch than the leader's gets in within one attempt's time, while that leader goes on.",
    source: "ZOOKEEPER-2354",
    file: "checkers/no-lockout",
  },
  {
    name: "BoundedResources",
    statement:
      "Whatever comes in, a peer neither grows without bound nor spins; of what was prepared it remembers nothing once that is applied, and of access control lists only those that there are.",
    source: OWN,
    file: "checkers/bounded-resources",
  },
  {
    name: "ComparedDigests",
    statement:
      "A server whose tree had the digest that its leader expects compares it after each txn from then on.",
    source: `${ADMIN}: digest.enabled`,
    file: "checkers/compared-digests",
  },
  {
    name: "HarmlessReports",
    statement:
      "Nothing that a peer itself reports as wrong passes: a digest that differs, a broken rule, a packet that nobody asked for.",
    source: OWN,
    file: "checkers/harmless-reports",
  },
  {
    name: "BrokenRules",
    statement:
      "Who reads what the protocol does not allow there closes that connection, names the rule to its operator, and does nothing else about it: a learner looks for a leader again, a leader goes on.",
    source: OWN,
    file: "checkers/broken-rules",
  },
  {
    name: "TruthfulReports",
    statement:
      "What a peer reports has happened, and of what it should report nothing happens untold: roles, votes, epochs, learners, what was recovered, written, cut and removed.",
    source: OWN,
    file: "checkers/truthful-reports",
  },
  {
    name: "TrueStatus",
    statement:
      "What a server shows of its leadership is what can be seen of it: who is connected, whether that is counted, how far it is, what has come from it and waits for it; and how many proposals and syncs wait.",
    source: OWN,
    file: "checkers/true-status",
  },
  {
    name: "WrittenLogs",
    statement:
      "A log is written as Apache's servers write it, to the byte, with the space that they allocate in advance; no more of it than allowed before an fsync; and the mark beside it says soon what is durable of it.",
    source: "FileTxnLog and FilePadding of Apache ZooKeeper 3.9; this package",
    file: "checkers/written-logs",
  },
  {
    name: "CutLogs",
    statement:
      "A learner that is told to cut its log after a txn that it has, and to which a snapshot leads, does so, and does not give up to ask for a whole snapshot.",
    source: OWN,
    file: "checkers/cut-logs",
  },
  {
    name: "RetainedFiles",
    statement:
      "Where old snapshots are removed, as many stay as a server was told to keep, at least three, with the logs that they need, and no others.",
    source:
      "Administrator's Guide, Advanced Configuration: autopurge.snapRetainCount, autopurge.purgeInterval; this package",
    file: "checkers/retained-files",
  },
  {
    name: "AckedWrites",
    statement:
      "The txn of an answer is committed, is the one that was asked for, and stays part of every member's history.",
    source: `${GUARANTEES}: Reliability`,
    file: "checkers/acked-writes",
  },
  {
    name: "ConsistentRegisters",
    statement: "Writes are linearizable, and reads show what a prefix of the writes has made.",
    source: `${GUARANTEES}: Sequential Consistency, Atomicity`,
    file: "checkers/consistent-registers",
  },
  {
    name: "CommittedRequests",
    statement:
      "Each committed txn is one request, done or refused with the error that the documentation asks for there.",
    source: API,
    file: "checkers/committed-requests",
  },
  {
    name: "SessionOrder",
    statement:
      "What a session asks of one server is carried out in its order; what its client has seen at a server never goes back there.",
    source: `${GUARANTEES}: Sequential Consistency, Single System Image`,
    file: "checkers/session-order",
  },
  {
    name: "EphemeralLifetimes",
    statement: "An ephemeral znode is there exactly as long as its session.",
    source: EPHEMERAL,
    file: "checkers/ephemeral-lifetimes",
  },
  {
    name: "SequentialNames",
    statement: "Sequential names are unique and rise, and a client is told the name that it got.",
    source: SEQUENCE,
    file: "checkers/sequential-names",
  },
  {
    name: "AtMostOnce",
    statement: "A request is carried out at most once, and never when it was refused.",
    source: `${GUARANTEES}: Atomicity, Reliability`,
    file: "checkers/at-most-once",
  },
  {
    name: "SessionLifetimes",
    statement:
      "A leader ends a session when its client was not heard from for its timeout, not earlier and not much later; servers pass on whom they hear; a session is asked for by its own server.",
    source: "Programmer's Guide, ZooKeeper Sessions; `KeeperException.Code`: SESSIONMOVED",
    file: "checkers/session-lifetimes",
  },
  {
    name: "DocumentedAnswers",
    statement:
      "A client is told what the documentation says of its request: error, path, every field of the stat, every part of a multi, every read.",
    source: `${API}; Programmer's Guide, ZooKeeper Stat Structure`,
    file: "checkers/documented-answers",
  },
  {
    name: "ClearedContainers",
    statement:
      "A leader looks for containers that have had children and have none, and removes them.",
    source: "Programmer's Guide, Container Nodes",
    file: "checkers/cleared-containers",
  },
  {
    name: "ShownConfigurations",
    statement:
      "Who begins to serve shows clients in `/zookeeper/config` the ensemble as it is, with its version as the txn that it is from.",
    source: OWN,
    file: "checkers/shown-configurations",
  },
  {
    name: "CoveredSnapshots",
    statement:
      "A snapshot gets its name when all that may be in it, since it is written beside running txns, is in the log, durably.",
    source: OWN,
    file: "checkers/covered-snapshots",
  },
  {
    name: "FinishedSnapshots",
    statement:
      "Where disks work, a snapshot that was begun gets its name, or is given up and removed.",
    source: OWN,
    file: "checkers/finished-snapshots",
  },
  {
    name: "DueSnapshots",
    statement:
      "A server that serves begins a snapshot after snapCount / 2 to snapCount txns, and ends its file with digest and last zxid where it was told to, those of the txn that was applied last.",
    source: "Administrator's Guide, Configuration Parameters: snapCount; this package",
    file: "checkers/due-snapshots",
  },
  {
    name: "DocumentedSnapshots",
    statement:
      "The file of a snapshot holds what the documentation makes of the committed requests up to the txn that names it, the lists of access control that its znodes have, and none beside.",
    source: OWN,
    file: "checkers/documented-snapshots",
  },
  {
    name: "DocumentedTrees",
    statement:
      "Every server's tree is what the documentation makes of the committed requests: data, stats, access control, children, sessions, digest, and the figures of znodes, bytes and ephemerals.",
    source: `Programmer's Guide, The ZooKeeper Data Model, ACLs; ${GUARANTEES}`,
    file: "checkers/documented-trees",
  },
  {
    name: "OrderedReplies",
    statement:
      "Each reply answers the oldest open request of its connection; what a client is shown never goes back, on whatever server it is.",
    source: `${GUARANTEES}: Sequential Consistency, Single System Image`,
    file: "client-port/checkers/ordered-replies",
  },
  {
    name: "AuthenticatedClients",
    statement:
      "A client that proves who it is, by digest, certificate or SASL, is told so, and refused where it does that wrongly; where proof is required, a connection without gets no request served, and is closed.",
    source: `${ADMIN}: enforce.auth.schemes, allowSaslFailedClients; RFC 2831`,
    file: "client-port/checkers/authenticated-clients",
  },
  {
    name: "DocumentedHandshakes",
    statement:
      "The first answer on a connection is what Apache's servers send: a session with the password that belongs to its id, or nothing; and whether only readers are served, to those who know of that.",
    source: "ZooKeeperServer of Apache ZooKeeper 3.9; API documentation of `java.util.Random`",
    file: "client-port/checkers/documented-handshakes",
  },
  {
    name: "DocumentedReplies",
    statement:
      "A read shows the tree as it is at the txn that its answer names, to those that may see it: never half of a multi. A write is answered with what its own txn has come to.",
    source: `${API}; ${GUARANTEES}: Atomicity`,
    file: "client-port/checkers/documented-replies",
  },
  {
    name: "TimelyWatches",
    statement:
      "A client hears of every change that it watches, once, in order, before any answer that shows it, and of nothing else nor of what it may not read; watches that are set again tell what was missed.",
    source: "Programmer's Guide, ZooKeeper Watches",
    file: "client-port/checkers/timely-watches",
  },
  {
    name: "LinearizableWrites",
    statement:
      "A write's txn comes after all that anybody had been told before it was asked for; so does what is shown after a sync under one leader.",
    source: GUARANTEES,
    file: "client-port/checkers/linearizable-writes",
  },
  {
    name: "EagerRefusals",
    statement:
      "A server that checks access control eagerly refuses without a txn what a client may not do by the tree as it is there, and hands on nothing of that; other servers refuse nothing so.",
    source: `${ADMIN}: enableEagerACLCheck`,
    file: "client-port/checkers/eager-refusals",
  },
  {
    name: "ForwardedRequests",
    statement:
      "A follower forwards no change that is wrong whatever the tree is; a leader answers such a change by a txn, as any other that fails.",
    source: "PrepRequestProcessor of Apache ZooKeeper 3.8; this package",
    file: "client-port/checkers/forwarded-requests",
  },
  {
    name: "KeptSessions",
    statement:
      "A session goes only to those that know its password, has an id and a timeout as agreed, and is over only when something has ended it; in calm, nobody loses a session or connection, and nobody has one that is not used.",
    source: "Programmer's Guide, ZooKeeper Sessions",
    file: "client-port/checkers/kept-sessions",
  },
  {
    name: "LocalSessions",
    statement:
      "A session that only its server knows is nobody else's, ends with its server's leader or after its timeout, and becomes one of the ensemble unchanged, when its client asks for an ephemeral.",
    source:
      "Administrator's Guide, Configuration Parameters: localSessionsEnabled, localSessionsUpgradingEnabled",
    file: "client-port/checkers/local-sessions",
  },
  {
    name: "ReadOnlyServers",
    statement:
      "A server without a leader serves readers only, as late as it was told to, and says so; it begins no session of the ensemble, goes on with none and calls none over; readers go when it has a leader, others when it has lost it.",
    source: "Administrator's Guide, Experimental Options/Features: Read Only Mode Server",
    file: "client-port/checkers/read-only-servers",
  },
  {
    name: "ClientsNeedLeader",
    statement:
      "A server that does not serve, because it has no leader or not yet the state of its epoch, keeps no connection of a client that it has answered.",
    source: `${GUARANTEES}: Timeliness`,
    file: "client-port/checkers/clients-need-leader",
  },
  {
    name: "ClientLimits",
    statement:
      "A server has no more requests of clients in process than it may, nor more bytes of large ones, begins no more sessions in a while than its connection throttle allows and refuses none that it allows, but by chance; and writes no more for a client at a time than it may.",
    source:
      "Administrator's Guide, Configuration Parameters: request_throttle_max_requests, connection_throttle_tokens",
    file: "client-port/checkers/client-limits",
  },
  {
    name: "TrueFigures",
    statement:
      "What a server shows of its clients is what can be seen of them from outside: connections, packets, sessions, latencies and counters; and nothing is left of those that are gone.",
    source:
      "Administrator's Guide, ZooKeeper Commands (cons, crst, dump, stat, wchc); ZooKeeper Monitor Guide",
    file: "client-port/checkers/true-figures",
  },
  {
    name: "BoundedMemory",
    statement:
      "What a server remembers for clients has a bound: lists of children that it keeps as it sends them, and connections of which something was asked, for as long as the quorum owes an answer; of connections that are gone it remembers nothing.",
    source: OWN,
    file: "client-port/checkers/bounded-memory",
  },
  {
    name: "AuditedChanges",
    statement:
      "Of each change that a client was told of, its server's audit log has said who asked for what and how it ended; and of each session's end, which ephemerals went with it.",
    source: "ZooKeeper Audit Logging",
    file: "client-port/checkers/audited-changes",
  },
  {
    name: "ConnectionLimits",
    statement:
      "A server takes no connection beyond those that one address, or all together, may have, and refuses none while there is room.",
    source: "Administrator's Guide, Configuration Parameters: maxClientCnxns, maxCnxns",
    file: "client-port/checkers/connection-limits",
  },
  {
    name: "TrueReasons",
    statement:
      "Each connection that a server closes it closes for a reason that there is, and that is true: of what came on the connection, what its client did elsewhere, the server's role, its limits or its tree.",
    source: "`ServerCnxn.DisconnectReason` of Apache ZooKeeper 3.9; this package",
    file: "client-port/checkers/true-reasons",
  },
  {
    name: "SilentConnections",
    statement:
      "A connection without a session is closed when its time for that is over, and one with a session when that has lasted in silence; neither is closed earlier without a reason.",
    source: "Administrator's Guide, Advanced Configuration: nio.sessionlessCnxnTimeout",
    file: "client-port/checkers/silent-connections",
  },
  {
    name: "ServedClients",
    statement: "After all faults are repaired, every client is served within a bound.",
    source: `${GUARANTEES}: Timeliness`,
    file: "client-port/client-rest",
  },
  {
    name: "ConfigurationTexts",
    statement:
      "A text that describes an ensemble is read as what it means, and its quorums are counted so; printed it means the same; two texts are the same ensemble when they mean the same; one with a mistake is refused, with the line of that.",
    source: "Administrator's Guide, Cluster Options; RFC 4291, section 2.2",
    file: "configurations/judge-texts",
  },
  {
    name: "ElectionBytes",
    statement:
      "Notifications and hellos are written as Apache's servers write them; all generations of them are read, however they come cut; what is none is refused.",
    source: "QuorumCnxManager and FastLeaderElection of Apache ZooKeeper 3.9",
    file: "election-bytes/judge-election-bytes",
  },
  {
    name: "PacketBytes",
    statement:
      "Packets of the quorum port are written as Apache's servers write them, and read, however they come cut; what is none is refused.",
    source: "Leader, Learner and LearnerHandler of Apache ZooKeeper 3.9",
    file: "packet-bytes/judge-packet-bytes",
  },
  {
    name: "FoundDirectories",
    statement:
      "A server starts from whatever crashes, Apache's servers and administrators leave in its data directory, with all of it that counts and nothing else; it refuses to start where something is missing that it may have promised.",
    source: "Administrator's Guide, Data File Management; `FileTxnSnapLog` of Apache ZooKeeper 3.9",
    file: "directories/judge-directories",
  },
  {
    name: "LiveDigests",
    statement:
      "A server tells its operator of each txn after which its state has another digest than the leader had, with both, and of no other.",
    source: OWN,
    file: "digests/judge-live-digests",
  },
  {
    name: "DrawnVotes",
    statement:
      "Whatever others tell it, a server that looks for a leader votes as the rules of elections say, tells each new vote, answers who is in an earlier round, and takes somebody for elected when a quorum says so, and not before.",
    source: "FastLeaderElection of Apache ZooKeeper 3.9",
    file: "votes/judge-votes",
  },
  {
    name: "DrawnTrees",
    statement:
      "Whatever is asked of a leader, under whatever settings, its tree is what the documentation makes of it, and so is one that comes of any snapshot and the log after it, also of one that was written while the tree changed; what can be no snapshot is refused.",
    source:
      "Programmer's Guide, The ZooKeeper Data Model; Administrator's Guide, Advanced Configuration; ZOOKEEPER-3306, 4306, 4846",
    file: "trees/judge-trees",
  },
  {
    name: "OwnDescriptor",
    statement:
      "A process reads, writes and syncs the file that it opened: none is closed while it is used, closed unsynced, or left open for good.",
    source: "POSIX, `open` and `close`",
    file: "world/descriptors",
  },
  {
    name: "KeepsRunning",
    statement: "A process stops by itself only when it was asked to, or when its disk has failed.",
    source: OWN,
    file: "faults/fault-runner",
  },
  {
    name: "Liveness",
    statement:
      "After all faults are repaired, the ensemble works again within a bound: one leader, all equal, a new write committed everywhere.",
    source: `${GUARANTEES}: Timeliness`,
    file: "faults/healing",
  },
  {
    name: "NoCrash",
    statement: "Neither a peer nor a checker throws.",
    source: OWN,
    file: "runs/run-seed",
  },
  {
    name: "Determinism",
    statement: "Two runs of a seed are equal (`--twice`).",
    source: OWN,
    file: "main",
  },
];

/** The table as the page shows it. */
export function describeInvariants(): string {
  const rows = INVARIANTS.map(({ name, statement, source, file }) => [
    name,
    statement,
    source,
    `[\`${file}.ts\`](src/${file}.ts)`,
  ]);
  const table = markdownTable(["invariant", "statement", "source", "file"], rows);
  return `${[PREFACE, table, SOURCES].join("\n\n")}\n`;
}

const PREFACE = `# What every simulated run is judged by

A run ends at the first violation of one of these invariants, which its report names. Each checker is
shown histories made by hand that it must refuse (\`src/checkers/refusals.test.ts\`).
Written from \`src/checkers/invariants.ts\`: \`UPDATE=1 npx vitest run packages/simulator/src/checkers/invariants.test.ts\`.`;

const SOURCES = `## Sources

- Zab paper: F. Junqueira, B. Reed and M. Serafini, "Zab: High-performance broadcast for primary-backup systems", DSN 2011.
- \`Zab.tla\` and \`ZkV3_7_0.tla\`: the specifications in \`zookeeper-specifications\` of Apache ZooKeeper's repository (\`protocol-spec\` and \`system-spec/zk-3.7\`).
- Programmer's Guide, Administrator's Guide, ZooKeeper Internals: the pages of those names in Apache ZooKeeper's documentation.
- ZOOKEEPER-n: Apache's issue with that number, which tells what was lost.`;
