/** Reads sources and checks them, and makes nothing. */
import { checkSources, type Diagnostic } from "@jute-ts/compiler";
import { type Input, readInputFiles } from "./input-files.js";

export interface CheckOutcome {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** How many files were given; included ones are not counted. */
  readonly fileCount: number;
}

interface InputGroup {
  readonly files: readonly Input[];
  /** Absolute: what `files` are relative to. */
  readonly directory: string;
}

/** Throws UsageError when a file cannot be read. `cwd` is what the paths in diagnostics are relative to. */
export function check(groups: readonly InputGroup[], cwd: string): CheckOutcome {
  const diagnostics = new Map<string, Diagnostic>();
  const texts = new Map<string, string>();
  const checkedFiles = new Set<string>();
  for (const { files, directory } of groups) {
    const { sources, readInclude } = readInputFiles(files, directory, cwd);
    const result = checkSources(sources, { readInclude });
    for (const found of result.diagnostics) diagnostics.set(JSON.stringify(found), found);
    for (const [path, text] of result.texts) texts.set(path, text);
    for (const { path } of sources) checkedFiles.add(path);
  }
  return { diagnostics: [...diagnostics.values()], texts, fileCount: checkedFiles.size };
}
