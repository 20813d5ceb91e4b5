/** Entries of a config that would delete or replace each other's files in every run. */
import path from "node:path";
import { DEFAULT_TARGET } from "@jute-ts/compiler/parts";
import type { GenerateEntry } from "../config.js";
import { shownPath } from "../input-files.js";
import { UsageError } from "../surroundings.js";

/** An entry with the paths of its files, relative to its output directory. */
export interface EntryFiles {
  readonly entry: GenerateEntry;
  readonly files: readonly string[];
}

/**
 * Throws {@link UsageError} when an entry has a file in the output directory of another one that is
 * below its own and has the same target. A directory that only lies in another one's is no overlap.
 */
export function refuseOverlaps(entries: readonly EntryFiles[], cwd: string): void {
  for (const { entry: lower } of entries) {
    for (const { entry: upper, files } of entries) {
      if (targetOf(upper) !== targetOf(lower)) continue;
      const below = path.relative(upper.outDir, lower.outDir).replaceAll(path.sep, "/");
      if (below === "" || below === ".." || below.startsWith("../") || path.isAbsolute(below)) {
        continue;
      }
      const file = files.find((each) => each.startsWith(`${below}/`));
      if (file === undefined) continue;
      const [inner, outer] = [lower, upper].map(({ outDir }) => shownPath(outDir, cwd));
      throw new UsageError(
        `the "outDir" ${String(inner)} of one entry is where another one, to ${String(outer)}, writes ${file}: ` +
          "each would delete what the other one wrote",
      );
    }
  }
}

function targetOf({ target = DEFAULT_TARGET }: GenerateEntry): string {
  return target;
}
