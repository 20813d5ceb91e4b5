/** Jute files as an editor colours them: the grammar in the engine that VS Code has for it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const grammarFile = path.resolve(import.meta.dirname, "../syntaxes/jute.tmLanguage.json");
const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");

export interface ScopedToken {
  readonly text: string;
  /** From the start of the file, in UTF-16 units. */
  readonly start: number;
  /** From the language itself to what is said of just this text. */
  readonly scopes: readonly string[];
}

/** Cuts a file into tokens. Line breaks belong to none. */
export async function juteTokenizer(): Promise<(text: string) => readonly ScopedToken[]> {
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => oniguruma.createOnigScanner(patterns),
      createOnigString: (text) => oniguruma.createOnigString(text),
    }),
    loadGrammar: (scope) =>
      Promise.resolve(
        scope === "source.jute"
          ? textmate.parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile)
          : null,
      ),
  });
  const grammar = await registry.loadGrammar("source.jute");
  if (grammar === null) throw new Error("the grammar is not there");
  return (text) => {
    let state = textmate.INITIAL;
    return linesOf(text).flatMap(({ line, start }) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens
        .map(({ startIndex, endIndex, scopes }) => ({
          text: line.slice(startIndex, endIndex),
          start: start + startIndex,
          scopes,
        }))
        .filter((token) => token.text !== "");
    });
  };
}

/** An editor ends lines at all three kinds of line breaks. */
function linesOf(text: string): readonly { readonly line: string; readonly start: number }[] {
  const lines = [];
  let start = 0;
  for (const { 0: found, index } of text.matchAll(/\r\n|\r|\n|$/g)) {
    lines.push({ line: text.slice(start, index), start });
    start = index + found.length;
  }
  return lines;
}
