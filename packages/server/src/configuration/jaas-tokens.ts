/** The words and signs of a JAAS file, divided as Java's StreamTokenizer divides them. */

export interface JaasToken {
  /** A word or a quoted text without its quotes; or one character that is neither. */
  readonly kind: "text" | "sign";
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** All tokens. Comments begin with a slash, alone or doubled, or stand between slashes and asterisks. */
export function jaasTokens(text: string): JaasToken[] {
  const tokens: JaasToken[] = [];
  let line = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    const first = token.charAt(0);
    if (first === '"') tokens.push({ kind: "text", text: unquoted(token), line });
    else if (isWord(token)) tokens.push({ kind: "text", text: token, line });
    else if (first > " " && !isComment(token)) tokens.push({ kind: "sign", text: first, line });
    line += token.match(/\r\n?|\n/g)?.length ?? 0;
  }
  return tokens;
}

function isWord(token: string): boolean {
  return WORD.test(token);
}

function isComment(token: string): boolean {
  return token.startsWith("/");
}

/** A quote that is not closed ends with its line. */
function unquoted(token: string): string {
  const inner = token.slice(1).replace(/"$/, (quote, at: number, all: string) =>
    // The last quote closes unless a backslash stands before it that is not itself escaped.
    /(?:^|[^\\])(?:\\\\)*$/.test(all.slice(0, at)) ? "" : quote,
  );
  return inner.replace(/\\([0-3]?[0-7]{1,2}|[^])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped)
      ? String.fromCharCode(parseInt(escaped, 8))
      : (ESCAPES.get(escaped) ?? escaped),
  );
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** Digits, dots and dashes may follow, but a word that begins with one is a number, and Java wants none. */
const WORD = /^[A-Za-z_$*\u00a0-\uffff][\w.$*\-\u00a0-\uffff]*$/;

/** Blanks, comments, quoted texts, words, and what is left, character by character. */
const TOKEN =
  /[\0-\x20]+|\/\*[^]*?(?:\*\/|$)|\/[^\r\n]*|"(?:\\[^]|[^"\\\r\n])*"?|[A-Za-z_$*\u00a0-\uffff][\w.$*\-\u00a0-\uffff]*|[^]/g;
