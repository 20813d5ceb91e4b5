/**
 * From texts to a checked schema. Everything wrong in all files is found in one
 * run; what is left of a broken file is still checked, so that a missing
 * semicolon does not hide an unknown type further down.
 */
import type { Diagnostic } from "../diagnostics.js";
import type { ParsedFile } from "../syntax/parse.js";
import type { SourceFile } from "../syntax/source-file.js";
import { buildSchema } from "./build-schema.js";
import { checks } from "./checks/index.js";
import { checkTypes } from "./checks/types.js";
import { loadFiles, type ReadInclude } from "./files.js";
import type { Schema } from "./model.js";
import { Sources } from "./sources.js";

export interface CheckOptions {
  /**
   * Gives the text of a file that some source includes and that is not itself a
   * source, or undefined when there is none. The path is resolved relative to
   * the including file and has forward slashes. Asked once for each path.
   */
  readonly readInclude?: ReadInclude | undefined;
  /** Replaces `parse`, for callers that keep what they have parsed. */
  readonly parseFile?: ((source: SourceFile) => ParsedFile) | undefined;
}

export interface CheckResult {
  /** Undefined exactly when there is an error among the diagnostics. */
  readonly schema: Schema | undefined;
  /** In the order in which the files first appear, then by position. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every text that was read, included files too, by the path that spans name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Parses and checks the given files and all they include. Throws only what `readInclude` throws. */
export function checkSources(
  given: readonly SourceFile[],
  options: CheckOptions = {},
): CheckResult {
  const { sources, diagnostics } = analyzeSources(given, options);
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return {
    schema: failed ? undefined : buildSchema(sources),
    diagnostics,
    texts: textsOf(sources),
  };
}

/** The same up to the schema: the files with their syntax, every name resolved that can be. */
export function analyzeSources(
  given: readonly SourceFile[],
  options: CheckOptions,
): { readonly sources: Sources; readonly diagnostics: readonly Diagnostic[] } {
  const sources = load(given, options);
  return { sources, diagnostics: diagnoseSources(sources) };
}

/** Reads sources and resolves names, and looks for nothing that is wrong: what an editor needs for an answer. */
export function resolveSources(given: readonly SourceFile[], options: CheckOptions): Sources {
  const sources = load(given, options);
  checkTypes(sources, () => undefined);
  return sources;
}

/** Everything that is wrong with these files. */
export function diagnoseSources(sources: Sources): readonly Diagnostic[] {
  const found: Diagnostic[] = sources.files.flatMap(({ errors }) => errors);
  for (const check of checks) check(sources, (diagnostic) => found.push(diagnostic));
  return inOrder(withoutEchoes(found), sources);
}

function load(given: readonly SourceFile[], { readInclude, parseFile }: CheckOptions): Sources {
  return new Sources(loadFiles(given, readInclude ?? (() => undefined), parseFile));
}

/** Every text that was read, by the path that spans name. */
export function textsOf(sources: Sources): ReadonlyMap<string, string> {
  return new Map(sources.files.map(({ path, text }) => [path, text]));
}

/** A warning about a place that an error speaks of already adds nothing. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const placeOf = ({ span }: Diagnostic): string => `${String(span.start)}:${span.file}`;
  const errors = new Set(diagnostics.filter(({ severity }) => severity === "error").map(placeOf));
  return diagnostics.filter(
    (diagnostic) => diagnostic.severity === "error" || !errors.has(placeOf(diagnostic)),
  );
}

/** In the order in which the files first appear, then by position. */
export function inOrder(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
): readonly Diagnostic[] {
  const order = new Map(sources.files.map(({ path }, index) => [path, index]));
  const fileOf = ({ span }: Diagnostic): number => order.get(span.file) ?? order.size;
  return [...diagnostics].sort(
    (a, b) =>
      fileOf(a) - fileOf(b) || a.span.start - b.span.start || a.code.localeCompare(b.code, "en"),
  );
}
