/** Mutants of the storage: what is said to be on disk and is not, and what is left there. */
import type { RecoveredHistory } from "@jute-ts/quorum/internals/storage/storage-outcome.js";
import type { FileOperation, FileResult } from "@jute-ts/quorum/internals/file-operations.js";
import { History } from "@jute-ts/quorum/internals/history.js";
import { OpenFiles } from "@jute-ts/quorum/internals/open-files.js";
import { QuorumPeer } from "@jute-ts/quorum/internals/peer.js";
import type { PeerContext } from "@jute-ts/quorum/internals/peer-context.js";
import type { DataDirectory } from "@jute-ts/quorum/internals/storage/data-directory.js";
import { EpochFiles } from "@jute-ts/quorum/internals/storage/epoch-files.js";
import { FileLanes } from "@jute-ts/quorum/internals/storage/file-lanes.js";
import type { Steps } from "@jute-ts/quorum/internals/storage/file-steps.js";
import {
  HistoryLoader,
  type LoadedHistory,
} from "@jute-ts/quorum/internals/storage/history-loader.js";
import { LogCut } from "@jute-ts/quorum/internals/storage/log-cut.js";
import { LogWriter } from "@jute-ts/quorum/internals/storage/log-writer.js";
import { Purge } from "@jute-ts/quorum/internals/storage/purge.js";
import { Recovery } from "@jute-ts/quorum/internals/storage/recovery.js";
import { SnapshotFileWriter } from "@jute-ts/quorum/internals/storage/snapshot-file-writer.js";
import { SnapshotInstall } from "@jute-ts/quorum/internals/storage/snapshot-install.js";
import { SnapshotWriter } from "@jute-ts/quorum/internals/storage/snapshot-writer.js";
import { Storage } from "@jute-ts/quorum/internals/storage/storage.js";
import { SyncedMarkFile } from "@jute-ts/quorum/internals/storage/synced-mark-file.js";
import { LearnerSynchronization } from "@jute-ts/quorum/internals/synchronization/learner.js";
import type { LoggedTxn } from "@jute-ts/quorum/internals/replicated-state.js";
import type { Mutant } from "../runs/mutant.js";
import { all, nothing, patch, patchGetter, without } from "./patch.js";

interface ReplayedSoFar {
  readonly replayed: number;
}

const isSync = ({ kind }: FileOperation): boolean => kind === "sync";
const isSyncDirectory = ({ kind }: FileOperation): boolean => kind === "syncDirectory";

/** The mark of what is durable lies in the other directory. */
function isSyncOfLog(operation: FileOperation): boolean {
  return operation.kind === "sync" && operation.file.directory === "log";
}

function isSyncOfLogs(operation: FileOperation): boolean {
  return operation.kind === "syncDirectory" && operation.directory === "log";
}

/** Leaves some operations out of a sequence. */
function leaveOut(
  owner: { readonly name: string; readonly prototype: object },
  name: string,
  isLeftOut: (operation: FileOperation) => boolean,
): () => void {
  return patch(owner, name, (_self, original: (...args: unknown[]) => Steps<unknown>, ...args) =>
    without(original(...args), isLeftOut),
  );
}

export const storageMutants: readonly Mutant[] = [
  {
    name: "log-not-synced",
    bug: "Txns count as durable as soon as they are written: the fsync of the log is left out.",
    apply: () => leaveOut(LogWriter, "writeBatch", isSyncOfLog),
  },
  {
    name: "ZOOKEEPER-2003-log",
    bug: "A new log file is fsynced and its directory is not: after a power loss the file is gone.",
    apply: () => leaveOut(LogWriter, "writeBatch", isSyncOfLogs),
  },
  {
    name: "ZOOKEEPER-2003-epoch",
    bug: "An epoch file is renamed and its directory is not fsynced: after a power loss the old epoch is back.",
    apply: () => leaveOut(EpochFiles, "replace", isSyncDirectory),
  },
  {
    name: "ZOOKEEPER-1653",
    bug: "An epoch file is renamed before it is fsynced: after a power loss it is empty.",
    apply: () => leaveOut(EpochFiles, "writeTemporary", isSync),
  },
  {
    name: "ZOOKEEPER-2872",
    bug: "A snapshot gets its name before it is fsynced, and what it replaces is removed.",
    apply: () => leaveOut(SnapshotFileWriter, "write", isSync),
  },
  {
    name: "ZOOKEEPER-2846",
    bug: "After SNAP the old logs stay, aborted txns included.",
    apply: () =>
      all(
        patch(SnapshotInstall, "removeReplaced", nothing),
        patch(LogCut, "cutLogsBehind", nothing),
      ),
  },
  {
    name: "ZOOKEEPER-3701",
    bug: "Cutting the log fails and is taken as done.",
    apply: () => patch(LogCut, "shorten", nothing),
  },
  {
    name: "ZOOKEEPER-1549",
    bug: "A new leader writes a snapshot of its whole tree before a quorum has it, and TRUNC leaves it there.",
    apply: () =>
      all(
        patch(QuorumPeer, "lead", (self: QuorumPeer, original) => {
          original();
          const { storage }: PeerContext = self["context"];
          storage.allowSnapshots(true);
          storage.onApplied();
        }),
        patch(SnapshotWriter, "allow", (_self, original: (isAllowed: boolean) => void) => {
          original(true);
        }),
        patch(SnapshotWriter, "isDue", () => true),
        patch(LogCut, "removeSnapshotsBehind", nothing),
      ),
  },
  {
    name: "snapshot-ahead-of-log",
    bug: "A snapshot is published while the log does not hold all that is in it.",
    apply: () => patch(SnapshotWriter, "isCovered", () => true),
  },
  {
    name: "torn-tail-kept",
    bug: "The unfinished end of a log is left in place, and the next log begins behind it.",
    apply: () => patch(Recovery, "cutTornTail", nothing),
  },
  {
    name: "vote-from-page-cache",
    bug: "A restarted server votes for a log that was read from the page cache and never fsynced.",
    apply: () => patch(Recovery, "makeDurable", nothing),
  },
  {
    name: "ZOOKEEPER-2247",
    bug: "A write or fsync that failed counts as done: the server goes on with a memory that the disk does not have (4882).",
    apply: () =>
      patch(
        FileLanes,
        "onFileDone",
        (_self, original: (id: number, result: FileResult) => void, id: number, result) => {
          const isMissing = result.kind === "failed" && result.reason === "missing";
          original(id, result.kind === "failed" && !isMissing ? { kind: "done" } : result);
        },
      ),
  },
  {
    name: "files-closed-in-use",
    bug: "Of too many open files the oldest is closed, though another lane is about to write to it.",
    apply: () => patch(OpenFiles, "isInUse", () => false),
  },
  {
    name: "ZOOKEEPER-3642",
    bug: "After an interrupted SNAP the state in memory is kept, which the disk does not have.",
    apply: () => patchGetter(History, "isOnDisk", () => true),
  },
  {
    name: "ZOOKEEPER-4925",
    bug: "Txns that a learner took over are missing in its list of recent txns, and a later DIFF from it has a hole.",
    apply: () => {
      const synchronizing = new WeakSet();
      return all(
        patch(LearnerSynchronization, "logCommitted", (self: LearnerSynchronization, original) => {
          const { history }: PeerContext = self["context"];
          synchronizing.add(history);
          original();
          synchronizing.delete(history);
        }),
        patch(History, "remember", (self: History, original: (txn: LoggedTxn) => void, txn) => {
          if (!synchronizing.has(self)) original(txn);
        }),
      );
    },
  },
  {
    name: "recent-txns-forgotten",
    bug: "After a restart a server remembers none of the txns that it has read from its log.",
    apply: () =>
      patch(History, "reset", (_self, original: (history: RecoveredHistory) => void, history) => {
        original({ ...history, recentTxns: [] });
      }),
  },
  {
    name: "hole-not-noticed",
    bug: "Logs are replayed though txns between them are missing.",
    apply: () => patch(HistoryLoader, "requireNoHole", () => undefined),
  },
  {
    name: "hole-after-snapshot-not-noticed",
    bug: "The first txn that is replayed may be any after the snapshot.",
    apply: () =>
      patch(
        HistoryLoader,
        "requireNoHole",
        (
          _self: HistoryLoader,
          original: (replay: ReplayedSoFar, ...rest: unknown[]) => void,
          replay,
          ...rest
        ) => {
          if (replay.replayed > 0) original(replay, ...rest);
        },
      ),
  },
  {
    name: "damage-before-epoch-forgotten",
    bug: "A log that is damaged at its end may be followed by a new epoch, whatever it had held there.",
    apply: () => patch(HistoryLoader, "requireNothingLost", () => undefined),
  },
  {
    name: "epochs-of-other-times",
    bug: "A server starts whose accepted epoch is older than what it has, as files of different times are mixed.",
    apply: () => patch(Recovery, "requireAccepted", () => undefined),
  },
  {
    name: "beginning-without-place",
    bug: "Logs that are trusted begin at the first txn of all, wherever they begin.",
    apply: () =>
      patch(
        Recovery,
        "layBeginning",
        (_self, original: (loaded: LoadedHistory) => Steps<void>, loaded) =>
          original({ ...loaded, firstZxid: undefined }),
      ),
  },
  {
    name: "mark-not-read",
    bug: "What is known to be durable is not looked at: rot at the end of a log is taken for a torn write.",
    apply: () => patch(SyncedMarkFile, "read", nothing),
  },
  {
    name: "traces-not-explained",
    bug: "The digest of a snapshot that was written beside running traffic is reported at once.",
    apply: () =>
      patch(
        HistoryLoader,
        "compareWithLeader",
        (
          self: HistoryLoader,
          original: (replay: never, ...rest: never[]) => void,
          replay,
          ...rest
        ) => {
          self["reportUnexplained"](replay);
          original(replay, ...rest);
        },
      ),
  },
  {
    name: "installation-not-finished",
    bug: "A start forgets that a leader's snapshot was replacing everything when the process died.",
    apply: () => patch(SnapshotInstall, "finishInterrupted", nothing),
  },
  {
    name: "loss-not-noticed",
    bug: "A server that has lost its snapshots and logs starts as a new one.",
    apply: () => patch(Recovery, "requireNeverServed", nothing),
  },
  {
    name: "space-not-allocated",
    bug: "Logs grow by what is written, and each fsync has to write their size, too.",
    apply: () => patch(LogWriter, "extend", () => false),
  },
  {
    name: "snapshots-never-due",
    bug: "However many txns there are, no snapshot is written.",
    apply: () => patch(SnapshotWriter, "isDue", () => false),
  },
  {
    name: "one-snapshot-less",
    bug: "One snapshot less is kept than should be.",
    apply: () =>
      patch(
        Purge,
        "oldestKept",
        (
          _self: Purge,
          original: (directory: DataDirectory, retain: number) => Steps<unknown>,
          directory,
          retain,
        ) => original(directory, retain - 1),
      ),
  },
  {
    name: "cut-refused",
    bug: "A log is never cut: whoever is told to asks for a snapshot instead.",
    apply: () => patch(Storage, "tryToLoad", unreadable),
  },
];

/** What loading comes to when nothing can be read. */
// eslint-disable-next-line require-yield -- that is the point
function* unreadable(): Steps<string> {
  return "nothing can be read";
}
