/**
 * What a text can speak of, seen without parsing it: perhaps more than is true, never less. So a question
 * about one class leaves most of a large workspace unparsed.
 */
import { resolveInclude } from "@jute-ts/compiler/analysis";

/** The files that a text can include: whatever stands between two quotes, also in a comment. */
export function possibleIncludes(path: string, text: string): readonly string[] {
  const quoted = text.split('"').slice(1, -1);
  return quoted.map((included) => resolveInclude(path, included));
}

/**
 * The files that can use what `target` declares: itself, and those that include it, directly or not.
 * `includesOf` is asked once for each of the given files and for all that they include.
 */
export function possibleUsers(
  target: string,
  files: Iterable<string>,
  includesOf: (path: string) => readonly string[],
): ReadonlySet<string> {
  const includedBy = new Map<string, string[]>();
  const known = new Set(files);
  // Grows while it is walked through.
  for (const file of known) {
    for (const included of includesOf(file)) {
      known.add(included);
      const users = includedBy.get(included);
      if (users === undefined) includedBy.set(included, [file]);
      else users.push(file);
    }
  }
  const users = new Set([target]);
  for (const file of users) {
    for (const user of includedBy.get(file) ?? []) users.add(user);
  }
  return users;
}
