/**
 * What lies in a data directory, by name alone: snapshots, logs, leftovers of
 * writers that died. Which of it is good is for those to say who read it.
 */
import { type DataFileName, parseDataFileName } from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { Zxid } from "@jute-ts/zookeeper";
import { listNames, type Steps } from "./file-steps.js";

export interface SnapshotFile extends FilePath {
  readonly zxid: Zxid;
  readonly compression: DataFileName["compression"];
}

export interface LogFile extends FilePath {
  /** The zxid of its first record, as its name says. */
  readonly zxid: Zxid;
}

export interface DataDirectory {
  /** Newest first. */
  readonly snapshots: readonly SnapshotFile[];
  /** Oldest first. */
  readonly logs: readonly LogFile[];
  /** The zxid of a snapshot that was replacing everything when a process died. */
  readonly installing: Zxid | undefined;
  /** Files that were being written when a process died. None of them holds anything that was promised. */
  readonly leftovers: readonly FilePath[];
  /** The files by which an administrator lets an empty directory become a server that votes. */
  readonly initialize: readonly FilePath[];
  /** Whether the mark of what was synced is there. */
  readonly hasSyncedMark: boolean;
  /** Whether there is one beside the logs, left by an exchange or a copy of the directories. */
  readonly hasStrayMark: boolean;
  /** The epoch files beside the logs, likewise. */
  readonly strayEpochs: readonly string[];
  readonly listing: Listing;
}

/** What the two directories hold, by name. When they are one, both have all names. */
export interface Listing {
  readonly data: readonly string[];
  readonly log: readonly string[];
  readonly isShared: boolean;
}

/**
 * By this name an administrator says that an empty directory is a new server.
 * `zkServer-initialize.sh` leaves the file in `dataDir`; Java looks for it in `dataLogDir`.
 */
const INITIALIZE = "../initialize";

/**
 * How far the last log is known to be durable; see `synced-mark-file.ts`. It lies
 * beside the snapshots, so that it is seen when the directory of the logs is missing
 * or another one.
 */
export const SYNCED_MARK_FILE: FilePath = { directory: "data", name: "synced" };

/** What a file is called until it is whole. Java takes no such name for data. */
export function unfinishedName(name: string): string {
  return `unfinished-${name}${TEMPORARY_SUFFIX}`;
}

/** While a snapshot replaces everything else, a file with this name says so. */
export function installingMarkName(snapshot: string): string {
  return `${INSTALLING_PREFIX}${snapshot}`;
}

/** After the name of a file that will replace another. */
export const TEMPORARY_SUFFIX = ".tmp";

/** Looks at both directories, creating what is missing. */
export function* readDataDirectory(): Steps<DataDirectory> {
  const listing = yield* listBoth();
  const { data, log } = listing;
  return {
    snapshots: snapshotsIn(data),
    logs: logsIn(log),
    installing: installingIn(data),
    leftovers: data
      .filter((name) => LEFTOVER.test(name))
      .map((name) => ({ directory: "data", name })),
    initialize: initializeIn(listing),
    hasSyncedMark: data.includes(SYNCED_MARK_FILE.name),
    hasStrayMark: !listing.isShared && log.includes(SYNCED_MARK_FILE.name),
    strayEpochs: listing.isShared
      ? []
      : log.filter((name) => name === "acceptedEpoch" || name === "currentEpoch"),
    listing,
  };
}

function* listBoth(): Steps<Listing> {
  const data = yield* listNames("data");
  const log = yield* listNames("log");
  return { data: data.names, log: log.names, isShared: log.isShared === true };
}

function initializeIn({ data, log, isShared }: Listing): FilePath[] {
  const files: FilePath[] = [];
  if (data.includes(INITIALIZE)) files.push({ directory: "data", name: INITIALIZE });
  if (!isShared && log.includes(INITIALIZE)) files.push({ directory: "log", name: INITIALIZE });
  return files;
}

function installingIn(names: readonly string[]): Zxid | undefined {
  const mark = names.find((name) => name.startsWith(INSTALLING_PREFIX));
  return mark === undefined
    ? undefined
    : parseDataFileName(mark.slice(INSTALLING_PREFIX.length))?.zxid;
}

function snapshotsIn(names: readonly string[]): SnapshotFile[] {
  const files: SnapshotFile[] = [];
  for (const name of names) {
    const parsed = parseDataFileName(name);
    if (parsed?.kind !== "snapshot") continue;
    files.push({ directory: "data", name, zxid: parsed.zxid, compression: parsed.compression });
  }
  return files.sort((a, b) => compare(b.zxid, a.zxid));
}

function logsIn(names: readonly string[]): LogFile[] {
  const files: LogFile[] = [];
  for (const name of names) {
    const parsed = parseDataFileName(name);
    if (parsed?.kind === "log") files.push({ directory: "log", name, zxid: parsed.zxid });
  }
  return files.sort((a, b) => compare(a.zxid, b.zxid));
}

/** The logs that may hold records after `zxid`: from the last file that begins at it, after it or before it. */
export function logsBehind(logs: readonly LogFile[], zxid: Zxid): readonly LogFile[] {
  const notNeeded = logs.filter((log) => log.zxid <= zxid + 1n).length - 1;
  return logs.slice(Math.max(notNeeded, 0));
}

function compare(a: Zxid, b: Zxid): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const INSTALLING_PREFIX = "installing-";

/** Ours, and what Java calls a snapshot that it is writing. */
const LEFTOVER = /^(?:unfinished-.*|acceptedEpoch|currentEpoch|snapshot\..*)\.tmp$/u;
