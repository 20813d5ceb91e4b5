/** Some files of a large output: what either of two threads lays out, compares and writes. */
import {
  type EmittedFile,
  formatWithoutPrettier,
  type PrettierOptions,
} from "@jute-ts/compiler/parts";
import { compareFile, type Comparison } from "./output-directory.js";
import type { StagedFile } from "./staged-files.js";

/** Can be sent to a thread when its files can. */
export interface Batch {
  /** What generated files start with. */
  readonly marker: string;
  readonly files: readonly BatchFile[];
}

export interface BatchFile {
  /** As it was emitted: neither its path nor its text is final. */
  readonly emitted: EmittedFile;
  /** Where it goes, absolute. */
  readonly target: string;
  readonly options: PrettierOptions;
  /** Where to write it if it is to be written. */
  readonly place: StagedFile | undefined;
}

/** What a thread answers: a comparison for each file, undefined for what only Prettier can lay out; or why the disk refused. */
export type BatchResult =
  { readonly comparisons: readonly (Comparison | undefined)[] } | { readonly failure: string };

/** A comparison for each file, undefined for what only Prettier can lay out. Throws FileSystemError. */
export function compareBatch({ marker, files }: Batch): (Comparison | undefined)[] {
  return files.map(({ emitted, target, options, place }) => {
    const text = formatWithoutPrettier(emitted, options);
    return text === undefined ? undefined : compareFile(target, text, marker, place);
  });
}
