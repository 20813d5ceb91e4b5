/**
 * Reads JSON and remembers where every value stands, which JSON.parse does not.
 * A config file is written by hand, so a message about it should point at a line.
 */
export type JsonNode =
  | { readonly kind: "object"; readonly offset: number; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly offset: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly offset: number; readonly value: string }
  | {
      readonly kind: "number" | "boolean" | "null";
      readonly offset: number;
      readonly value: number | boolean | null;
    };

export interface JsonMember {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: JsonNode;
}

/** The text is not JSON. `offset` is where it stops being JSON, in UTF-16 units. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Parses one JSON document, without extensions. Throws {@link JsonSyntaxError}. */
export function parseJsonTree(text: string): JsonNode {
  return new JsonReader(text).document();
}

const WHITESPACE = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Deeper than any config, and less deep than calls may nest. */
const MOST_LEVELS = 100;

class JsonReader {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    // An editor on Windows may put a byte order mark in front.
    if (text.startsWith("\uFEFF")) this.#position = 1;
  }

  document(): JsonNode {
    const node = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) this.#fail("nothing may follow the document");
    return node;
  }

  #value(): JsonNode {
    this.#skipSpace();
    const offset = this.#position;
    switch (this.#text[offset]) {
      case "{":
        return { kind: "object", offset, members: this.#list("}", () => this.#member()) };
      case "[":
        return { kind: "array", offset, items: this.#list("]", () => this.#value()) };
      case '"':
        return { kind: "string", offset, value: this.#string() };
      default:
        return this.#literal();
    }
  }

  #member(): JsonMember {
    this.#skipSpace();
    const keyOffset = this.#position;
    if (this.#text[keyOffset] !== '"') this.#fail("a key in double quotes is expected here");
    const key = this.#string();
    this.#skipSpace();
    if (this.#text[this.#position] !== ":") this.#fail('":" is expected after a key');
    this.#position++;
    return { key, keyOffset, value: this.#value() };
  }

  /** Items between the bracket at the current position and the closing one. */
  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (++this.#depth > MOST_LEVELS) {
      this.#fail(`this is nested more than ${String(MOST_LEVELS)} levels deep`);
    }
    this.#position++;
    this.#skipSpace();
    let next = this.#text[this.#position];
    if (next === close) this.#position++;
    while (next !== close) {
      items.push(item());
      this.#skipSpace();
      next = this.#text[this.#position];
      if (next !== "," && next !== close) this.#fail(`"," or "${close}" is expected here`);
      this.#position++;
    }
    this.#depth--;
    return items;
  }

  #string(): string {
    const literal = this.#match(STRING);
    if (literal === undefined) this.#fail("this string does not end, or holds an invalid escape");
    return JSON.parse(literal) as string;
  }

  #literal(): JsonNode {
    const offset = this.#position;
    const literal = this.#match(LITERAL);
    if (literal === undefined) this.#fail("a value is expected here");
    const value = JSON.parse(literal) as number | boolean | null;
    const kind =
      value === null ? "null" : typeof value === "boolean" ? ("boolean" as const) : "number";
    return { kind, offset, value };
  }

  #skipSpace(): void {
    this.#match(WHITESPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #fail(message: string): never {
    throw new JsonSyntaxError(message, this.#position);
  }
}
