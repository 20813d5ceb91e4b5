/** `jute lint`: what is legal in Jute and still a mistake or a trap, and repairs where they are safe. */
import path from "node:path";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { CompileOptionsError, type Diagnostic, type DiagnosticOutput } from "@jute-ts/compiler";
import {
  applyFixes,
  type LintLevel,
  type LintSettings,
  lintSources,
  type LintTarget,
} from "@jute-ts/compiler/lint";
import { configOfProject } from "../config.js";
import { type Input, readInputFiles } from "../input-files.js";
import { type LintOutcome, printLintOutcome } from "../print-outcome.js";
import { replaceFiles } from "../replace-files.js";
import { withStandardInput } from "../standard-input.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";
import { type CommandDefinition, configFor, outputOption, stdinPathOption } from "./command.js";

export const lintCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("lint")
    .description(
      "Find traps in Jute files. Without files, those of jute.config.json are looked at.",
    )
    .argument("[files...]", "Jute files or patterns such as 'defs/*.jute'; - is standard input")
    .option("--fix", "repair what can be repaired without changing what the files mean")
    .option(
      "--target <language>",
      "java, c or none: what Apache's compiler generates from the files; repeatable",
      collectTarget,
    )
    .option(
      "--level <code=level>",
      "off, warning or error for a code, such as JUTE140=off; repeatable",
      collectLevel,
    )
    .option("--max-warnings <count>", "exit with 1 when there are more warnings", count)
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(stdinPathOption())
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action(async (files, flags) => {
      exitWith(await runLint(files, flags, surroundings));
    });

interface LintFlags {
  readonly fix?: true | undefined;
  readonly target?: readonly LintTarget[] | undefined;
  readonly level?: Readonly<Record<string, LintLevel>> | undefined;
  readonly maxWarnings?: number | undefined;
  readonly config?: string | undefined;
  readonly stdinPath?: string | undefined;
  readonly output: DiagnosticOutput;
}

/** Files that see each other, as in one run of the compiler. */
interface InputGroup {
  readonly files: readonly Input[];
  readonly directory: string;
}

async function runLint(
  files: readonly string[],
  flags: LintFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { cwd } = surroundings;
  if (flags.fix === true && files.includes("-")) {
    throw new UsageError("standard input cannot be fixed; name files");
  }
  const configFile = configFor(files, flags.config, cwd);
  const inputs = await withStandardInput(files, flags.stdinPath, surroundings);
  const config = configOfProject(configFile, cwd);
  const groups =
    config === undefined || configFile === undefined
      ? [{ files: inputs, directory: cwd }]
      : config.generate;
  const settings: LintSettings = {
    targets: flags.target ?? config?.lint.targets,
    levels: { ...config?.lint.levels, ...flags.level },
  };
  const fixed = flags.fix === true ? fix(groups, settings, surroundings) : [];
  const outcome = { ...lint(groups, settings, cwd), fixed };
  printLintOutcome(outcome, flags.output, surroundings);
  const errors = outcome.diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = outcome.diagnostics.length - errors;
  return errors > 0 || warnings > (flags.maxWarnings ?? Infinity) ? 1 : 0;
}

function lint(
  groups: readonly InputGroup[],
  settings: LintSettings,
  cwd: string,
): Omit<LintOutcome, "fixed"> {
  const diagnostics = new Map<string, Diagnostic>();
  const texts = new Map<string, string>();
  const files = new Set<string>();
  for (const group of groups) {
    const { sources, result } = lintGroup(group, settings, cwd);
    for (const found of result.diagnostics) diagnostics.set(JSON.stringify(found), found);
    for (const [file, text] of result.texts) texts.set(file, text);
    for (const source of sources) files.add(source.path);
  }
  return { diagnostics: [...diagnostics.values()], texts, files: [...files] };
}

/** Rewrites files until nothing can be fixed any more: a fix may have been in the way of another one. */
function fix(
  groups: readonly InputGroup[],
  settings: LintSettings,
  surroundings: Surroundings,
): string[] {
  const { cwd } = surroundings;
  const fixed = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const changes = new Map<string, string>();
    for (const group of groups) {
      const { sources, result } = lintGroup(group, settings, cwd);
      const texts = new Map(sources.map(({ path: file, text }) => [file, text]));
      for (const [file, text] of applyFixes(result.diagnostics, texts)) changes.set(file, text);
    }
    if (changes.size === 0) break;
    const texts = [...changes].map(([file, text]) => ({ file: path.resolve(cwd, file), text }));
    replaceFiles(texts, surroundings);
    for (const file of changes.keys()) fixed.add(file);
  }
  return [...fixed];
}

/** Each round leaves fewer things to fix; this many are never needed. */
const MOST_ROUNDS = 10;

function lintGroup({ files, directory }: InputGroup, settings: LintSettings, cwd: string) {
  const { sources, readInclude } = readInputFiles(files, directory, cwd);
  try {
    return { sources, result: lintSources(sources, { ...settings, readInclude }) };
  } catch (error) {
    if (error instanceof CompileOptionsError) throw new UsageError(error.message);
    throw error;
  }
}

function collectTarget(value: string, earlier: readonly LintTarget[] = []): readonly LintTarget[] {
  if (value === "none") return earlier;
  if (value === "java" || value === "c") return [...earlier, value];
  throw new InvalidArgumentError("It must be java, c or none.");
}

function collectLevel(
  value: string,
  earlier: Readonly<Record<string, LintLevel>> = {},
): Readonly<Record<string, LintLevel>> {
  const [, code = "", level] = /^(\w+)=(off|warning|error)$/.exec(value) ?? [];
  if (level === "off" || level === "warning" || level === "error") {
    return { ...earlier, [code]: level };
  }
  throw new InvalidArgumentError("It must look like JUTE140=off, with off, warning or error.");
}

function count(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a number.");
}

const EXAMPLES = `
Examples:
  jute lint defs/*.jute
  jute lint --target java --level JUTE140=off defs/*.jute
  jute lint --fix
  jute lint --max-warnings 0 --output github         in CI

Exit codes: 0 no errors, 1 errors, or more warnings than --max-warnings; 2 wrong usage.
`;
