/** `jute breaking`: what a change of a schema does to peers and programs. */
import { realpathSync } from "node:fs";
import path from "node:path";
import { Command } from "@commander-js/extra-typings";
import {
  checkSources,
  CompileOptionsError,
  type Diagnostic,
  type DiagnosticOutput,
  type Schema,
} from "@jute-ts/compiler";
import { asDiagnostic, type Change, compareSchemas } from "@jute-ts/compiler/breaking";
import { readConfig } from "../config.js";
import { checkOutJuteFiles } from "../git-files.js";
import { readInputFiles, shownPath } from "../input-files.js";
import { printBreakingOutcome, printDiagnostics } from "../print-outcome.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";
import { statsOf } from "../system-error.js";
import { type CommandDefinition, configFor, outputOption } from "./command.js";

export const breakingCommand: CommandDefinition = ({ surroundings, exitWith }) =>
  new Command("breaking")
    .description("Compare two versions of a schema: does the wire break, or sources, or nothing?")
    .argument(
      "[paths...]",
      "OLD and NEW, each a file, a folder or a pattern; with --against NEW only",
    )
    .option(
      "--against <revision>",
      "compare with the files of this git revision; without paths those of jute.config.json",
    )
    .option(
      "--framed <record>",
      "full name of a record that ends a message of known length, so that fields may be appended; repeatable",
      collect,
    )
    .option("--config <file>", "config file, instead of the nearest jute.config.json")
    .addOption(outputOption())
    .addHelpText("after", EXAMPLES)
    .action((paths, flags) => {
      exitWith(runBreaking(paths, flags, surroundings));
    });

interface BreakingFlags {
  readonly against?: string | undefined;
  readonly framed?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly output: DiagnosticOutput;
}

interface Version {
  readonly schema: Schema | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** By the paths that spans name. */
  readonly texts: ReadonlyMap<string, string>;
}

interface Group {
  readonly files: readonly string[];
  readonly directory: string;
}

function runBreaking(
  paths: readonly string[],
  flags: BreakingFlags,
  surroundings: Surroundings,
): ExitCode {
  const { cwd } = surroundings;
  const { against } = flags;
  if (against === undefined) {
    const [old, current, ...others] = paths;
    if (old === undefined || current === undefined || others.length > 0) {
      throw new UsageError("name an OLD and a NEW version, or --against a revision");
    }
    if (flags.config !== undefined) throw new UsageError("--config needs --against");
    const before = readVersion([groupOf(old, cwd)], cwd);
    return compare(before, readVersion([groupOf(current, cwd)], cwd), "", flags, surroundings);
  }
  const configFile = configFor(paths, flags.config, cwd);
  const groups =
    configFile === undefined
      ? paths.map((each) => groupOf(each, cwd))
      : readConfig(configFile, shownPath(configFile, cwd)).generate.map(
          ({ files, directory }): Group => ({
            files: files.filter((file) => typeof file === "string"),
            directory,
          }),
        );
  const after = readVersion(groups, cwd);
  const revision = checkOutJuteFiles(against, cwd);
  try {
    const inRevision = (directory: string): string => {
      const relative = path.relative(revision.workingTree, realpathSync(directory));
      if (relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
        const place = shownPath(directory, cwd);
        throw new UsageError(`${place} is not in the working tree ${revision.workingTree}`);
      }
      return path.join(revision.root, relative);
    };
    const oldGroups = groups.map(({ files, directory }) => ({
      files,
      directory: inRevision(directory),
    }));
    const before = readOldVersion(oldGroups, inRevision(cwd), against);
    return compare(before, after, `${against}:`, flags, surroundings);
  } finally {
    revision.dispose();
  }
}

/** A folder stands for all Jute files below it. */
function groupOf(given: string, cwd: string): Group {
  const absolute = path.resolve(cwd, given);
  const isFolder = statsOf(absolute, given)?.isDirectory() === true;
  return isFolder
    ? { files: ["**/*.jute"], directory: absolute }
    : { files: [given], directory: cwd };
}

function readVersion(groups: readonly Group[], cwd: string): Version {
  const schemas: Schema[] = [];
  const diagnostics: Diagnostic[] = [];
  const texts = new Map<string, string>();
  for (const { files, directory } of groups) {
    const { sources, readInclude } = readInputFiles(files, directory, cwd);
    const result = checkSources(sources, { readInclude });
    diagnostics.push(...result.diagnostics.filter(({ severity }) => severity === "error"));
    for (const [file, text] of result.texts) texts.set(file, text);
    if (result.schema !== undefined) schemas.push(result.schema);
  }
  const modules = schemas.flatMap((schema) => schema.modules);
  const schema = diagnostics.length > 0 ? undefined : { modules };
  return { schema, diagnostics, texts };
}

/** What is not there is not there in the revision. */
function readOldVersion(groups: readonly Group[], cwd: string, revision: string): Version {
  try {
    return readVersion(groups, cwd);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`in ${revision}: ${error.message}`);
    throw error;
  }
}

/** `prefix` tells files of the old version from those of the new one where both have the same paths. */
function compare(
  before: Version,
  after: Version,
  prefix: string,
  { framed, output }: BreakingFlags,
  surroundings: Surroundings,
): ExitCode {
  const oldTexts = [...before.texts].map(([file, text]) => [prefix + file, text] as const);
  const texts = new Map([...oldTexts, ...after.texts]);
  const mistakes = [
    ...before.diagnostics.map((each) => ({
      ...each,
      span: { ...each.span, file: prefix + each.span.file },
    })),
    ...after.diagnostics,
  ];
  if (before.schema === undefined || after.schema === undefined) {
    printDiagnostics(mistakes, texts, output === "json" ? "text" : output, surroundings);
    return 1;
  }
  const changes = changesOf(before.schema, after.schema, framed).map((change): Change => ({
    ...change,
    before: change.before && { ...change.before, file: prefix + change.before.file },
  }));
  const diagnostics = changes.filter(({ level }) => level !== "safe").map(asDiagnostic);
  printBreakingOutcome({ changes, diagnostics, texts }, output, surroundings);
  return changes.some(({ level }) => level === "wire") ? 1 : 0;
}

function changesOf(
  before: Schema,
  after: Schema,
  framed: readonly string[] | undefined,
): readonly Change[] {
  try {
    return compareSchemas(before, after, { framed });
  } catch (error) {
    if (error instanceof CompileOptionsError) throw new UsageError(error.message);
    throw error;
  }
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

const EXAMPLES = `
Examples:
  jute breaking old/zookeeper.jute new/zookeeper.jute
  jute breaking --against origin/main                with a jute.config.json, in CI
  jute breaking --against v1.0 defs --output github

Exit codes: 0 the wire does not break, 1 it does, or a schema has errors; 2 wrong usage.
`;
