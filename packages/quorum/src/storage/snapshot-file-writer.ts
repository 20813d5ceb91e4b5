/**
 * Writes the state to a file that has no name yet by which anybody would take it
 * for a snapshot, and gives it that name in a second step. A snapshot thus exists
 * whole and durable or not at all.
 */
import { type SnapshotDigest, SnapshotFileEncoder, snapshotFileName } from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { ReplicatedState } from "../replicated-state.js";
import { NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { unfinishedName } from "./data-directory.js";
import { carryOut, type Steps, syncDirectory, syncFile } from "./file-steps.js";

export interface SnapshotFileWriterOptions {
  /** Whether the file ends with the digest, as since 3.6, and with the last zxid, as since 3.9. */
  readonly digestInSnapshots: boolean;
  readonly lastZxidInSnapshots: boolean;
}

/** A snapshot that is durable but not published. */
export interface UnpublishedSnapshot {
  readonly file: FilePath;
  /** The zxid of its name: everything up to here is in it. */
  readonly zxid: Zxid;
  /** The last txn of which traces may be in it. */
  readonly lastZxid: Zxid;
  readonly bytes: number;
}

export class SnapshotFileWriter {
  private readonly options: SnapshotFileWriterOptions;
  private readonly state: ReplicatedState;

  constructor(options: SnapshotFileWriterOptions, state: ReplicatedState) {
    this.options = options;
    this.state = state;
  }

  /**
   * Writes the state, piece by piece, while it may go on changing. When
   * `isWanted` says no, the file is removed and the result is undefined.
   */
  *write(isWanted: () => boolean): Steps<UnpublishedSnapshot | undefined> {
    const source = this.state.snapshot();
    const { zxid } = source;
    const file: FilePath = { directory: "data", name: unfinishedName(snapshotFileName(zxid)) };
    const encoder = new SnapshotFileEncoder();
    let size = 0;
    yield* carryOut({ kind: "create", file });
    let piece: Uint8Array | undefined = encoder.header();
    while (piece !== undefined) {
      yield* carryOut({ kind: "write", file, offset: size, bytes: piece });
      size += piece.length;
      if (!isWanted()) {
        yield* this.abandon(file);
        return undefined;
      }
      const next = source.next();
      piece = next === undefined ? undefined : encoder.body(next);
    }
    const lastZxid = this.state.lastProcessedZxid;
    const trailer = encoder.trailer({
      ...(this.options.digestInSnapshots ? { digest: this.digestAt(lastZxid) } : {}),
      ...(this.options.lastZxidInSnapshots ? { lastProcessedZxid: lastZxid } : {}),
    });
    yield* carryOut({ kind: "write", file, offset: size, bytes: trailer });
    yield* syncFile(file);
    return { file, zxid, lastZxid, bytes: size + trailer.length };
  }

  /** Clears the state and writes it, as what all txns after `zxid` began with. */
  *writeBeginning(zxid: Zxid): Steps<UnpublishedSnapshot> {
    this.state.clear();
    if (zxid !== NO_TXN) this.state.setLastProcessed(zxid);
    const snapshot = yield* this.write(() => true);
    if (snapshot === undefined) throw new Error("a snapshot that all wait for was abandoned");
    return snapshot;
  }

  /**
   * While the file was written, the state went on. What is in the file may fit no
   * single txn, but who replays the log after it comes to this one, and has this
   * digest then: that is when Java compares it.
   */
  private digestAt(lastZxid: Zxid): SnapshotDigest {
    const digest = lastZxid === NO_TXN ? 0n : BigInt.asIntN(64, this.state.digest());
    return { zxid: lastZxid, version: 2, digest };
  }

  /** Gives the file the name of a snapshot, durably. */
  *publish({ file, zxid }: UnpublishedSnapshot): Steps<void> {
    yield* carryOut({ kind: "rename", file, to: snapshotFileName(zxid) });
    yield* syncDirectory(file.directory);
  }

  /** Removes a file that nobody wants any more. That it is gone need not be durable. */
  *abandon(file: FilePath): Steps<void> {
    yield* carryOut({ kind: "remove", file });
  }
}
