/** `jute check`: reads and checks, and makes nothing. */
import { checkSources, type Diagnostic } from "@jute-ts/compiler";
import { readInputFiles } from "./input-files.js";

export interface CheckRequest {
  /** Paths and patterns, with the absolute directory that they are relative to. */
  readonly inputs: readonly { readonly files: readonly string[]; readonly directory: string }[];
  /** Absolute: what the paths in diagnostics are relative to. */
  readonly cwd: string;
}

export interface CheckOutcome {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** How many files were given; included ones are not counted. */
  readonly fileCount: number;
}

/** Runs once. Throws UsageError when a file cannot be read. */
export function check({ inputs, cwd }: CheckRequest): CheckOutcome {
  const diagnostics = new Map<string, Diagnostic>();
  const texts = new Map<string, string>();
  const checkedFiles = new Set<string>();
  for (const { files, directory } of inputs) {
    const { sources, readInclude } = readInputFiles(files, directory, cwd);
    const result = checkSources(sources, { readInclude });
    for (const found of result.diagnostics) diagnostics.set(JSON.stringify(found), found);
    for (const [path, text] of result.texts) texts.set(path, text);
    for (const { path } of sources) checkedFiles.add(path);
  }
  return { diagnostics: [...diagnostics.values()], texts, fileCount: checkedFiles.size };
}
