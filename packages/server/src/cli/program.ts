/** The command's arguments: which commands and options there are, and what is said of those there are not. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { MAX_SERVERS } from "../ensemble/ensemble-options.js";
import { WITH_PARENT } from "../ensemble/process-ensemble.js";
import { version } from "../node/version.js";
import { COMMAND_NAME, type CommandLine, type OutputFormat, remark } from "./command-line.js";
import { ensemble } from "./ensemble.js";
import { EXIT_DONE, EXIT_MISUSED, type ExitCode } from "./exit-code.js";
import { restore } from "./restore.js";
import { start } from "./start.js";
import { status } from "./status.js";

/** Runs one command line, without the leading `node` and script. Never throws for what a user can do. */
export async function runCommandLine(
  arguments_: readonly string[],
  line: CommandLine,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_DONE;
  const format = wantedFormat(arguments_);
  const program = createProgram(line, format, (code) => {
    exitCode = code;
  });
  try {
    refuseUnnamedCommand(arguments_, program);
    await program.parseAsync(arguments_, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its message, and throws for --help and --version as well.
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_DONE : EXIT_MISUSED;
  }
}

/** Commander would print the help here and not say why. */
function refuseUnnamedCommand([command, operand]: readonly string[], program: Command): void {
  if (command === undefined) program.error("name a command");
  const isKnown = [HELP, ...program.commands.map((each) => each.name())].includes(operand ?? HELP);
  if (command === HELP && operand?.startsWith("-") === false && !isKnown) {
    program.error(`unknown command '${operand}'`);
  }
}

/** The format that is asked for, also by a command line that cannot be understood otherwise. */
export function wantedFormat(arguments_: readonly string[]): OutputFormat {
  const isJson = arguments_.some(
    (argument, index) =>
      argument === "--output=json" || (argument === "--output" && arguments_[index + 1] === "json"),
  );
  return isJson ? "json" : "text";
}

interface ServersFlags {
  readonly memory?: true;
  readonly clientPort?: number;
  readonly directory?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly output: OutputFormat;
}

interface EnsembleFlags extends ServersFlags {
  readonly size: number;
  readonly observers: number;
  readonly processes?: true;
}

function createProgram(
  line: CommandLine,
  format: OutputFormat,
  exitWith: (code: ExitCode) => void,
): Command {
  const program = new Command(COMMAND_NAME)
    .description("Runs members of an Apache ZooKeeper ensemble, and asks them how they are.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(`${HELP} [command]`, "print the help of a command")
    .configureOutput(outputOf(line, format))
    .exitOverride()
    .addHelpText("after", PROGRAM_EXAMPLES);
  // A program that reads JSON has no use for a hint.
  if (format === "text") program.showHelpAfterError(`See ${COMMAND_NAME} --help.`);

  program
    .command("start")
    .description("Run the server of a configuration until it is told to stop.")
    .argument("<zoo.cfg>", "the configuration file, as ZooKeeper's servers read it")
    .option("--verbose", "show votes, snapshots and other details too")
    .option(WITH_PARENT, "end when the channel (IPC) to the process that started this closes")
    .addOption(outputOption())
    .addHelpText("after", START_EXAMPLES)
    .action(async (path: string, flags: { verbose?: true; output: OutputFormat }) => {
      exitWith(await start(path, { format: flags.output, verbose: flags.verbose === true }, line));
    });

  program
    .command("status")
    .description("Show what the servers of an ensemble are doing.")
    .argument("<servers...>", "addresses or connection strings, such as a:2181,b:2181/chroot")
    .addOption(outputOption())
    .addHelpText("after", STATUS_EXAMPLES)
    .action(async (servers: string[], flags: { output: OutputFormat }) => {
      exitWith(await status(servers, flags.output, line));
    });

  program
    .command("restore")
    .description("Give a server that is stopped the state of a snapshot.")
    .argument("<zoo.cfg>", "the configuration file of the server")
    .argument("<file>", "a snapshot, plain or compressed by gzip or Snappy")
    .addOption(outputOption())
    .addHelpText("after", RESTORE_EXAMPLES)
    .action(async (path: string, file: string, flags: { output: OutputFormat }) => {
      exitWith(await restore(path, file, flags.output, line));
    });

  serversCommand(program, "ensemble")
    .description("Run a whole ensemble on this machine, to try things out.")
    .option("--size <n>", "servers that vote", wholeNumber(1, MAX_SERVERS), 3)
    .option("--observers <n>", "servers that only observe", wholeNumber(0, MAX_SERVERS), 0)
    .option("--processes", "run each server in a process of its own, which can be killed")
    .addHelpText("after", ENSEMBLE_EXAMPLES)
    .action(async (flags: EnsembleFlags) => {
      const { size, observers, processes = false } = flags;
      if (processes && flags.memory === true) {
        program.error(
          "--memory and --processes exclude each other: a process that is killed has lost it",
        );
      }
      const request = {
        ...requestOf(flags),
        kind: "ensemble",
        size,
        observers,
        processes,
      } as const;
      exitWith(await ensemble(request, flags.output, line));
    });

  serversCommand(program, "standalone")
    .description("Run one server on this machine that stands alone, without a configuration.")
    .addHelpText("after", STANDALONE_EXAMPLES)
    .action(async (flags: ServersFlags) => {
      const request = {
        ...requestOf(flags),
        kind: "standalone",
        size: 1,
        processes: false,
      } as const;
      exitWith(await ensemble(request, flags.output, line));
    });

  // Subcommands inherit the help option, but not the version.
  for (const command of program.commands) {
    command.version(version, "-V, --version", "print the version");
  }
  return program;
}

/** A command that runs servers without a configuration, with the options that all of those have. */
function serversCommand(program: Command, name: string): Command {
  return program
    .command(name)
    .option(
      "--client-port <n>",
      "client port of the first server, the others have the next; default: free ports",
      wholeNumber(1, 65_535),
    )
    .option("--directory <dir>", "keep the data here; default: a directory that is removed")
    .option("--memory", "keep the data in memory: faster, and gone at the end")
    .option("--set <key=value>", "one more line of every server's zoo.cfg; repeatable", collect)
    .addOption(outputOption());
}

function requestOf({ clientPort, directory, memory, set: settings }: ServersFlags) {
  const storage = memory === true ? "memory" : "disk";
  return { clientPort, directory, settings, storage } as const;
}

function outputOf(line: CommandLine, format: OutputFormat) {
  return {
    writeOut: (text: string): void => {
      line.write(withoutEnd(text));
    },
    writeErr: (text: string): void => {
      line.error(withoutEnd(text));
    },
    outputError: (text: string): void => {
      const said = withoutEnd(text)
        .replace(/^error: /u, "")
        .replaceAll("\n", " ");
      remark({ level: "error", text: said }, format, line);
    },
    getOutHelpWidth: () => line.columns,
    getErrHelpWidth: () => line.columns,
  };
}

function withoutEnd(text: string): string {
  return text.replace(/\n$/u, "");
}

function outputOption(): Option {
  return new Option("--output <form>", "how results and problems are printed")
    .choices(["text", "json"])
    .default("text");
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/u.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function collect(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("It must look like tickTime=500.");
  return { ...earlier, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

const HELP = "help";

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong use or a wrong configuration.`;

const PROGRAM_EXAMPLES = `
Examples:
  ${COMMAND_NAME} start /etc/zookeeper/zoo.cfg
  ${COMMAND_NAME} status a:2181,b:2181,c:2181
  ${COMMAND_NAME} ensemble --size 3
  ${COMMAND_NAME} standalone --client-port 2181
${EXIT_CODES}`;

const START_EXAMPLES = `
Examples:
  ${COMMAND_NAME} start zoo.cfg
  ${COMMAND_NAME} start zoo.cfg --output json

Exit codes: 0 it was told to stop, 1 it could not start or had to stop, 2 wrong use or
a wrong configuration.`;

const STATUS_EXAMPLES = `
Examples:
  ${COMMAND_NAME} status localhost:2181
  ${COMMAND_NAME} status a:2181,b:2181,c:2181/chroot --output json

Exit codes: 0 all of them serve, 1 some do not or two lead, 2 wrong use.`;

const RESTORE_EXAMPLES = `
Examples:
  ${COMMAND_NAME} restore zoo.cfg snapshot.100000042

All members of an ensemble must be stopped and restored from the same file. What a server
had before stays beside the new data, in version-2.before-TIME.
${EXIT_CODES}`;

const ENSEMBLE_EXAMPLES = `
Examples:
  ${COMMAND_NAME} ensemble --size 3 --observers 1 --processes
  ${COMMAND_NAME} ensemble --client-port 2181 --directory ./data --set snapCount=1000
${EXIT_CODES}`;

const STANDALONE_EXAMPLES = `
Examples:
  ${COMMAND_NAME} standalone --client-port 2181 --memory
  ${COMMAND_NAME} standalone --directory ./data --set tickTime=2000
${EXIT_CODES}`;
