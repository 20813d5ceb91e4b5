/** Steps on a real disk that need nothing but the disk: promises of Node's calls, and outcomes as the core takes them. */
import {
  close,
  fsync,
  fstat,
  ftruncate,
  open,
  read,
  readdir,
  rename,
  stat,
  unlink,
  write,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import type { FileFailure, FileResult } from "@jute-ts/quorum";

/** Node's calls, by promises. */
export const files: {
  readonly close: typeof close.__promisify__;
  readonly fsync: typeof fsync.__promisify__;
  readonly fstat: typeof fstat.__promisify__;
  readonly ftruncate: typeof ftruncate.__promisify__;
  readonly open: typeof open.__promisify__;
  readonly read: typeof read.__promisify__;
  readonly readdir: typeof readdir.__promisify__;
  readonly rename: typeof rename.__promisify__;
  readonly stat: typeof stat.__promisify__;
  readonly unlink: typeof unlink.__promisify__;
  readonly write: typeof write.__promisify__;
} = {
  close: promisify(close),
  fsync: promisify(fsync),
  fstat: promisify(fstat),
  ftruncate: promisify(ftruncate),
  open: promisify(open),
  read: promisify(read),
  readdir: promisify(readdir),
  rename: promisify(rename),
  stat: promisify(stat),
  unlink: promisify(unlink),
  write: promisify(write),
};

/** The same for all spellings of, and links to, a directory. */
export async function idOf(directory: string): Promise<string> {
  const { dev, ino } = await files.stat(directory, { bigint: true });
  return `${dev}:${ino}`;
}

/** The names in a directory; none where only those who know a name may enter. */
export async function readableNames(directory: string): Promise<readonly string[]> {
  try {
    return await files.readdir(directory);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}

/** Up to `length` bytes from `offset` on, in `into` if that is given, and how long the file is. */
export async function readFrom(
  fd: number,
  offset: number,
  length: number,
  into?: Uint8Array,
): Promise<FileResult> {
  const { size } = await files.fstat(fd);
  const count = Math.max(0, Math.min(length, size - offset));
  const bytes = into === undefined ? new Uint8Array(count) : into.subarray(0, count);
  let filled = 0;
  while (filled < bytes.length) {
    const rest = bytes.length - filled;
    const { bytesRead } = await files.read(fd, bytes, filled, rest, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { kind: "bytes", bytes: bytes.subarray(0, filled), size };
}

/** A short write only fills the page cache; going to another thread for it costs more. */
export function tryToWrite(fd: number, bytes: Uint8Array, offset: number): FileResult {
  try {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(fd, bytes, written, bytes.length - written, offset + written);
    }
    return DONE;
  } catch (error) {
    return failed(error);
  }
}

export function failed(error: unknown): FileResult {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", reason: failureOf(error), message };
}

function failureOf(error: unknown): FileFailure {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "missing";
    case "ENOSPC":
    case "EDQUOT":
      return "no-space";
    default:
      return "io";
  }
}

export const DONE: FileResult = { kind: "done" };
