/**
 * What the command line may know of its surroundings. Commands get it as an
 * argument, so tests run them in process with streams of their own.
 */
export interface Surroundings {
  /** The command's own. */
  readonly version: string;
  /** Absolute. Paths on the command line are relative to it, and paths in messages are shown relative to it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Chunks of bytes until the end of the input; read once, by the command that was asked for `-`. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Results: summaries, lists of files, JSON documents, GitHub annotations. */
  readonly stdout: OutputStream;
  /** Diagnostics as text, wrong usage, progress. */
  readonly stderr: OutputStream;
  /** Aborts when the user interrupts. Once a command has called it, an interruption no longer ends the process. */
  readonly interruption: () => AbortSignal;
}

export interface OutputStream {
  /** Text is encoded as UTF-8; bytes are borrowed until they are written. */
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** 0: success. 1: problems were found in the sources or in the output directory. 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** The command makes no sense as it was given: a bad option, a missing input file, a config that cannot be read. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The file system refused to read or write. Exit code 1, with the path in the message and no stack trace. */
export class FileSystemError extends Error {
  override readonly name = "FileSystemError";
}

/** A thread of the command's own has failed, as for want of memory. Exit code 1, with what is known in the message. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
}

/** The user has ended the command before it had done what it does. Exit code 1. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/** Whether text for this stream may carry colour. NO_COLOR beats FORCE_COLOR, and both beat the terminal's own answer. */
export function wantsColor(stream: OutputStream, env: Surroundings["env"]): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}
