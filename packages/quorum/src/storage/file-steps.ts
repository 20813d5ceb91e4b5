/**
 * Sequences of file operations, written as what they are: one step after the
 * other. A generator yields the operation that comes next and gets its result
 * when it is done; between any two steps the process may die, so the order of
 * the yields is what crash safety rests on.
 *
 * A step never sees a failure, except that a file to be read may be missing:
 * whoever runs the steps ends them when the disk fails.
 */
import type { Directory, FileOperation, FilePath, FileResult } from "../file-operations.js";

/** Operations to be carried out in order, and what they amount to. */
export type Steps<T> = Generator<FileOperation, T, FileResult>;

/** What is in the directory must not be used. The message says what, where, and what a person can do. */
export class DirectoryRefused extends Error {
  override readonly name = "DirectoryRefused";
}

/** A part of a file, and the size of the whole. */
export interface FilePiece {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Carries out an operation that has no result but that it is done. */
export function* carryOut(operation: FileOperation): Steps<void> {
  expectDone(yield operation);
}

/** The same for those that yield the operation themselves, which costs less: each commit takes some. */
export function expectDone(result: FileResult): void {
  expectKind(result, "done");
}

/** Makes what was written to a file durable. */
export function* syncFile(file: FilePath): Steps<void> {
  yield* carryOut({ kind: "sync", file });
}

/** Makes creations, renames and removals in a directory durable. */
export function* syncDirectory(directory: Directory): Steps<void> {
  yield* carryOut({ kind: "syncDirectory", directory });
}

/** The names in a directory, which is created when it is missing, and beside it. */
export function* listNames(
  directory: Directory,
): Steps<Extract<FileResult, { readonly kind: "names" }>> {
  return expectKind(yield { kind: "list", directory }, "names");
}

/** A piece of a file, perhaps where `into` is; undefined when there is no such file. */
export function* readPiece(
  file: FilePath,
  offset: number,
  length: number,
  into?: Uint8Array,
): Steps<FilePiece | undefined> {
  const result = yield { kind: "read", file, offset, length, into };
  return result.kind === "failed" ? undefined : expectKind(result, "bytes");
}

/** A whole file that should be small: its first `mostBytes`. Undefined when there is no such file. */
export function* readSmallFile(file: FilePath, mostBytes: number): Steps<Uint8Array | undefined> {
  return (yield* readPiece(file, 0, mostBytes))?.bytes;
}

/**
 * Hands a file on in pieces of at most `pieceBytes`, each borrowed for the call, until its end or
 * until `take` returns false. Throws DirectoryRefused when it is missing.
 */
export function* readInPieces(
  file: FilePath,
  pieceBytes: number,
  take: (bytes: Uint8Array, offset: number) => boolean,
): Steps<void> {
  let offset = 0;
  let memory: Uint8Array | undefined;
  for (;;) {
    const piece = yield* readPiece(file, offset, pieceBytes, memory);
    if (piece === undefined) {
      throw new DirectoryRefused(
        `${file.name} was listed but cannot be found: something removes files while this server starts`,
      );
    }
    if (piece.bytes.length === 0 || !take(piece.bytes, offset)) return;
    offset += piece.bytes.length;
    if (offset >= piece.size) return;
    memory = piece.bytes.length === pieceBytes ? piece.bytes : undefined;
  }
}

/** Removes files, in this order. Whether they are gone is known only after the directory was synced. */
export function* removeFiles(files: readonly FilePath[]): Steps<void> {
  for (const file of files) yield* carryOut({ kind: "remove", file });
}

function expectKind<K extends FileResult["kind"]>(
  result: FileResult,
  kind: K,
): Extract<FileResult, { readonly kind: K }> {
  if (result.kind !== kind) {
    throw new Error(
      `the driver answered a file operation with "${result.kind}" where "${kind}" is due`,
    );
  }
  return result as Extract<FileResult, { readonly kind: K }>;
}
