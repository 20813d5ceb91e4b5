/**
 * Whether a project has set up Prettier at all. Loading Prettier only to hear that it has
 * not would take as long as compiling ZooKeeper's records.
 *
 * What the files say is left to Prettier. Where it is not certain that it would find
 * nothing, the answer here is that it may.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Looks for configurations of Prettier and for `.editorconfig` files. One instance serves one run: it remembers what it found. */
export class PrettierFiles {
  readonly #answers = new Map<string, boolean>();

  /** Whether something in the directory, or in one above it, may decide how Prettier formats a file there. `directory` is absolute. */
  mayConfigure(directory: string): boolean {
    const passed: string[] = [];
    let answer: boolean | undefined;
    for (let current = directory; answer === undefined; current = path.dirname(current)) {
      answer = this.#answers.get(current);
      if (answer !== undefined) break;
      passed.push(current);
      if (holdsConfiguration(current)) answer = true;
      else if (path.dirname(current) === current) answer = false;
    }
    for (const each of passed) this.#answers.set(each, answer);
    return answer;
  }
}

function holdsConfiguration(directory: string): boolean {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    // The output directory need not be there yet. One that cannot be listed may still hold files.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
  return names.some((name) => {
    const lower = name.toLowerCase();
    if (lower === "package.json") return mentionsPrettier(path.join(directory, name));
    return CONFIGURATION.test(lower);
  });
}

const CONFIGURATION =
  /^(?:\.prettierrc(?:\..*)?|prettier\.config\..*|\.editorconfig|package\.yaml)$/;

/** Whether the manifest has the key under which Prettier looks for its options. */
function mentionsPrettier(manifest: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof content !== "object" || content === null || "prettier" in content;
  } catch {
    return true;
  }
}
