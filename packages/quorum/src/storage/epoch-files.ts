/**
 * The files `acceptedEpoch` and `currentEpoch`. What is in memory follows the
 * disk, never the other way round (ZOOKEEPER-2307): until an epoch's file has its
 * name durably, this server has not promised it. The directory is synced too,
 * which Java leaves out (ZOOKEEPER-2003).
 */
import { decodeEpochFile, encodeEpochFile, EpochFileError } from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { Epoch } from "@jute-ts/zookeeper";
import { TEMPORARY_SUFFIX } from "./data-directory.js";
import {
  carryOut,
  DirectoryRefused,
  readSmallFile,
  type Steps,
  syncDirectory,
  syncFile,
} from "./file-steps.js";

export type EpochFileName = "acceptedEpoch" | "currentEpoch";

export class EpochFiles {
  private accepted: Epoch = 0;
  private current: Epoch = 0;

  /** As the disk has it. */
  get acceptedEpoch(): Epoch {
    return this.accepted;
  }

  /** As the disk has it. */
  get currentEpoch(): Epoch {
    return this.current;
  }

  /** Reads one of the files into memory. Undefined when it is missing; throws DirectoryRefused when it holds no epoch. */
  *read(name: EpochFileName): Steps<Epoch | undefined> {
    const bytes = yield* readSmallFile({ directory: "data", name }, MORE_THAN_ANY_EPOCH);
    if (bytes === undefined) return undefined;
    const epoch = this.decode(name, bytes);
    this.adopt(name, epoch);
    return epoch;
  }

  /**
   * Holds what was read to a file of the same name in the directory of the logs,
   * which a copied or exchanged directory may have. An older one is no harm; one that
   * knows more says that this one is not the last. Throws DirectoryRefused.
   */
  *requireNewest(name: EpochFileName, known: Epoch | undefined): Steps<void> {
    const bytes = yield* readSmallFile({ directory: "log", name }, MORE_THAN_ANY_EPOCH);
    if (bytes === undefined) return;
    const other = this.decode(`${name} in version-2 of dataLogDir`, bytes);
    if (known !== undefined && known >= other) return;
    throw new DirectoryRefused(
      `${name} in version-2 of dataLogDir is ${other}, and in version-2 of dataDir it is ${known ?? "missing"}: are dataDir and dataLogDir exchanged? ` +
        `Move the file to dataDir if it is this server's, or away`,
    );
  }

  /** Replaces the file: at every moment it holds the old epoch or the new one, whole. */
  *write(name: EpochFileName, epoch: Epoch): Steps<void> {
    const temporary: FilePath = { directory: "data", name: name + TEMPORARY_SUFFIX };
    yield* this.writeTemporary(temporary, epoch);
    yield* this.replace(temporary, name);
    this.adopt(name, epoch);
  }

  private *writeTemporary(temporary: FilePath, epoch: Epoch): Steps<void> {
    yield* carryOut({ kind: "create", file: temporary });
    const bytes = encodeEpochFile(epoch);
    yield* carryOut({ kind: "write", file: temporary, offset: 0, bytes });
    yield* syncFile(temporary);
  }

  private *replace(temporary: FilePath, name: EpochFileName): Steps<void> {
    yield* carryOut({ kind: "rename", file: temporary, to: name });
    yield* syncDirectory("data");
  }

  private adopt(name: EpochFileName, epoch: Epoch): void {
    if (name === "acceptedEpoch") this.accepted = epoch;
    else this.current = epoch;
  }

  private decode(name: string, bytes: Uint8Array): Epoch {
    try {
      return decodeEpochFile(bytes);
    } catch (error) {
      if (!(error instanceof EpochFileError)) throw error;
      throw new DirectoryRefused(
        `${name}: ${error.message}; an epoch must not be guessed: empty this data directory, and the server gets everything from the others`,
      );
    }
  }
}

const MORE_THAN_ANY_EPOCH = 4096;
