/**
 * The file `synced` beside the snapshots: which log is being written, and how
 * much of it is known to be durable. With it, recovery can tell a record that a
 * crash tore, which nobody was promised, from one that rotted after it was; and a
 * directory of logs that is not the one it was, or not mounted.
 *
 * It must never say more than is true, and may always say less. So it is made
 * durable with 0 bytes before a log begins, it follows the log's fsyncs, some 20 ms
 * behind, without an fsync of its own, and it is gone, durably, before a log is removed. Before a
 * log is cut it says where: the power may fail when a part of what is cut off is
 * gone, and what is left of it looks like rot otherwise. Without a mark, or with
 * one of another log, recovery judges by the log alone.
 *
 * The power that fails while a record is torn may tear the mark as well. So there
 * are two places for it, written to in turn: one of them is always whole.
 */
import {
  decodeSyncedMark,
  encodeSyncedMark,
  parseDataFileName,
  type SyncedMark,
} from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import { type DataDirectory, SYNCED_MARK_FILE } from "./data-directory.js";
import {
  carryOut,
  DirectoryRefused,
  readSmallFile,
  type Steps,
  syncDirectory,
  syncFile,
} from "./file-steps.js";

export class SyncedMarkFile {
  private exists = false;
  /** Which place is written to next. */
  private next: 0 | 1 = 0;

  /** Looks whether there is a mark. Before anything else. */
  find({ hasSyncedMark }: DataDirectory): void {
    this.exists = hasSyncedMark;
  }

  /** Reads the mark that the last process left. Throws DirectoryRefused when the log that it names is missing. */
  *read(directory: DataDirectory): Steps<SyncedMark | undefined> {
    if (!this.exists && !directory.hasStrayMark) return undefined;
    const file = this.exists ? SYNCED_MARK_FILE : STRAY_MARK_FILE;
    const bytes = yield* readSmallFile(file, MORE_THAN_ANY_MARK);
    const marks = bytes === undefined ? [] : PLACES.flatMap((place) => markAt(bytes, place) ?? []);
    for (const mark of marks) requireLog(mark, directory);
    const newest = directory.logs.at(-1)?.name;
    // Both are true. A crash may have come while the first mark of a log replaced those of the last one.
    return (
      marks
        .filter(({ file }) => file === newest)
        .sort(byBytes)
        .at(-1) ?? marks[0]
    );
  }

  /** Removes a mark that lies beside the logs, durably: from now on it would say what is not true any more. */
  *removeStray({ hasStrayMark }: DataDirectory): Steps<void> {
    if (!hasStrayMark) return;
    yield* carryOut({ kind: "remove", file: STRAY_MARK_FILE });
    yield* syncDirectory(STRAY_MARK_FILE.directory);
  }

  /** Says, durably, that nothing of a log that begins now is durable yet. */
  *begin(logName: string): Steps<void> {
    yield* this.replace({ file: logName, bytes: 0 });
  }

  /** Says, durably, that what this log has after `size` bytes is going to be cut off. Those bytes have to be durable. */
  *beginCut(logName: string, size: number): Steps<void> {
    yield* this.replace({ file: logName, bytes: size, isCut: true });
  }

  /** Puts the mark in both places, durably. */
  private *replace(mark: SyncedMark): Steps<void> {
    if (!this.exists) yield* carryOut({ kind: "create", file: SYNCED_MARK_FILE });
    const bytes = new Uint8Array(PLACES.length * PLACE_BYTES);
    for (const place of PLACES) bytes.set(encodeSyncedMark(mark), place * PLACE_BYTES);
    this.next = 0;
    yield* carryOut({ kind: "write", file: SYNCED_MARK_FILE, offset: 0, bytes });
    yield* carryOut({ kind: "truncate", file: SYNCED_MARK_FILE, size: bytes.length });
    yield* syncFile(SYNCED_MARK_FILE);
    if (!this.exists) yield* syncDirectory(SYNCED_MARK_FILE.directory);
    this.exists = true;
  }

  /** Says how much of the log is durable now. The text only grows, so it replaces the one before the last whole. */
  *advance(logName: string, bytes: number): Steps<void> {
    const offset = this.next * PLACE_BYTES;
    this.next = this.next === 0 ? 1 : 0;
    yield* carryOut({
      kind: "write",
      file: SYNCED_MARK_FILE,
      offset,
      bytes: encodeSyncedMark({ file: logName, bytes }),
    });
  }

  /** Takes the mark back, durably: a log is going to be shorter than it says. */
  *forget(): Steps<void> {
    if (!this.exists) return;
    yield* carryOut({ kind: "remove", file: SYNCED_MARK_FILE });
    yield* syncDirectory(SYNCED_MARK_FILE.directory);
    this.exists = false;
  }
}

/**
 * A log of which something was durable does not go away by itself. Only where there
 * is a newer one has somebody gone on: ZooKeeper itself, which knows no marks.
 */
function requireLog({ file, bytes }: SyncedMark, { logs }: DataDirectory): void {
  const zxid = parseDataFileName(file)?.zxid ?? 0n;
  if (bytes === 0 || logs.some((log) => log.zxid >= zxid)) return;
  throw new DirectoryRefused(
    `${file} is missing, of which ${bytes} bytes had been synced: the directory of the logs is not the one that it was. ` +
      `Is its disk mounted? Has dataLogDir been changed, added or taken away in zoo.cfg? Set it as it was, or move the logs to where it points. ` +
      `If the log was removed on purpose, remove the file "synced" in version-2 of dataDir`,
  );
}

/** The mark in a place; undefined when it is torn, or none was written there. */
function markAt(bytes: Uint8Array, place: number): SyncedMark | undefined {
  const slot = bytes.subarray(place * PLACE_BYTES, (place + 1) * PLACE_BYTES);
  return decodeSyncedMark(slot.subarray(0, slot.indexOf(LINE_FEED) + 1));
}

function byBytes(one: SyncedMark, other: SyncedMark): number {
  return one.bytes - other.bytes;
}

/** Where a mark lies that was moved or copied together with logs. */
const STRAY_MARK_FILE: FilePath = { directory: "log", name: SYNCED_MARK_FILE.name };

const PLACES = [0, 1] as const;
/** More than the longest mark has. Both places lie in one sector. */
const PLACE_BYTES = 64;
const LINE_FEED = 0x0a;
const MORE_THAN_ANY_MARK = 256;
