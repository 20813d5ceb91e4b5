/**
 * The list of directives that a client of DIGEST-MD5 sends (RFC 2831, section
 * 7.1), as strict and as lenient as the JDK reads it: keys in any case, values
 * plain or quoted, commas or white space between them. Texts are bytes, one
 * character each, because the list itself says which encoding they have.
 */

/** The values by the lower-case names of their directives; undefined for a list that is malformed, or has a known directive twice. */
export function parseDirectives(text: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  const reader = new DirectiveReader(text);
  for (;;) {
    const directive = reader.next();
    if (directive === "end") return values;
    if (directive === "malformed") return undefined;
    const [key, value] = directive;
    if (!KNOWN.has(key)) continue;
    if (values.has(key)) return undefined;
    values.set(key, value);
  }
}

class DirectiveReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): [key: string, value: string] | "end" | "malformed" {
    this.take(/[ \t\r\n,]*/y);
    if (this.isAtEnd()) return "end";
    const key = this.take(/[^=, \t\r\n]+/y);
    if (key === undefined) return "malformed";
    // A last name without a value counts as a directive of which nobody asks; white space after it does not.
    if (this.isAtEnd()) return KNOWN.has(key.toLowerCase()) ? [key.toLowerCase(), ""] : "end";
    if (this.take(/[ \t\r\n]*=[ \t\r\n]*/y) === undefined || this.isAtEnd()) return "malformed";
    const value = this.value();
    return value === undefined ? "malformed" : [key.toLowerCase(), value];
  }

  private value(): string | undefined {
    if (this.#text[this.#at] !== '"') return this.take(/[^, \t\r\n]*/y);
    const quoted = this.take(/"(?:[^"\\]|\\[^])*"/y);
    if (quoted === undefined) return undefined;
    if (!this.isAtEnd() && !/[, \t\r\n]/.test(this.#text.charAt(this.#at))) return undefined;
    return quoted.slice(1, -1).replace(/\\([^])/g, "$1");
  }

  private isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** What the JDK looks at; the others may be there, any number of times. */
const KNOWN: ReadonlySet<string> = new Set([
  "charset",
  "username",
  "realm",
  "nonce",
  "cnonce",
  "digest-uri",
  "maxbuf",
  "response",
  "qop",
  "authzid",
]);
