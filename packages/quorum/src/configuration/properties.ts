/**
 * Java's Properties format, to the letter: it is what zoo.cfg and the dynamic
 * files are written in. A line is `key=value`, `key:value` or `key value`; `#` and
 * `!` begin comments; a backslash at the end goes on in the next line, elsewhere
 * it makes the next character an ordinary one or begins `\t \n \r \f` or `\uXXXX`.
 * Keys that occur again are all given back; Java keeps the last.
 */

export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  /** The line in which the key begins, counted from 1. */
  readonly line: number;
}

export interface PropertyProblem {
  readonly line: number;
  readonly message: string;
}

export interface Properties {
  /** In the order of the text. */
  readonly entries: readonly PropertyEntry[];
  /** Lines that are no properties: only a `\u` without four hexadecimal digits can be wrong. */
  readonly problems: readonly PropertyProblem[];
}

/** Reads a whole file. Never throws. */
export function parseProperties(text: string): Properties {
  const entries: PropertyEntry[] = [];
  const problems: PropertyProblem[] = [];
  for (const { text: line, number } of logicalLines(text)) {
    const { keyEnd, valueStart } = splitLine(line);
    const key = unescape(line.slice(0, keyEnd));
    const value = unescape(line.slice(valueStart));
    if (key === undefined || value === undefined) {
      const message = "\\u needs four hexadecimal digits. Write \\\\ for a backslash.";
      problems.push({ line: number, message });
    } else entries.push({ key, value, line: number });
  }
  return { entries, problems };
}

interface LogicalLine {
  /** What several lines say together, without the backslashes that joined them. */
  readonly text: string;
  readonly number: number;
}

/** Joins continued lines and leaves out blank lines and comments. */
function* logicalLines(text: string): Generator<LogicalLine> {
  const lines = text.split(/\r\n|\r|\n/);
  let joined = "";
  let number = 0;
  let continued = false;
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const content = line.replace(/^[ \t\f]+/, "");
    if (joined === "") {
      // A text that ends behind a lone backslash ends in a property without a name, as Java reads it.
      const endsInBackslash = continued && isLast && line === "";
      const isNothing = content === "" || content.startsWith("#") || content.startsWith("!");
      if (isNothing && !endsInBackslash) {
        continued = false;
        continue;
      }
      number = index + 1;
    }
    const goesOn = endsInOpenBackslash(content);
    joined += goesOn ? content.slice(0, -1) : content;
    continued = goesOn;
    if (goesOn && !isLast) continue;
    yield { text: joined, number };
    joined = "";
  }
}

function endsInOpenBackslash(line: string): boolean {
  let backslashes = 0;
  while (line.charAt(line.length - 1 - backslashes) === "\\") backslashes++;
  return backslashes % 2 === 1;
}

/** Where the key ends and the value begins: at the first `=`, `:` or space that no backslash protects. */
function splitLine(line: string): { readonly keyEnd: number; readonly valueStart: number } {
  let keyEnd = 0;
  while (keyEnd < line.length && !SEPARATORS.has(line.charAt(keyEnd))) {
    keyEnd += line.charAt(keyEnd) === "\\" ? 2 : 1;
  }
  keyEnd = Math.min(keyEnd, line.length);
  // Spaces may stand on both sides of the one = or : that belongs to the separator.
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(keyEnd))?.[0] ?? "";
  return { keyEnd, valueStart: keyEnd + separator.length };
}

/** Resolves escapes; undefined where `\u` is not followed by four digits. */
function unescape(text: string): string | undefined {
  let plain = "";
  let end = 0;
  for (const match of text.matchAll(/\\(?:u([0-9A-Fa-f]{4})|([^]))/g)) {
    const [whole, digits, letter = ""] = match;
    if (letter === "u") return undefined;
    plain += text.slice(end, match.index);
    plain +=
      digits === undefined
        ? (ESCAPES.get(letter) ?? letter)
        : String.fromCharCode(Number.parseInt(digits, 16));
    end = match.index + whole.length;
  }
  return plain + text.slice(end);
}

const SEPARATORS: ReadonlySet<string> = new Set(["=", ":", " ", "\t", "\f"]);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
]);
