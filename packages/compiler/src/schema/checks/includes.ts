/** Includes that cannot be read, and files that include each other. */
import { advice, diagnose, kinds, notes, type RelatedPlace } from "../../diagnostics.js";
import { cyclesOf } from "../cycles.js";
import type { IncludeEdge, LoadedFile } from "../files.js";
import type { Check, Sources } from "../sources.js";

export const checkMissingIncludes: Check = (sources, report) => {
  const includers = firstIncluders(sources);
  for (const file of sources.files) {
    for (const { include, path, target } of file.includes) {
      if (target !== undefined) continue;
      const related = chainTo(file, includers);
      report(
        diagnose(kinds.missingInclude, [path], include.span, related.length > 0 ? { related } : {}),
      );
    }
  }
};

export const checkIncludeCycles: Check = (sources, report) => {
  const included = (file: LoadedFile): readonly LoadedFile[] =>
    file.includes.flatMap(({ target }) => target ?? []);
  for (const cycle of cyclesOf(sources.files, included)) {
    const edges = cycle.flatMap((file, index) => {
      const next = cycle[(index + 1) % cycle.length];
      return file.includes.find(({ target }) => target === next) ?? [];
    });
    const [start, ...others] = edges;
    if (start === undefined) continue;
    report(
      diagnose(
        kinds.includeCycle,
        [[...cycle, ...cycle.slice(0, 1)].map(({ path }) => path)],
        start.include.span,
        { suggestion: advice.breakIncludes, related: others.map(includedHere) },
      ),
    );
  }
};

/** For each included file the edge that first brought it in. */
function firstIncluders(
  sources: Sources,
): ReadonlyMap<LoadedFile, { readonly file: LoadedFile; readonly edge: IncludeEdge }> {
  const includers = new Map<LoadedFile, { file: LoadedFile; edge: IncludeEdge }>();
  for (const file of sources.files) {
    for (const edge of file.includes) {
      const { target } = edge;
      if (target !== undefined && !target.isSource && !includers.has(target)) {
        includers.set(target, { file, edge });
      }
    }
  }
  return includers;
}

/** The includes that lead from a file given by the caller to this one, nearest first. */
function chainTo(
  file: LoadedFile,
  includers: ReturnType<typeof firstIncluders>,
): readonly RelatedPlace[] {
  const chain: RelatedPlace[] = [];
  const seen = new Set<LoadedFile>();
  for (let step = includers.get(file); step !== undefined; step = includers.get(step.file)) {
    if (seen.has(step.file)) break;
    seen.add(step.file);
    chain.push(includedHere(step.edge));
  }
  return chain;
}

function includedHere({ include, path }: IncludeEdge): RelatedPlace {
  return { message: notes.includedHere(path), span: include.span };
}
