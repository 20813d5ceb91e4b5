/** What the file system says when it refuses, for people: without the code, the call and an absolute path. */
import { type Stats, statSync } from "node:fs";
import { UsageError } from "./surroundings.js";

/** Why a file cannot be read or written; the message of any other error. */
export function whyRefused(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return message;
  if (code === "ENOENT") return "no such file";
  // "ELOOP: too many symbolic links encountered, open '/srv/defs/a.jute'"
  const end = message.indexOf(`, ${syscall}`);
  return message.startsWith(`${code}: `) && end > 0 ? message.slice(code.length + 2, end) : message;
}

/** Whether the system has refused something, which no mistake in a program need have led to. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

/** What is at a path; undefined also where the system does not say. */
export function statsIfKnown(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}

/**
 * What is at an absolute path, at the end of symbolic links; undefined where nothing is. `shown` is the
 * path in messages. Throws {@link UsageError} where the system does not say: a loop of links, a name
 * that is too long, a directory that it does not let us into. Node's own `throwIfNoEntry` throws for
 * these, and for a path that goes through a file as if that were a directory.
 */
export function statsOf(file: string, shown: string): Stats | undefined {
  try {
    return statSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new UsageError(`cannot read ${shown}: ${whyRefused(error)}`);
  }
}
