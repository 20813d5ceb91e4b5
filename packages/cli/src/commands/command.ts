/** What a subcommand of `jute` is, and the options that several of them take. */
import path from "node:path";
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { DiagnosticOutput } from "@jute-ts/compiler";
import { findConfig } from "../config.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";

/**
 * Declares one subcommand: its name, its arguments and options, and an action. Called
 * for command lines that are about another one, too, so it must do nothing but declare. The action may throw
 * UsageError (exit code 2) and FileSystemError (1), whose messages are printed.
 */
export type CommandDefinition = (context: CommandContext) => CommandUnknownOpts;

export interface CommandContext {
  readonly surroundings: Surroundings;
  /** Decides the exit code; 0 when it is not called. Does not end the process. */
  readonly exitWith: (code: ExitCode) => void;
}

const OUTPUTS = ["text", "json", "github"] as const satisfies readonly DiagnosticOutput[];

/** `--output text|json|github` */
export function outputOption() {
  return new Option("--output <form>", "how to print the outcome")
    .choices(OUTPUTS)
    .default<DiagnosticOutput>("text");
}

/** `--stdin-path FILE`, for commands that read `-` */
export function stdinPathOption() {
  return new Option(
    "--stdin-path <file>",
    "where the text of standard input belongs: its name in messages, and where its includes are",
  );
}

/** The config file to use; undefined when files are named on the command line. Throws UsageError when there are neither. */
export function configFor(
  files: readonly string[],
  given: string | undefined,
  cwd: string,
): string | undefined {
  if (files.length > 0) {
    if (given === undefined) return undefined;
    throw new UsageError("name files or a --config, not both");
  }
  if (given !== undefined) return path.resolve(cwd, given);
  const found = findConfig(cwd);
  if (found !== undefined) return found;
  throw new UsageError(
    "no files are named, and there is no jute.config.json here or in a directory above",
  );
}
