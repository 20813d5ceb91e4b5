/**
 * The `jute` command: finds the subcommand that a command line names, runs it, and turns
 * what it throws into a message and an exit code. Reads and writes nothing itself.
 */
import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandContext, CommandDefinition } from "./commands/command.js";
import { commandsFor } from "./commands/index.js";
import {
  type ExitCode,
  FileSystemError,
  InterruptedError,
  type Surroundings,
  ThreadError,
  UsageError,
} from "./surroundings.js";
import { isSystemError } from "./system-error.js";

/** Runs one command line, without the leading `node` and script. Never throws for what a user can do. */
export async function runCommandLine(
  arguments_: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(await commandsFor(arguments_), {
    surroundings,
    exitWith: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(arguments_, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its message, and throws for --help and --version as well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isExpected = [UsageError, FileSystemError, InterruptedError, ThreadError].some(
      (kind) => error instanceof kind,
    );
    if (isExpected && error instanceof Error) {
      surroundings.stderr.write(`jute: ${error.message}\n`);
      return error instanceof UsageError ? 2 : 1;
    }
    if (isSystemError(error)) {
      surroundings.stderr.write(`jute: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function createProgram(
  commands: readonly CommandDefinition[],
  context: CommandContext,
): CommandUnknownOpts {
  const { version, stdout, stderr } = context.surroundings;
  const program = new Command("jute")
    .description("Tools for Jute, the schema language of Apache ZooKeeper.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    .showHelpAfterError("(jute --help lists the commands)")
    .exitOverride()
    .addHelpText("after", PROGRAM_EXAMPLES);
  for (const declare of commands) {
    // Subcommands inherit the help option and the streams, but not the version.
    const command = declare(context).copyInheritedSettings(program);
    command.showHelpAfterError(`(jute ${command.name()} --help explains the options)`);
    program.addCommand(command.version(version, "-V, --version", "print the version"));
  }
  return program;
}

const PROGRAM_EXAMPLES = `
Examples:
  jute init                                          in a new project
  jute generate defs/*.jute --out-dir src/records
  jute generate --check                              in CI
  jute check defs/*.jute --output github
  jute help generate

Exit codes: 0 success, 1 problems were found, 2 wrong usage.
`;
