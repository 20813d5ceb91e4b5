/** A list of problems that a person can read: who has a thousand in one file needs another file, not a longer list. */
import { type Diagnostic, diagnose, kinds } from "../diagnostics.js";

/** How many problems of one file are shown. */
const MOST_PROBLEMS = 100;

/** The first problems of each file in the order given, and how many there are beside them. */
export function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const counts = new Map<string, number>();
  for (const { span } of diagnostics) counts.set(span.file, (counts.get(span.file) ?? 0) + 1);
  const shown = new Map<string, number>();
  return diagnostics.flatMap((diagnostic) => {
    const { file } = diagnostic.span;
    const number = (shown.get(file) ?? 0) + 1;
    shown.set(file, number);
    if (number <= MOST_PROBLEMS) return [diagnostic];
    const rest = (counts.get(file) ?? 0) - MOST_PROBLEMS;
    return number === MOST_PROBLEMS + 1 ? [diagnose(kinds.tooMany, [rest], diagnostic.span)] : [];
  });
}
