/** A list of problems that a person can read: who has a thousand in one file needs another file, not a longer list. */
import { type Diagnostic, diagnose, kinds } from "../diagnostics.js";

/** How many problems of one file are shown. */
const MOST_PROBLEMS = 100;

/** The first problems of each file in the order given, and how many there are beside them, as severe as the worst of those. */
export function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byFile = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const ofFile = byFile.get(diagnostic.span.file);
    if (ofFile === undefined) byFile.set(diagnostic.span.file, [diagnostic]);
    else ofFile.push(diagnostic);
  }
  const shown = new Map<string, number>();
  return diagnostics.flatMap((diagnostic) => {
    const { file } = diagnostic.span;
    const number = (shown.get(file) ?? 0) + 1;
    shown.set(file, number);
    if (number <= MOST_PROBLEMS) return [diagnostic];
    return number === MOST_PROBLEMS + 1
      ? [leftOut((byFile.get(file) ?? []).slice(MOST_PROBLEMS), diagnostic)]
      : [];
  });
}

/** Says where the first of them is that there are more. */
function leftOut(more: readonly Diagnostic[], { span }: Diagnostic): Diagnostic {
  const severity = more.some((each) => each.severity === "error") ? "error" : "warning";
  return { ...diagnose(kinds.tooMany, [more.length], span), severity };
}
