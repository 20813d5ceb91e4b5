/**
 * The `jute` command: options, help, and which exit code an outcome has. It reads
 * nothing and writes nothing itself; the commands do, and get their surroundings as a Host.
 */
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { DiagnosticFormat } from "@jute-ts/compiler";
import { check } from "./check.js";
import { type GenerateEntry, findConfig, readConfig } from "./config.js";
import { OutputFormatter } from "./format-output.js";
import { generate, type GenerateOutcome } from "./generate.js";
import { type ExitCode, FileSystemError, type Host, UsageError } from "./host.js";
import { shownPath } from "./input-files.js";
import { progressOn } from "./progress.js";
import { reportCheck, reportGenerate } from "./report.js";
import { watch } from "./watch.js";

interface GenerateFlags {
  readonly outDir?: string;
  readonly module?: readonly string[];
  readonly renameModule?: Readonly<Record<string, string>>;
  readonly runtime?: string;
  readonly importExtension?: ".js" | ".ts" | "none";
  readonly view?: readonly string[];
  readonly config?: string;
  readonly check?: true;
  readonly watch?: true;
  readonly force?: true;
  readonly cache: boolean;
  readonly format: DiagnosticFormat;
}

interface CheckFlags {
  readonly config?: string;
  readonly format: DiagnosticFormat;
}

/** Runs one command line, without the leading `node` and script. Never throws for what a user can do. */
export async function runCommandLine(arguments_: readonly string[], host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(host, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(arguments_, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its message, and throws for --help and --version as well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError || error instanceof FileSystemError) {
      host.stderr.write(`jute: ${error.message}\n`);
      return error instanceof UsageError ? 2 : 1;
    }
    throw error;
  }
}

function createProgram(host: Host, exitWith: (code: ExitCode) => void): Command {
  const program = new Command("jute")
    .description("Compiles ZooKeeper's Jute schemas to TypeScript records.")
    .version(host.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showHelpAfterError("(jute --help explains the options)")
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      getOutHelpWidth: () => host.stdout.columns ?? 100,
      getErrHelpWidth: () => host.stderr.columns ?? 100,
    })
    .exitOverride()
    .addHelpText("after", PROGRAM_EXAMPLES);

  program
    .command("generate")
    .description(
      "Generate TypeScript records. Without files, what jute.config.json says is generated.",
    )
    .argument("[files...]", "Jute files or patterns such as 'defs/*.jute'")
    .option("-o, --out-dir <dir>", "directory for the output; needed with files")
    .option("--check", "write nothing; exit with 1 when the output is out of date")
    .option("--watch", "generate again whenever an input changes")
    .option("--module <name>", "emit this module only; repeatable", collect)
    .option(
      "--rename-module <from=to>",
      "directory of a module, instead of its dotted name; repeatable",
      collectRenaming,
    )
    .option("--runtime <specifier>", "what the output imports the runtime from")
    .addOption(
      new Option("--import-extension <ending>", "ending of relative imports in the output").choices(
        [".js", ".ts", "none"],
      ),
    )
    .option(
      "--view <record>",
      "emit a lazy view of this record of fixed size too, by its full name; repeatable",
      collect,
    )
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .option("--force", "replace files that were not generated")
    .option("--no-cache", "format everything anew, and remember nothing")
    .addOption(formatOption())
    .addHelpText("after", GENERATE_EXAMPLES)
    .action(async (files: string[], flags: GenerateFlags) => {
      exitWith(await runGenerate(files, flags, host));
    });

  program
    .command("check")
    .description("Check Jute files. Without files, those of jute.config.json are checked.")
    .argument("[files...]", "Jute files or patterns such as 'defs/*.jute'")
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(formatOption())
    .addHelpText("after", CHECK_EXAMPLES)
    .action((files: string[], flags: CheckFlags) => {
      exitWith(runCheck(files, flags, host));
    });

  // Subcommands inherit the help option, but not the version.
  for (const command of program.commands) {
    command.version(host.version, "-V, --version", "print the version");
  }
  return program;
}

async function runGenerate(
  files: readonly string[],
  flags: GenerateFlags,
  host: Host,
): Promise<ExitCode> {
  if (flags.check && flags.watch) throw new UsageError("--check and --watch exclude each other");
  if (flags.check && flags.force) throw new UsageError("--check and --force exclude each other");
  const formatter = new OutputFormatter({ useLedger: flags.cache });
  const configFile = configFor(files, flags, host);
  if (configFile !== undefined) refuseEntryFlags(flags, shownPath(configFile, host.cwd));
  const entriesNow = () =>
    configFile === undefined
      ? [entryFromFlags(files, flags, host)]
      : readConfig(configFile, shownPath(configFile, host.cwd));
  const runOnce = async (): Promise<GenerateOutcome> => {
    const startedMs = performance.now();
    const progress = progressOn(host, "formatting");
    let outcome: GenerateOutcome;
    try {
      outcome = await generate(
        {
          entries: entriesNow(),
          cwd: host.cwd,
          check: flags.check === true,
          force: flags.force === true,
          onProgress: progress.update,
        },
        formatter,
      );
    } finally {
      progress.end();
    }
    reportGenerate(outcome, flags.format, performance.now() - startedMs, host, {
      onOneLine: flags.watch === true,
    });
    return outcome;
  };
  if (flags.watch) {
    await watch(watchedRun(runOnce, configFile, host), host.interruption());
    return 0;
  }
  const { result } = await runOnce();
  return result === "written" || result === "current" ? 0 : 1;
}

/** A run that prints its failures and goes on. After a failure the inputs of the last run that knew them are watched. */
function watchedRun(
  runOnce: () => Promise<GenerateOutcome>,
  configFile: string | undefined,
  host: Host,
): () => Promise<ReadonlySet<string>> {
  let inputs: ReadonlySet<string> = new Set();
  return async () => {
    try {
      ({ inputs } = await runOnce());
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof FileSystemError)) throw error;
      // Before the first good run there is nothing to wait for.
      if (error instanceof UsageError && inputs.size === 0) throw error;
      host.stderr.write(`jute: ${error.message}\n`);
    }
    return configFile === undefined ? inputs : new Set([...inputs, configFile]);
  };
}

function runCheck(files: readonly string[], flags: CheckFlags, host: Host): ExitCode {
  const configFile = configFor(files, flags, host);
  const inputs =
    configFile === undefined
      ? [{ files, directory: host.cwd }]
      : readConfig(configFile, shownPath(configFile, host.cwd));
  const outcome = check({ inputs, cwd: host.cwd });
  reportCheck(outcome, flags.format, host);
  return outcome.diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** The config file to use; undefined when files are named on the command line. */
function configFor(
  files: readonly string[],
  flags: { readonly config?: string },
  host: Host,
): string | undefined {
  if (files.length > 0) {
    if (flags.config === undefined) return undefined;
    throw new UsageError("name files or a --config, not both");
  }
  if (flags.config !== undefined) return path.resolve(host.cwd, flags.config);
  const found = findConfig(host.cwd);
  if (found !== undefined) return found;
  throw new UsageError(
    "no files are named, and there is no jute.config.json here or in a directory above",
  );
}

function entryFromFlags(
  files: readonly string[],
  { outDir, module: onlyModules, renameModule, runtime, importExtension, view }: GenerateFlags,
  host: Host,
): GenerateEntry {
  if (outDir === undefined) {
    throw new UsageError("--out-dir is needed: it says where the output goes");
  }
  return {
    files,
    directory: host.cwd,
    outDir: path.resolve(host.cwd, outDir),
    ...(renameModule === undefined ? {} : { modules: renameModule }),
    ...(onlyModules === undefined ? {} : { onlyModules }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(importExtension === undefined
      ? {}
      : { importExtension: importExtension === "none" ? "" : importExtension }),
    ...(view === undefined ? {} : { views: view }),
  };
}

/** A config has its own answers to these; which one wins should be no riddle. */
function refuseEntryFlags(flags: GenerateFlags, configFile: string): void {
  const given = [
    ...(flags.outDir === undefined ? [] : ["--out-dir"]),
    ...(flags.module === undefined ? [] : ["--module"]),
    ...(flags.renameModule === undefined ? [] : ["--rename-module"]),
    ...(flags.runtime === undefined ? [] : ["--runtime"]),
    ...(flags.importExtension === undefined ? [] : ["--import-extension"]),
    ...(flags.view === undefined ? [] : ["--view"]),
  ];
  if (given.length === 0) return;
  throw new UsageError(
    `${given.join(", ")}: ${configFile} decides this; name the files to generate without it`,
  );
}

function formatOption(): Option {
  return new Option("--format <form>", "how to print the outcome")
    .choices(["text", "json", "github"])
    .default("text");
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function collectRenaming(
  value: string,
  earlier: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const equals = value.indexOf("=");
  if (equals <= 0) {
    throw new InvalidArgumentError("It must look like org.apache.zookeeper.data=data.");
  }
  return { ...earlier, [value.slice(0, equals)]: value.slice(equals + 1) };
}

const PROGRAM_EXAMPLES = `
Examples:
  jute generate defs/*.jute --out-dir src/records
  jute generate --watch                              with a jute.config.json
  jute generate --check                              in CI
  jute check defs/*.jute --format github

Exit codes: 0 all is well, 1 problems were found, 2 wrong usage.
`;

const GENERATE_EXAMPLES = `
Examples:
  jute generate zookeeper.jute --out-dir src/records
  jute generate defs/*.jute -o src --rename-module org.apache.zookeeper.data=data
  jute generate zookeeper.jute -o src --module org.apache.zookeeper.proto
  jute generate --check

Exit codes: 0 generated or up to date, 1 errors in the sources, files in the way,
or, with --check, output out of date; 2 wrong usage.
`;

const CHECK_EXAMPLES = `
Examples:
  jute check defs/*.jute
  jute check --format json

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 wrong usage.
`;
