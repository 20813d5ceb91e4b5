/** Where the keys of a configuration stand, for problems that show only when a value is used. */
import { parseProperties } from "./properties.js";

/** A line of a file; line 0 when the key has none. */
export interface Position {
  readonly fileName: string;
  readonly line: number;
}

/** The text of a file, and its name as messages give it. */
export interface NamedText {
  readonly fileName: string;
  readonly text: string;
}

/** Finds the line of a key: the last in the first of the files that has it. */
export function positionsIn(files: readonly NamedText[]): (key: string) => Position {
  const positions = new Map<string, Position>();
  for (const { fileName, text } of [...files].reverse()) {
    for (const { key, line } of parseProperties(text.replace(/^\uFEFF/u, "")).entries) {
      positions.set(key.trim(), { fileName, line });
    }
  }
  return (key) => positions.get(key) ?? { fileName: files[0]?.fileName ?? "", line: 0 };
}
