/**
 * The whole compiler as one pure function: texts in, files and diagnostics out.
 * It touches neither disk nor process, so it runs in a browser; the command line
 * (src/node) reads the inputs, calls this, and writes what comes back.
 */
import type { Diagnostic } from "./diagnostics.js";
import { formatEmitted, type PrettierOptions } from "./targets/typescript/format.js";
import { CompileOptionsError, moduleDirectories, selectRecords } from "./module-selection.js";
import { checkSources } from "./schema/check.js";
import type { ReadInclude } from "./schema/files.js";
import type { Schema } from "./schema/model.js";
import type { SourceFile } from "./syntax/source-file.js";
import { DEFAULT_TARGET, type TargetName, TARGETS } from "./targets/index.js";
import {
  type EmittedFile,
  type Target,
  type TargetOptionName,
  type TargetOptions,
  TargetOptionsError,
} from "./targets/target.js";

/** What is emitted, and how. An option that is undefined counts as absent. */
export interface EmitSettings extends TargetOptions {
  /** What is made of the schema. Default `typescript`. An option that the target does not know is refused. */
  readonly target?: TargetName | undefined;
  /** Directory per module, relative to the output. A module that is not named keeps its dotted name with slashes. */
  readonly modules?: Readonly<Record<string, string>> | undefined;
  /** Emit only these modules, and whatever records of others they use. Default: every module of the sources. */
  readonly onlyModules?: readonly string[] | undefined;
}

export interface CompileOptions extends EmitSettings {
  /**
   * Gives the text of an included file that is not among the sources, or undefined when there is
   * none. The path is the including file's, joined with what the include says.
   */
  readonly readInclude?: ReadInclude | undefined;
  /** Options for Prettier, or false to leave the emitter's own layout. Default: Prettier's defaults. For TypeScript only. */
  readonly prettier?: PrettierOptions | false | undefined;
}

export interface CompileResult {
  /** Empty when any diagnostic is an error. In the emitter's order; no two paths are equal, even without case. */
  readonly files: readonly EmittedFile[];
  /** Every problem of every source, in one go. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of every file that was read, sources and includes, by path: what the diagnostics' spans point into. */
  readonly texts: ReadonlyMap<string, string>;
  /** How many modules and records `files` holds. */
  readonly moduleCount: number;
  readonly recordCount: number;
}

/**
 * Compiles Jute sources to TypeScript, or to what another target makes. Same sources and options, same result.
 *
 * What is wrong with the sources comes back as diagnostics. Rejects with
 * {@link CompileOptionsError} when the options do not fit the sources.
 */
export async function compile(
  sources: readonly SourceFile[],
  options: CompileOptions = {},
): Promise<CompileResult> {
  const { readInclude, prettier = {}, target: targetName = DEFAULT_TARGET } = options;
  refuseUnknownOptions(targetName, options);
  const target = TARGETS[targetName];
  const checked = checkSources(sources, { readInclude });
  const { diagnostics, texts } = checked;
  if (checked.schema === undefined) {
    return { files: [], diagnostics, texts, moduleCount: 0, recordCount: 0 };
  }

  const schema = selectRecords(checked.schema, options);
  const directories = moduleDirectories(schema, options);
  const emitted = emit(schema, target, options, directories);
  refuseSharedPaths(emitted);

  const recordCounts = schema.modules
    .map(({ records }) => records.filter((record) => record.emitted).length)
    .filter((count) => count > 0);
  return {
    files:
      prettier === false || !target.isTypeScript ? emitted : await formatAll(emitted, prettier),
    diagnostics,
    texts,
    moduleCount: recordCounts.length,
    recordCount: recordCounts.reduce((sum, count) => sum + count, 0),
  };
}

function emit(
  schema: Schema,
  target: Target,
  settings: EmitSettings,
  directories: ReadonlyMap<string, string>,
): readonly EmittedFile[] {
  try {
    return target.emit(schema, {
      ...settings,
      moduleDirectory: (module) => directories.get(module) ?? module.replaceAll(".", "/"),
    });
  } catch (error) {
    if (error instanceof TargetOptionsError) throw new CompileOptionsError(error.message);
    throw error;
  }
}

const TARGET_OPTIONS: readonly TargetOptionName[] = [
  "modules",
  "runtime",
  "importExtension",
  "views",
];

function refuseUnknownOptions(name: TargetName, settings: EmitSettings): void {
  const known = TARGETS[name].options;
  const unknown = TARGET_OPTIONS.find(
    (option) => settings[option] !== undefined && !known.includes(option),
  );
  if (unknown === undefined) return;
  throw new CompileOptionsError(`the target "${name}" has no option "${unknown}": leave it out`);
}

function formatAll(
  files: readonly EmittedFile[],
  options: PrettierOptions,
): Promise<EmittedFile[]> {
  return Promise.all(
    files.map(async (file) => ({ path: file.path, text: await formatEmitted(file, options) })),
  );
}

/** Two modules that were moved into each other could want the same file; the later would silently win. */
function refuseSharedPaths(files: readonly EmittedFile[]): void {
  const paths = new Set<string>();
  for (const { path } of files) {
    const key = path.toLowerCase();
    if (paths.has(key)) {
      throw new CompileOptionsError(
        `two modules want to write "${path}": give them directories that do not meet`,
      );
    }
    paths.add(key);
  }
}
