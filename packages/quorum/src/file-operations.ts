/**
 * What the core asks of a disk: the smallest steps, each an effect of its own,
 * because a crash can come between any two of them. The core decides what is
 * written where and when it is durable; whoever carries the operations out only
 * obeys.
 *
 * Nothing is durable by being written. A file's bytes are durable after `sync`
 * of the file; that it exists, has its name, or is gone, after `syncDirectory`.
 */

/** Where a file lies: `dataDir/version-2` (snapshots, epochs) or `dataLogDir/version-2` (logs). They may be the same directory. */
export type Directory = "data" | "log";

/** A file: its directory and its name in it, for example "log.100000001"; "../initialize" lies beside the directory. */
export interface FilePath {
  readonly directory: Directory;
  readonly name: string;
}

/** One operation of a lane is under way at a time: the next is asked for when it is done. Lanes do not wait for each other. */
export type FileLane = "log" | "epoch" | "snapshot";

export type FileOperation =
  /**
   * The names in the directory, and those beside it (in `dataDir`, `dataLogDir`) with
   * "../" before them; creates the directory when it is missing. Result: `names`.
   */
  | { readonly kind: "list"; readonly directory: Directory }
  /**
   * Up to `length` bytes from `offset`; fewer only at the end of the file. Result: `bytes`, `size`.
   * A missing file is the error "missing". `into`: at least as many bytes that an earlier read gave
   * and nobody needs any more. Those of the result may lie there, so that to read a long file does
   * not leave as much memory behind; a driver need not do that.
   */
  | {
      readonly kind: "read";
      readonly file: FilePath;
      readonly offset: number;
      readonly length: number;
      readonly into?: Uint8Array | undefined;
    }
  /** Creates the file, or empties it. */
  | { readonly kind: "create"; readonly file: FilePath }
  /** Writes at `offset`; a file that is shorter grows, with zeros in between. The bytes are lent until the operation is done. */
  | {
      readonly kind: "write";
      readonly file: FilePath;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  /** Makes the file's bytes and size durable. */
  | { readonly kind: "sync"; readonly file: FilePath }
  /** Cuts or extends (with zeros) the file. */
  | { readonly kind: "truncate"; readonly file: FilePath; readonly size: number }
  /** Gives the file another name in its directory, replacing what had it. */
  | { readonly kind: "rename"; readonly file: FilePath; readonly to: string }
  /** Removes the file. */
  | { readonly kind: "remove"; readonly file: FilePath }
  /** Makes creations, renames and removals in the directory durable. */
  | { readonly kind: "syncDirectory"; readonly directory: Directory };

export type FileResult =
  | { readonly kind: "done" }
  | {
      readonly kind: "names";
      readonly names: readonly string[];
      /** Whether both directories are one, however they are spelled or linked. False when undefined. */
      readonly isShared?: boolean;
    }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly size: number }
  | { readonly kind: "failed"; readonly reason: FileFailure; readonly message: string };

/** Why an operation failed. Nothing is known of what it did before it failed. */
export type FileFailure = "missing" | "no-space" | "io";

/** Tells one operation from another. Unique within a peer's life. */
export type FileOperationId = number;
