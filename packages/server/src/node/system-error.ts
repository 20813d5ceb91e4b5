/** What the system's errors about files and sockets mean, in words that follow "it" or a name. */
import { userInfo } from "node:os";

/** The first of an error and its causes that carries one of the system's codes. */
export function systemErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  let current = error;
  for (let depth = 0; current instanceof Error && depth < MAX_DEPTH; depth++) {
    if (isSystemError(current)) return current;
    // Connecting to a name with several addresses fails with an error for each.
    current = current instanceof AggregateError ? (current.errors as unknown[])[0] : current.cause;
  }
  return undefined;
}

function isSystemError(error: Error): error is NodeJS.ErrnoException {
  // Errors of our own have codes too, the system's name the call that failed.
  return "code" in error && typeof error.code === "string" && "syscall" in error;
}

/** Why a file or directory cannot be used: "does not exist". */
export function describeFileError(error: unknown): string {
  const system = systemErrorOf(error);
  return FILE_ERRORS.get(system?.code ?? "")?.() ?? `cannot be used: ${messageOf(error)}`;
}

/** Why a server cannot be reached: "refuses the connection: nothing listens there". */
export function describeNetworkError(error: unknown): string {
  const system = systemErrorOf(error);
  return NETWORK_ERRORS.get(system?.code ?? "") ?? messageOf(error);
}

/** What an error says, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split(/\s*[\r\n]+\s*/u).join(" ");
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list, as in containers.
    return `with the id ${process.getuid?.() ?? "?"}`;
  }
}

const denied = (): string => `may not be used by the user ${userName()}, who runs this`;

const FILE_ERRORS: ReadonlyMap<string, () => string> = new Map([
  ["ENOENT", () => "does not exist"],
  ["EACCES", denied],
  ["EPERM", denied],
  ["EEXIST", () => "is not a directory"],
  ["ENOTDIR", () => "is not below a directory: a part of its path is a file"],
  ["EISDIR", () => "is a directory"],
  ["EROFS", () => "is on a file system that is read-only"],
  ["ENOSPC", () => "is on a disk that is full"],
  ["EDQUOT", () => "is on a disk whose quota is used up"],
  ["ELOOP", () => "is a chain of symbolic links without an end"],
  ["ENAMETOOLONG", () => "has a name that is too long"],
  ["EMFILE", () => "cannot be opened: this process has too many open files"],
  ["ENFILE", () => "cannot be opened: the machine has too many open files"],
  ["ENXIO", () => "is not a file that can be read"],
]);

const NETWORK_ERRORS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "refuses the connection: nothing listens there"],
  ["ECONNRESET", "closed the connection"],
  ["EPIPE", "closed the connection"],
  ["ENOTFOUND", "cannot be found: no such host name"],
  ["EAI_AGAIN", "cannot be looked up: the name server does not answer"],
  ["EHOSTUNREACH", "cannot be reached: no route to the host"],
  ["ENETUNREACH", "cannot be reached: no route to the network"],
  ["ETIMEDOUT", "does not answer"],
  ["EHOSTDOWN", "is down"],
  ["EADDRNOTAVAIL", "cannot be reached from this machine"],
  ["EACCES", "may not be connected to"],
]);

const MAX_DEPTH = 8;
