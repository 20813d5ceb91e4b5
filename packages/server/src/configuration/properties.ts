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

/** Reads a whole file, or what stands in it before there are too many settings. Never throws. */
export function parseProperties(text: string): Properties {
  const entries: PropertyEntry[] = [];
  const problems: PropertyProblem[] = [];
  for (const { text: line, number } of logicalLines(text)) {
    if (entries.length + problems.length === MAX_PROPERTIES) {
      const message = `There are more than ${MAX_PROPERTIES} settings. The rest is not read: remove what is not needed.`;
      problems.push({ line: number, message });
      break;
    }
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

/** Joins continued lines and leaves out blank lines and comments, which cost no memory. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let joined = "";
  let number = 0;
  let continued = false;
  let line = 0;
  for (let start = 0, next = 0; next <= text.length; start = next) {
    line++;
    const end = endOfLine(text, start);
    const isLast = end === text.length;
    // After the last line there is none, not even an empty one.
    next = isLast ? end + 1 : end + (text.startsWith("\r\n", end) ? 2 : 1);
    const begin = behindSpaces(text, start);
    if (joined === "") {
      // A text that ends after a lone backslash ends in a property without a name, as Java reads it.
      const endsInBackslash = continued && isLast && start === end;
      const isNothing = begin === end || text.startsWith("#", begin) || text.startsWith("!", begin);
      if (isNothing && !endsInBackslash) {
        continued = false;
        continue;
      }
      number = line;
    }
    continued = endsInOpenBackslash(text, begin, end);
    joined += text.slice(begin, continued ? end - 1 : end);
    if (continued && !isLast) continue;
    yield { text: joined, number };
    joined = "";
  }
}

/** Where the line ends that has this character, or the text. */
function endOfLine(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === NEWLINE || code === RETURN) break;
  }
  return end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0c;
}

function endsInOpenBackslash(text: string, begin: number, end: number): boolean {
  let at = end;
  while (at > begin && text.charCodeAt(at - 1) === BACKSLASH) at--;
  return (end - at) % 2 === 1;
}

/** Where the key ends and the value begins: at the first `=`, `:` or space that no backslash protects. */
function splitLine(line: string): { readonly keyEnd: number; readonly valueStart: number } {
  let keyEnd = 0;
  while (keyEnd < line.length && !SEPARATORS.has(line.charAt(keyEnd))) {
    keyEnd += line.charAt(keyEnd) === "\\" ? 2 : 1;
  }
  keyEnd = Math.min(keyEnd, line.length);
  // Spaces may stand on both sides of the one = or : that belongs to the separator.
  let valueStart = behindSpaces(line, keyEnd);
  if (line.startsWith("=", valueStart) || line.startsWith(":", valueStart)) {
    valueStart = behindSpaces(line, valueStart + 1);
  }
  return { keyEnd, valueStart };
}

function behindSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Resolves escapes; undefined where `\u` is not followed by four digits. */
function unescape(text: string): string | undefined {
  let plain = "";
  let end = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", end)) {
    plain += text.slice(end, at);
    const letter = text.charAt(at + 1);
    if (letter === "u") {
      const digits = text.slice(at + 2, at + 6);
      if (!/^[0-9A-Fa-f]{4}$/.test(digits)) return undefined;
      plain += String.fromCharCode(Number.parseInt(digits, 16));
      end = at + 6;
    } else {
      // A backslash that nothing follows stays.
      plain += letter === "" ? "\\" : (ESCAPES.get(letter) ?? letter);
      end = at + 2;
    }
  }
  return plain + text.slice(end);
}

/** Far more than anybody writes; what is made of each costs a hundred times its bytes. */
const MAX_PROPERTIES = 300;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;

const SEPARATORS: ReadonlySet<string> = new Set(["=", ":", " ", "\t", "\f"]);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
]);
