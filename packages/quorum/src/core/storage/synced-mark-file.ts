/**
 * The file `synced` in the log directory: which log is being written, and how
 * much of it is known to be durable. With it, recovery can tell a record that a
 * crash tore, which nobody was promised, from one that rotted after it was.
 *
 * It must never say more than is true, and may always say less. So it is made
 * durable with 0 bytes before a log begins, it follows the log's fsyncs without
 * an fsync of its own, and it is gone, durably, before a log is cut. Without it,
 * or with one that is torn or of another log, recovery judges by the log alone.
 */
import { decodeSyncedMark, encodeSyncedMark, type SyncedMark } from "@jute-ts/persistence";
import { type DataDirectory, SYNCED_MARK_FILE } from "./data-directory.js";
import { carryOut, readSmallFile, type Steps, syncDirectory, syncFile } from "./file-steps.js";

export class SyncedMarkFile {
  #exists = false;

  /** Reads the mark that the last process left. */
  *read(directory: DataDirectory): Steps<SyncedMark | undefined> {
    this.#exists = directory.hasSyncedMark;
    if (!this.#exists) return undefined;
    const bytes = yield* readSmallFile(SYNCED_MARK_FILE, MORE_THAN_ANY_MARK);
    return bytes === undefined ? undefined : decodeSyncedMark(bytes);
  }

  /** Says, durably, that nothing of a log that begins now is durable yet. */
  *begin(logName: string): Steps<void> {
    if (!this.#exists) yield* carryOut({ kind: "create", file: SYNCED_MARK_FILE });
    const bytes = encodeSyncedMark({ file: logName, bytes: 0 });
    yield* carryOut({ kind: "write", file: SYNCED_MARK_FILE, offset: 0, bytes });
    yield* carryOut({ kind: "truncate", file: SYNCED_MARK_FILE, size: bytes.length });
    yield* syncFile(SYNCED_MARK_FILE);
    if (!this.#exists) yield* syncDirectory(SYNCED_MARK_FILE.directory);
    this.#exists = true;
  }

  /** Says how much of the log is durable now. The text only grows, so it replaces the former one whole. */
  *advance(logName: string, bytes: number): Steps<void> {
    yield* carryOut({
      kind: "write",
      file: SYNCED_MARK_FILE,
      offset: 0,
      bytes: encodeSyncedMark({ file: logName, bytes }),
    });
  }

  /** Takes the mark back, durably: a log is going to be shorter than it says. */
  *forget(): Steps<void> {
    if (!this.#exists) return;
    yield* carryOut({ kind: "remove", file: SYNCED_MARK_FILE });
    yield* syncDirectory(SYNCED_MARK_FILE.directory);
    this.#exists = false;
  }
}

const MORE_THAN_ANY_MARK = 256;
