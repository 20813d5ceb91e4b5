/**
 * `jute generate`: reads, compiles, formats, compares, writes. Every entry is
 * taken to the last step before anything is replaced for any of them.
 */
import type { CompileResult } from "@jute-ts/compiler";
import {
  DEFAULT_TARGET,
  type Diagnostic,
  type EmittedFile,
  type Target,
  TARGETS,
} from "@jute-ts/compiler/parts";
import type { GenerateEntry } from "../config.js";
import type { FormatProgress, OutputFormatter } from "./format-output.js";
import { UsageError } from "../surroundings.js";
import { type InputFiles, readInputFiles } from "../input-files.js";
import { hash } from "./cache.js";
import {
  applyPlans,
  hasForeignFiles,
  type OutputPlan,
  planFiles,
  type PlannedFile,
  withOrphans,
} from "./output-directory.js";
import { refuseOverlaps } from "./overlaps.js";
import { compareInThread, paysThread } from "./threaded-plan.js";
import { type RunRecord, RunStamp } from "./run-stamp.js";
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
  /** Asked when files are about to be written; from then on an interruption waits until none is left half done. */
  readonly interruption?: (() => AbortSignal) | undefined;
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
 * Runs once. Throws UsageError when the request makes no sense, FileSystemError
 * when the disk refuses, and InterruptedError; the old output is untouched then.
 */
export async function generate(
  request: GenerateRequest,
  formatter: OutputFormatter,
): Promise<GenerateOutcome> {
  const runs: EntryRun[] = [];
  const inputs = new Set<string>();
  for (const entry of request.entries) {
    const files = readInputFiles(entry.files, entry.directory, request.cwd);
    runs.push(await runEntry(entry, files, formatter));
    for (const input of files.touched) inputs.add(input);
  }
  const found = {
    diagnostics: withoutRepetitions(runs.flatMap(({ diagnostics }) => diagnostics)),
    texts: new Map(runs.flatMap(({ texts }) => [...texts])),
    inputs,
  };
  if (found.diagnostics.some(({ severity }) => severity === "error")) {
    return { ...found, result: "rejected", outputs: [] };
  }
  const filesOf = ({ emitted, remembered }: EntryRun): readonly string[] =>
    emitted?.map(({ path }) => path) ?? remembered?.files.map(([path]) => path) ?? [];
  refuseOverlaps(
    runs.map((run) => ({ entry: run.entry, files: filesOf(run) })),
    request.cwd,
  );

  const isBlocked = runs.some(({ entry, emitted }) => {
    const paths = emitted?.map(({ path }) => path) ?? [];
    return hasForeignFiles(entry.outDir, paths, targetOf(entry));
  });
  const writes = !request.check && (!isBlocked || request.force);
  const staged = new StagedFiles(writes ? request.interruption?.() : undefined);
  try {
    const outputs: GeneratedOutput[] = [];
    for (const run of runs) {
      const plan = await planEntry(run, request, formatter, writes ? staged : undefined);
      const { moduleCount, recordCount } = run;
      outputs.push({ ...plan, moduleCount, recordCount });
    }
    if (writes) applyPlans(outputs, staged);
    const result = resultOf(request, outputs, isBlocked);
    if (result === "written" || result === "current") await saveStamps(runs, outputs);
    return { ...found, result, outputs };
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/** What is known of an entry before anything is compared. */
interface EntryRun {
  readonly entry: GenerateEntry;
  readonly inputs: InputFiles;
  readonly stamp: RunStamp | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  readonly moduleCount: number;
  readonly recordCount: number;
  /** Not formatted yet. Undefined when all files are there already, as `remembered` says. */
  readonly emitted: readonly EmittedFile[] | undefined;
  readonly remembered: RunRecord | undefined;
}

async function runEntry(
  entry: GenerateEntry,
  inputs: InputFiles,
  formatter: OutputFormatter,
): Promise<EntryRun> {
  const stamp = formatter.usesCache ? RunStamp.of(entry, inputs) : undefined;
  const remembered = await stamp?.confirmed();
  if (remembered !== undefined) {
    const texts = textsOf(inputs, remembered);
    return { entry, inputs, stamp, ...remembered, texts, emitted: undefined, remembered };
  }
  const { files, ...result } = await compileEntry(entry, inputs);
  return { entry, inputs, stamp, ...result, emitted: files, remembered };
}

function textsOf({ sources, readInclude }: InputFiles, { includes }: RunRecord) {
  return new Map([
    ...includes.map(([shown]) => [shown, readInclude(shown)?.text ?? ""] as const),
    ...sources.map(({ path, text }) => [path, text] as const),
  ]);
}

async function planEntry(
  { entry, emitted, remembered }: EntryRun,
  { onProgress }: GenerateRequest,
  formatter: OutputFormatter,
  staged: StagedFiles | undefined,
): Promise<OutputPlan> {
  const target = targetOf(entry);
  const { outDir } = entry;
  if (emitted === undefined) {
    const files = remembered?.files ?? [];
    const unchanged = files.map(([path, hash]) => ({ path, hash, status: "unchanged" as const }));
    return withOrphans({ outDir, files: unchanged }, target);
  }
  if (!target.isTypeScript || !paysThread(emitted.length)) {
    const files = target.isTypeScript ? formatter.format(emitted, outDir, onProgress) : emitted;
    return withOrphans({ outDir, files: await planFiles(outDir, files, target, staged) }, target);
  }
  const options = await formatter.optionsOf(emitted, outDir);
  const { marker } = target;
  const compared = await compareInThread({
    outDir,
    files: emitted,
    options,
    marker,
    staged,
    onProgress,
  });
  const others = emitted.filter((_file, index) => compared[index] === undefined);
  const rest = formatter.format(others, outDir);
  const planned = await planFiles(outDir, rest, target, staged);
  const byPath = new Map(planned.map((file) => [file.path, file]));
  const files = emitted.flatMap(({ path }, index): PlannedFile[] => {
    const comparison = compared[index];
    const file = comparison === undefined ? byPath.get(path) : { path, ...comparison };
    return file === undefined ? [] : [file];
  });
  return withOrphans({ outDir, files }, target);
}

/** For the next run. Entries that were remembered have theirs. */
async function saveStamps(
  runs: readonly EntryRun[],
  outputs: readonly GeneratedOutput[],
): Promise<void> {
  for (const [index, run] of runs.entries()) {
    if (run.stamp === undefined || run.remembered !== undefined) continue;
    const given = new Set(run.inputs.sources.map(({ path }) => path));
    const included = [...run.texts].filter(([path]) => !given.has(path));
    await run.stamp.save({
      moduleCount: run.moduleCount,
      recordCount: run.recordCount,
      diagnostics: run.diagnostics,
      includes: included.map(([path, text]) => [path, hash(text)] as const),
      files: (outputs[index]?.files ?? []).flatMap(({ path, hash }) =>
        hash === undefined ? [] : [[path, hash] as const],
      ),
    });
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
  // Loaded here, because where nothing has changed it is not needed.
  const { compile, CompileOptionsError } = await import("@jute-ts/compiler");
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
