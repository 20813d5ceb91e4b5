/**
 * `jute generate`: reads, compiles, formats, compares, writes. Every entry is
 * taken to the last step before anything is replaced for any of them.
 */
import {
  compile,
  CompileOptionsError,
  type CompileResult,
  DEFAULT_TARGET,
  type Diagnostic,
  type Target,
  TARGETS,
} from "@jute-ts/compiler";
import type { GenerateEntry } from "../config.js";
import type { FormatProgress, OutputFormatter } from "./format-output.js";
import { UsageError } from "../surroundings.js";
import { type InputFiles, readInputFiles } from "../input-files.js";
import { applyPlans, hasForeignFiles, type OutputPlan, planOutput } from "./output-directory.js";
import { StagedFiles } from "./staged-files.js";

export interface GenerateRequest {
  readonly entries: readonly GenerateEntry[];
  /** Absolute: what the paths in diagnostics are relative to. */
  readonly cwd: string;
  /** Compare with what is on disk, and write nothing. */
  readonly check: boolean;
  /** Replace files that were not generated. */
  readonly force: boolean;
  readonly onProgress?: FormatProgress;
}

/** What a run found and did. Only `written` has changed anything. */
export interface GenerateOutcome {
  /**
   * `written`: the output is as it should be. `current`: with `check`, it was so already.
   * `outdated`: with `check`, something would change. `blocked`: foreign files are in the way.
   * `rejected`: the sources have errors.
   */
  readonly result: "written" | "current" | "outdated" | "blocked" | "rejected";
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that the diagnostics point into, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** One for each entry, in order; none when the sources were rejected. */
  readonly outputs: readonly GeneratedOutput[];
  /** Absolute paths of all that was read, or would have been if it were there. */
  readonly inputs: ReadonlySet<string>;
}

export interface GeneratedOutput extends OutputPlan {
  readonly moduleCount: number;
  readonly recordCount: number;
}

/**
 * Runs once. Throws UsageError when the request makes no sense and FileSystemError
 * when the disk refuses; in both cases the old output is untouched.
 */
export async function generate(
  request: GenerateRequest,
  formatter: OutputFormatter,
): Promise<GenerateOutcome> {
  const { cwd } = request;
  const compiled: { entry: GenerateEntry; result: CompileResult }[] = [];
  const inputs = new Set<string>();
  for (const entry of request.entries) {
    const files = readInputFiles(entry.files, entry.directory, cwd);
    compiled.push({ entry, result: await compileEntry(entry, files) });
    for (const input of files.touched) inputs.add(input);
  }
  const found = {
    diagnostics: withoutRepetitions(compiled.flatMap(({ result }) => result.diagnostics)),
    texts: new Map(compiled.flatMap(({ result }) => [...result.texts])),
    inputs,
  };
  if (found.diagnostics.some(({ severity }) => severity === "error")) {
    return { ...found, result: "rejected", outputs: [] };
  }

  const isBlocked = compiled.some(({ entry, result: { files } }) => {
    const paths = files.map(({ path }) => path);
    return hasForeignFiles(entry.outDir, paths, targetOf(entry));
  });
  const writes = !request.check && (!isBlocked || request.force);
  const staged = new StagedFiles();
  try {
    const outputs: GeneratedOutput[] = [];
    for (const { entry, result } of compiled) {
      const target = targetOf(entry);
      const { moduleCount, recordCount } = result;
      const files = target.isTypeScript
        ? formatter.format(result.files, entry.outDir, request.onProgress)
        : result.files;
      const plan = await planOutput(entry.outDir, files, target, writes ? staged : undefined);
      outputs.push({ ...plan, moduleCount, recordCount });
    }
    if (writes) applyPlans(outputs, staged);
    return { ...found, result: resultOf(request, outputs, isBlocked), outputs };
  } catch (error) {
    staged.discard();
    throw error;
  }
}

function targetOf({ target = DEFAULT_TARGET }: GenerateEntry): Target {
  return TARGETS[target];
}

function resultOf(
  { check, force }: GenerateRequest,
  outputs: readonly GeneratedOutput[],
  isBlocked: boolean,
): GenerateOutcome["result"] {
  if (!check) return isBlocked && !force ? "blocked" : "written";
  const isCurrent = outputs.every(({ files }) =>
    files.every(({ status }) => status === "unchanged"),
  );
  return isCurrent ? "current" : "outdated";
}

/** Compiles without formatting, because formatting depends on where the output goes. */
async function compileEntry(entry: GenerateEntry, files: InputFiles): Promise<CompileResult> {
  try {
    const { readInclude, sources } = files;
    return await compile(sources, { ...entry, readInclude, prettier: false });
  } catch (error) {
    if (error instanceof CompileOptionsError) throw new UsageError(error.message);
    throw error;
  }
}

/** Two entries may read the same file; its problems are reported once. */
function withoutRepetitions(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((found) => [JSON.stringify(found), found])).values()];
}
