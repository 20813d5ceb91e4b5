/**
 * Which files a run reads: paths and glob patterns in, sources out. Paths in
 * diagnostics are relative to the working directory, with forward slashes, so
 * that an editor's terminal can open them and CI prints the same on every machine.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { globSync, isDynamicPattern } from "tinyglobby";
import type { SourceFile, SourceText } from "@jute-ts/compiler";
import { UsageError } from "./surroundings.js";
import { readSourceText } from "./source-text.js";
import { whyRefused } from "./system-error.js";

/** A path or a pattern, or a source that has been read already. */
export type Input = string | SourceFile;

/** The sources of one run, and how to open what they include. */
export interface InputFiles {
  readonly sources: readonly SourceFile[];
  /** Opens an included file by its path as diagnostics show it. Undefined when there is none. */
  readonly readInclude: (shownPath: string) => SourceFile | undefined;
  /** Absolute paths of all that was asked for so far, found or not: what `--watch` looks at. */
  readonly touched: ReadonlySet<string>;
}

/**
 * Reads the files that `inputs` name, in the order given; the matches of one
 * pattern are sorted, because the order decides that of the output. Throws
 * {@link UsageError} when a file is missing or a pattern matches nothing.
 */
export function readInputFiles(
  inputs: readonly Input[],
  directory: string,
  cwd: string,
): InputFiles {
  const touched = new Set<string>();
  const sources = new Map<string, SourceFile>();
  for (const input of inputs) {
    if (typeof input !== "string") {
      sources.set(path.resolve(cwd, input.path), input);
      continue;
    }
    for (const file of expandPattern(input, directory, cwd)) {
      touched.add(file);
      if (sources.has(file)) continue;
      sources.set(file, { path: shownPath(file, cwd), ...readSource(file, cwd) });
    }
  }
  return {
    sources: [...sources.values()],
    touched,
    readInclude: (shown) => {
      const file = path.resolve(cwd, shown);
      touched.add(file);
      return readIfThere(file, shownPath(file, cwd));
    },
  };
}

/** Relative to the working directory, with forward slashes; absolute only on another drive of Windows. */
export function shownPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return (relative === "" ? "." : relative).replaceAll(path.sep, "/");
}

/** Absolute paths. A path without wildcards stands for itself, whether or not there is such a file. */
function expandPattern(pattern: string, directory: string, cwd: string): readonly string[] {
  const literal = path.resolve(directory, pattern);
  const portable = pattern.replaceAll(path.sep, "/");
  // A file may have brackets in its name; a shell has already expanded what it could.
  if (!isDynamicPattern(portable) || existsSync(literal)) return [literal];
  const { base, rest } = splitPattern(portable);
  const matches = globSync(rest, {
    cwd: path.resolve(directory, base),
    absolute: true,
    expandDirectories: false,
  });
  if (matches.length === 0) {
    const place = directory === cwd ? "" : ` in ${shownPath(directory, cwd)}`;
    throw new UsageError(`no file matches "${pattern}"${place}`);
  }
  return matches.map((match) => path.normalize(match)).sort();
}

/**
 * The folder that a pattern begins with, and what is left of it. Looking from there finds what
 * lies in the working directory, too, when the pattern leads out of it and back (`../**`).
 */
function splitPattern(pattern: string): { readonly base: string; readonly rest: string } {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => /[*?{}()[\]!+@\\]/.test(part));
  if (first < 0) return { base: "", rest: pattern };
  // With its last slash: "/" and "C:/" are roots, which "" and "C:" are not.
  const base = parts.slice(0, first).map((part) => `${part}/`);
  return { base: base.join(""), rest: parts.slice(first).join("/") };
}

function readSource(file: string, cwd: string): SourceText {
  try {
    return readSourceText(file, shownPath(file, cwd));
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === "EISDIR"
        ? "it is a directory; name its files, such as dir/*.jute"
        : whyRefused(error);
    throw new UsageError(`cannot read ${shownPath(file, cwd)}: ${why}`);
  }
}

function readIfThere(file: string, shown: string): SourceFile | undefined {
  try {
    return { ...readSourceText(file, shown), path: shown };
  } catch {
    return undefined;
  }
}
