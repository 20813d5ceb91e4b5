/**
 * What runs should reach sooner or later: every row of the decision tables, every
 * packet, effect, file operation, fault, error and option. Each table is complete by
 * its type, so that something new must be listed here before this compiles; what
 * cannot be reached says why.
 */
import type {
  Answer,
  Effect,
  FileOperation,
  Phase,
  Report,
  Role,
  StopReason,
  SyncReason,
} from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { ErrorCodeName } from "@jute-ts/zookeeper";
import { type Damage, FAULT_KINDS } from "../faults/faults.js";
import type { CoverageArea } from "../trace/coverage.js";

/** True for what must be reached; else why it cannot be. */
type Row = true | string;

const NO_RECONFIGURATION = "reconfiguration is off";
const ONLY_OTHERS = "only a server that breaks the rules gives reason for it";
const NOT_HERE = "no server of this package gives this answer to a change";

const PACKETS: Readonly<Record<OutgoingPacket["kind"], Row>> = {
  REQUEST: true,
  SYNCREQUEST: true,
  PROPOSAL: true,
  ACK: true,
  COMMIT: true,
  COMMITANDACTIVATE: NO_RECONFIGURATION,
  PING: true,
  PINGANSWER: true,
  REVALIDATE: true,
  REVALIDATED: true,
  SYNC: true,
  INFORM: true,
  INFORMANDACTIVATE: NO_RECONFIGURATION,
  NEWLEADER: true,
  FOLLOWERINFO: true,
  OBSERVERINFO: true,
  UPTODATE: true,
  DIFF: true,
  TRUNC: true,
  SNAP: true,
  LEADERINFO: true,
  ACKEPOCH: true,
  SNAPSHOTPIECE: true,
  SNAPSHOTEND: true,
};

const ROLES: Readonly<Record<Role, Row>> = {
  recovering: "peers begin with it, so it is never taken on",
  ending: true,
  looking: true,
  leading: true,
  following: true,
  observing: true,
  stopped: true,
};

const PHASES: Readonly<Record<Phase, Row>> = {
  discovery: true,
  synchronization: true,
  broadcast: true,
};

/** The rows of the table that says how a learner is brought up to date, each with its packet. */
const SYNC_ROWS: Readonly<Record<SyncReason, { readonly packet: string; readonly row: Row }>> = {
  equal: { packet: "DIFF", row: true },
  "in-memory": { packet: "DIFF", row: true },
  "learner-ahead": { packet: "TRUNC", row: true },
  "diverged-across-epochs": { packet: "SNAP", row: true },
  "too-far-behind": { packet: "SNAP", row: true },
  "too-much": { packet: "SNAP", row: true },
  "new-epoch": {
    packet: "DIFF",
    row: "our learners log no zxid at which an epoch begins; servers in Java do",
  },
  "diverged-in-epoch": {
    packet: "TRUNC",
    row: "nobody holds a txn of an epoch that the epoch's own log lacks in its middle",
  },
};

const REPORTS: Readonly<Record<Report["kind"], Row>> = {
  recovered: true,
  withoutVote: true,
  newerConfiguration: NO_RECONFIGURATION,
  laterEpoch: true,
  notCounted: true,
  roleChanged: true,
  voted: true,
  elected: true,
  epochAccepted: true,
  syncChosen: true,
  syncBegun: true,
  learnerSynced: true,
  learnerLost: true,
  serving: true,
  violation: true,
  ignored: true,
  snapshotWritten: true,
  logCut: true,
  digestMismatch: ONLY_OTHERS,
  removedFiles: true,
};

const EFFECTS: Readonly<Record<Effect["kind"], Row>> = {
  notify: true,
  connectElection: true,
  listen: true,
  stopListening: true,
  connect: true,
  send: true,
  closeConnection: true,
  file: true,
  answer: true,
  applied: true,
  report: true,
  stopped: "a process that stops does so whether it crashes then or not",
};

const FILE_OPERATIONS: Readonly<Record<FileOperation["kind"], Row>> = {
  list: true,
  read: true,
  create: true,
  write: true,
  sync: true,
  truncate: true,
  rename: true,
  remove: true,
  syncDirectory: true,
};

const ANSWERS: Readonly<Record<Answer["kind"], Row>> = {
  applied: true,
  synced: true,
  revalidated: true,
  refused: true,
  unknown: true,
};

const STOPS: Readonly<Record<StopReason["kind"], Row>> = {
  asked: true,
  disk: true,
  refusedToStart: true,
  unrecoverable: "no run is long enough to use up the epochs",
};

const ERRORS: Readonly<Record<ErrorCodeName, Row>> = {
  OK: true,
  SYSTEMERROR: NOT_HERE,
  RUNTIMEINCONSISTENCY: true,
  DATAINCONSISTENCY: NOT_HERE,
  CONNECTIONLOSS: NOT_HERE,
  MARSHALLINGERROR: true,
  UNIMPLEMENTED: true,
  OPERATIONTIMEOUT: NOT_HERE,
  BADARGUMENTS: true,
  UNKNOWNSESSION: NOT_HERE,
  NEWCONFIGNOQUORUM: NO_RECONFIGURATION,
  RECONFIGINPROGRESS: NO_RECONFIGURATION,
  APIERROR: NOT_HERE,
  NONODE: true,
  NOAUTH: true,
  BADVERSION: true,
  NOCHILDRENFOREPHEMERALS: true,
  NODEEXISTS: true,
  NOTEMPTY: true,
  SESSIONEXPIRED: true,
  INVALIDCALLBACK: NOT_HERE,
  INVALIDACL: true,
  AUTHFAILED: NOT_HERE,
  SESSIONMOVED: true,
  NOTREADONLY: NOT_HERE,
  EPHEMERALONLOCALSESSION: NOT_HERE,
  NOWATCHER: NOT_HERE,
  REQUESTTIMEOUT: NOT_HERE,
  RECONFIGDISABLED: true,
  SESSIONCLOSEDREQUIRESASLAUTH: NOT_HERE,
  QUOTAEXCEEDED: true,
  THROTTLEDOP: true,
};

const DAMAGES: readonly Damage[] = ["bit", "block", "misplaced", "missing"];

const MISSTATEMENTS: readonly string[] = [
  ...["malformed", "unexpected-packet", "zxid-order", "epoch", "identity", "limit", "needless"].map(
    (rule) => `${rule} for a leader`,
  ),
  ...[
    "malformed",
    "unexpected-packet",
    "zxid-order",
    "commit-order",
    "epoch",
    "limit",
    "needless",
  ].map((rule) => `${rule} for a learner`),
];

/** What coverage counts, by area. */
export const EXPECTED_COVERAGE: Readonly<Partial<Record<CoverageArea, readonly string[]>>> = {
  "packet sent": [
    ...reached(PACKETS),
    ...["looking", "leading", "following"].map((state) => `notification ${state}`),
  ],
  "packet read": reached(PACKETS),
  role: reached(ROLES),
  phase: ["leading", "following", "observing"].flatMap((role) =>
    reached(PHASES).map((phase) => `${role} ${phase}`),
  ),
  sync: [
    ...Object.entries(SYNC_ROWS)
      .filter(([, { row }]) => row === true)
      .map(([reason, { packet }]) => `${packet} ${reason}`),
    "SYNCs answered together",
  ],
  report: reached(REPORTS),
  fault: [
    ...FAULT_KINDS,
    ...["process", "power", "onceElected", "onceServing"].map((how) => `crash ${how}`),
    ...["runs", "stands"].map((clock) => `pause clock ${clock}`),
    ...["one", "halves", "ring", "asymmetric", "swizzle"].map((shape) => `partition ${shape}`),
    ...["both", "incoming", "outgoing"].map((directions) => `isolate ${directions}`),
    ...["quorum", "election"].map((layer) => `cut ${layer}`),
    ...["looking", "settled"].map((state) => `halfOpen towards a ${state} peer`),
    ...["leading", "following", "observing"].map((role) => `halfOpen of one ${role}`),
    ...["alone", "in turn"].map((how) => `stop ${how}`),
    ...["alone", "of all but one"].map((how) => `hungDisk ${how}`),
    "fullDisk outlasts a process",
    ...["copy", "told to vote"].map((what) => `olderDisk ${what}`),
    ...["log", "snapshot"].flatMap((file) => DAMAGES.map((how) => `damage ${how} of a ${file}`)),
    ...["snapshot, not needed", "log, not needed", "log, needed"].map(
      (file) => `damage missing of an older ${file}`,
    ),
    ...MISSTATEMENTS.map((what) => `misstatement ${what}`),
    "damage history of a disk",
    "damage refused",
  ],
  "crash during file operation": reached(FILE_OPERATIONS),
  "crash before effect": reached(EFFECTS),
  "file failure": reached(FILE_OPERATIONS).filter((operation) => operation !== "list"),
  stop: reached(STOPS),
  answer: reached(ANSWERS),
  error: reached(ERRORS),
  ensemble: [
    ...[1, 2, 3, 4, 5, 6, 7].map((count) => `${count} voters`),
    ...[0, 1, 2].map((count) => `${count} observers`),
    ...["majority", "groups", "weights"],
    ...["members differ", "disks may be replaced", "identities are proven", "disks begin full"],
    ...["quotas are counted", "quotas are enforced"],
    ...["reconfigured before", "lists name logins", "unused containers end"],
  ],
  option: [
    ...[1, 2, 5, 20, 500].map((count) => `commitLogCount ${count}`),
    ...[1, 3, 20, 10_000].map((count) => `maxWaitingRequests ${count}`),
    ...[4, 15, 50, 200, 100_000].map((count) => `snapCount ${count}`),
    ...["purges after snapshots", "purges by the clock"],
    ...["liveBeforeUpToDate", "autocreate", "digests"].flatMap((name) => [
      `${name} true`,
      `${name} false`,
    ]),
  ],
};

function reached(rows: Readonly<Record<string, Row>>): string[] {
  return Object.entries(rows)
    .filter(([, row]) => row === true)
    .map(([name]) => name);
}
