/** `jute generate`: its options, and which run or runs they stand for. */
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import {
  DEFAULT_TARGET,
  type DiagnosticOutput,
  isTargetName,
  type TargetName,
  TARGETS,
} from "@jute-ts/compiler/parts";
import { type GenerateEntry, readConfig } from "../config.js";
import { OutputFormatter } from "../generate/format-output.js";
import { generate, type GenerateOutcome } from "../generate/generate.js";
import { watch } from "../generate/watch.js";
import { type Input, shownPath } from "../input-files.js";
import { printGenerateOutcome } from "../print-outcome.js";
import { progressOn } from "../progress.js";
import { withStandardInput } from "../standard-input.js";
import { type ExitCode, FileSystemError, type Surroundings, UsageError } from "../surroundings.js";
import { type CommandDefinition, configFor, outputOption, stdinPathOption } from "./command.js";

export const generateCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("generate")
    .description(
      "Generate TypeScript records, or what another --target makes. Without files, what jute.config.json says is generated.",
    )
    .argument("[files...]", "Jute files or patterns such as 'defs/*.jute'; - is standard input")
    .option("-o, --out-dir <dir>", "directory for the output; needed with files")
    .addOption(
      new Option(
        "--target <name>",
        `what to make of the schema; default ${DEFAULT_TARGET}`,
      ).choices(Object.keys(TARGETS).filter(isTargetName)),
    )
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
        [".js", ".ts", "none"] as const,
      ),
    )
    .option(
      "--view <record>",
      "emit a lazy view of this record of fixed size too, by its full name; repeatable",
      collect,
    )
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(stdinPathOption())
    .option("--force", "replace files that were not generated")
    .option("--no-cache", "format everything again, and remember nothing")
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files, flags) => {
      exitWith(await runGenerate(files, flags, surroundings));
    });

interface EntryFlags {
  readonly target?: TargetName | undefined;
  readonly outDir?: string | undefined;
  readonly module?: readonly string[] | undefined;
  readonly renameModule?: Readonly<Record<string, string>> | undefined;
  readonly runtime?: string | undefined;
  readonly importExtension?: ".js" | ".ts" | "none" | undefined;
  readonly view?: readonly string[] | undefined;
}

interface GenerateFlags extends EntryFlags {
  readonly config?: string | undefined;
  readonly stdinPath?: string | undefined;
  readonly check?: true | undefined;
  readonly watch?: true | undefined;
  readonly force?: true | undefined;
  readonly cache: boolean;
  readonly output: DiagnosticOutput;
}

async function runGenerate(
  files: readonly string[],
  flags: GenerateFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  refuseContradictions(files, flags);
  const { cwd } = surroundings;
  const formatter = new OutputFormatter({ useCache: flags.cache });
  const configFile = configFor(files, flags.config, cwd);
  if (configFile !== undefined) refuseEntryFlags(flags, shownPath(configFile, cwd));
  const inputs = await withStandardInput(files, flags.stdinPath, surroundings);
  const runOnce = async (): Promise<GenerateOutcome> => {
    const entries =
      configFile === undefined
        ? [entryFromFlags(inputs, flags, cwd)]
        : readConfig(configFile, shownPath(configFile, cwd)).generate;
    return generateAndPrint(entries, flags, formatter, surroundings);
  };
  if (flags.watch) {
    await watch(watchedRun(runOnce, configFile, surroundings), surroundings.interruption());
    return 0;
  }
  const { result } = await runOnce();
  return result === "written" || result === "current" ? 0 : 1;
}

async function generateAndPrint(
  entries: readonly GenerateEntry[],
  flags: GenerateFlags,
  formatter: OutputFormatter,
  surroundings: Surroundings,
): Promise<GenerateOutcome> {
  const startedMs = performance.now();
  const progress = progressOn(surroundings, "formatting");
  let outcome: GenerateOutcome;
  try {
    outcome = await generate(
      {
        entries,
        cwd: surroundings.cwd,
        check: flags.check === true,
        force: flags.force === true,
        onProgress: progress.update,
        // Who watches is interrupted between two runs.
        interruption: flags.watch ? undefined : surroundings.interruption,
      },
      formatter,
    );
  } finally {
    progress.end();
  }
  const durationMs = performance.now() - startedMs;
  const onOneLine = flags.watch === true;
  printGenerateOutcome(outcome, flags.output, durationMs, surroundings, { onOneLine });
  return outcome;
}

/** A run that prints its failures and goes on. After a failure the inputs of the last run that knew them are watched. */
function watchedRun(
  runOnce: () => Promise<GenerateOutcome>,
  configFile: string | undefined,
  surroundings: Surroundings,
): () => Promise<ReadonlySet<string>> {
  let inputs: ReadonlySet<string> = new Set();
  return async () => {
    try {
      ({ inputs } = await runOnce());
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof FileSystemError)) throw error;
      // Before the first good run there is nothing to wait for.
      if (error instanceof UsageError && inputs.size === 0) throw error;
      surroundings.stderr.write(`jute: ${error.message}\n`);
    }
    return configFile === undefined ? inputs : new Set([...inputs, configFile]);
  };
}

function entryFromFlags(files: readonly Input[], flags: EntryFlags, cwd: string): GenerateEntry {
  const { outDir, importExtension } = flags;
  if (outDir === undefined) {
    throw new UsageError("--out-dir is needed: it says where the output goes");
  }
  return {
    files,
    directory: cwd,
    outDir: path.resolve(cwd, outDir),
    target: flags.target,
    modules: flags.renameModule,
    onlyModules: flags.module,
    runtime: flags.runtime,
    importExtension: importExtension === "none" ? "" : importExtension,
    views: flags.view,
  };
}

function refuseContradictions(files: readonly string[], flags: GenerateFlags): void {
  if (flags.check && flags.watch) throw new UsageError("--check and --watch exclude each other");
  if (flags.check && flags.force) throw new UsageError("--check and --force exclude each other");
  if (flags.watch && files.includes("-")) {
    throw new UsageError("standard input cannot be watched; name files");
  }
}

/** A config has its own answers to these; which one wins should be no riddle. */
function refuseEntryFlags(flags: EntryFlags, configFile: string): void {
  const given = [
    ...(flags.outDir === undefined ? [] : ["--out-dir"]),
    ...(flags.target === undefined ? [] : ["--target"]),
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

const EXAMPLES = `
Examples:
  jute generate zookeeper.jute --out-dir src/records
  jute generate defs/*.jute -o src --rename-module org.apache.zookeeper.data=data
  jute generate zookeeper.jute -o src --module org.apache.zookeeper.proto
  jute generate --check

Exit codes: 0 generated or up to date, 1 errors in the sources, files in the way,
or, with --check, output out of date; 2 wrong usage.
`;
