/** `jute format`: rewrites Jute files in the usual layout, or says which are not in it. */
import path from "node:path";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { Diagnostic, DiagnosticOutput, SourceFile } from "@jute-ts/compiler";
import { formatSource, notFormatted } from "@jute-ts/compiler/format";
import { configOfProject, type FormatSettings } from "../config.js";
import { readInputFiles } from "../input-files.js";
import { printDiagnostics, printFileOutcome } from "../print-outcome.js";
import { replaceFiles } from "../replace-files.js";
import { withStandardInput } from "../standard-input.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";
import { type CommandDefinition, configFor, outputOption, stdinPathOption } from "./command.js";

export const formatCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("format")
    .description("Format Jute files. Without files, those of jute.config.json are formatted.")
    .argument(
      "[files...]",
      "Jute files or patterns such as 'defs/*.jute'; - formats standard input to standard output",
    )
    .option("--check", "write nothing; exit with 1 when a file is not formatted")
    .option(
      "--indent-width <columns>",
      "columns for each level, 1 to 8; default what the config says, or 4",
      columns,
    )
    .option("--use-tabs", "indent with tabs; default what the config says")
    .option("--no-use-tabs", "indent with spaces")
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(stdinPathOption())
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files, flags) => {
      exitWith(await runFormat(files, flags, surroundings));
    });

interface FormatFlags extends FormatSettings {
  readonly check?: true | undefined;
  readonly config?: string | undefined;
  readonly stdinPath?: string | undefined;
  readonly output: DiagnosticOutput;
}

async function runFormat(
  files: readonly string[],
  flags: FormatFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { cwd } = surroundings;
  const isFilter = files.includes("-") && flags.check !== true;
  if (isFilter && files.length > 1) {
    throw new UsageError("- stands beside files: format standard input by itself");
  }
  if (isFilter && flags.output !== "text") {
    throw new UsageError(
      "the formatted text goes to standard output; --output needs --check or files",
    );
  }
  const configFile = configFor(files, flags.config, cwd);
  const inputs = await withStandardInput(files, flags.stdinPath, surroundings);
  const config = configOfProject(configFile, cwd);
  const groups =
    config === undefined || configFile === undefined
      ? [{ files: inputs, directory: cwd }]
      : config.generate;
  const sources = new Map<string, SourceFile>();
  for (const group of groups) {
    for (const source of readInputFiles(group.files, group.directory, cwd).sources) {
      sources.set(source.path, source);
    }
  }
  const outcome = formatAll([...sources.values()], {
    indentWidth: flags.indentWidth ?? config?.format.indentWidth,
    useTabs: flags.useTabs ?? config?.format.useTabs,
  });
  if (isFilter) return printFiltered(outcome, surroundings);
  return flags.check === true
    ? reportUnformatted(outcome, flags.output, surroundings)
    : rewrite(outcome, flags.output, surroundings);
}

interface FormatOutcome {
  /** Every file, in the order given; without `formatted` when it has mistakes. */
  readonly files: readonly {
    readonly source: SourceFile;
    readonly formatted: string | undefined;
  }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

function formatAll(sources: readonly SourceFile[], options: FormatSettings): FormatOutcome {
  const diagnostics: Diagnostic[] = [];
  const files = sources.map((source) => {
    const { text: formatted, diagnostics: found } = formatSource(source, options);
    diagnostics.push(...found);
    return { source, formatted };
  });
  return { files, diagnostics, texts: new Map(sources.map(({ path, text }) => [path, text])) };
}

function printFiltered(
  { files, diagnostics, texts }: FormatOutcome,
  surroundings: Surroundings,
): ExitCode {
  printDiagnostics(diagnostics, texts, "text", surroundings);
  for (const { formatted } of files) surroundings.stdout.write(formatted ?? "");
  return diagnostics.length === 0 ? 0 : 1;
}

function reportUnformatted(
  { files, diagnostics: mistakes, texts }: FormatOutcome,
  output: DiagnosticOutput,
  surroundings: Surroundings,
): ExitCode {
  const diagnostics = files.flatMap(({ source, formatted }) => {
    if (formatted === undefined) {
      return mistakes.filter(({ span }) => span.file === source.path);
    }
    return formatted === source.text ? [] : [notFormatted(source.path)];
  });
  const unformatted = diagnostics.length - mistakes.length;
  const summary =
    mistakes.length > 0
      ? undefined
      : unformatted === 0
        ? "formatted"
        : `${String(unformatted)} not formatted`;
  const statuses = statusesOf(files, { same: "formatted", other: "unformatted" });
  printFileOutcome({ files: statuses, diagnostics, texts, summary }, output, surroundings);
  return diagnostics.length === 0 ? 0 : 1;
}

function rewrite(
  { files, diagnostics, texts }: FormatOutcome,
  output: DiagnosticOutput,
  surroundings: Surroundings,
): ExitCode {
  const failed = diagnostics.length > 0;
  const changed = files.filter(({ source, formatted }) => formatted !== source.text);
  if (!failed) {
    replaceFiles(
      changed.map(({ source, formatted = "" }) => ({
        file: path.resolve(surroundings.cwd, source.path),
        text: formatted,
      })),
      surroundings,
    );
  }
  const other = failed ? "unformatted" : "rewritten";
  const statuses = statusesOf(files, { same: "formatted", other });
  const summary = failed
    ? undefined
    : changed.length === 0
      ? "formatted already"
      : `${String(changed.length)} rewritten`;
  printFileOutcome({ files: statuses, diagnostics, texts, summary }, output, surroundings);
  return failed ? 1 : 0;
}

function statusesOf(
  files: FormatOutcome["files"],
  words: { readonly same: string; readonly other: string },
): readonly { readonly path: string; readonly status: string }[] {
  return files.map(({ source, formatted }) => ({
    path: source.path,
    status:
      formatted === undefined ? "broken" : formatted === source.text ? words.same : words.other,
  }));
}

function columns(value: string): number {
  if (/^[1-8]$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a number from 1 to 8.");
}

const EXAMPLES = `
Examples:
  jute format defs/*.jute
  jute format --check                                in CI
  jute format - < messy.jute > tidy.jute

Exit codes: 0 formatted, 1 a file with mistakes (then nothing is written) or, with
--check, one that is not formatted; 2 wrong usage.
`;
