/**
 * Mistakes below the grammar: characters outside of the language, and strings
 * and comments without an end. A name that holds a wrong letter becomes one
 * token again, so that the rest of its line still makes sense.
 */
import { createTokenInstance, type IToken } from "chevrotain";
import { advice, diagnose, kinds, meant, type Diagnostic } from "../diagnostics.js";
import { endOf } from "./comments.js";
import {
  EmptyText,
  Identifier,
  LeftBrace,
  RightBrace,
  Semicolon,
  UnclosedText,
  type LexedText,
} from "./tokens.js";

export interface MendedWords {
  readonly tokens: readonly IToken[];
  readonly errors: readonly Diagnostic[];
  /** Offsets of characters that were left out; what stands around them is not to be trusted. */
  readonly holes: readonly number[];
}

export function mendWords(file: string, text: string, lexed: LexedText): MendedWords {
  const errors: Diagnostic[] = [];
  const holes: number[] = [];
  const tokens: IToken[] = [];
  let next = 0;
  // One mistake often leaves several stray characters (`= 5`), so each statement reports its first.
  let reportedInStatement = false;
  let wordEnd = 0;

  const copyTokensUpTo = (offset: number): void => {
    for (let token = lexed.tokens[next]; token !== undefined; token = lexed.tokens[++next]) {
      if (token.startOffset >= offset) return;
      tokens.push(token);
      if (ends.has(token.tokenType)) reportedInStatement = false;
    }
  };

  for (const stray of lexed.strayCharacters) {
    if (stray.start < wordEnd) continue;
    copyTokensUpTo(stray.start);
    const word = wordAround(text, stray.start);
    const report = (diagnostic: Diagnostic): void => {
      if (!reportedInStatement) errors.push(diagnostic);
      reportedInStatement = true;
    };
    if (word === undefined) {
      holes.push(stray.start);
      const characters = text.slice(stray.start, stray.end);
      const suggestion = adviceFor.get(characters.charAt(0));
      report(
        diagnose(
          kinds.strayCharacter,
          [describe(characters)],
          { file, ...stray },
          suggestion === undefined ? {} : { suggestion },
        ),
      );
      continue;
    }
    const { start, end } = word;
    while ((tokens.at(-1)?.startOffset ?? -1) >= start) tokens.pop();
    while ((lexed.tokens[next]?.startOffset ?? Infinity) < end) next++;
    const image = text.slice(start, end);
    tokens.push(createTokenInstance(Identifier, image, start, end - 1, NaN, NaN, NaN, NaN));
    wordEnd = end;
    const near = validName(image);
    report(
      diagnose(
        kinds.badName,
        [image],
        { file, start, end },
        near === undefined ? { suggestion: advice.nameRule } : meant(near, { file, start, end }),
      ),
    );
  }
  copyTokensUpTo(Infinity);

  for (const token of tokens) {
    const span = { file, start: token.startOffset, end: endOf(token) };
    if (token.tokenType === EmptyText) errors.push(diagnose(kinds.emptyText, [], span));
    if (token.tokenType === UnclosedText) {
      errors.push(
        diagnose(kinds.unclosedText, [], span, {
          suggestion: advice.writeInstead(`${token.image.trimEnd()}"`),
        }),
      );
    }
  }
  if (lexed.unclosedComment !== undefined) {
    const start = lexed.unclosedComment.startOffset;
    errors.push(
      diagnose(
        kinds.unclosedComment,
        [],
        { file, start, end: start + 2 },
        { suggestion: advice.closeComment },
      ),
    );
  }
  return { tokens, errors, holes };
}

/** The run of letters, digits and the like that a character stands in, if it is of that sort. */
function wordAround(text: string, offset: number): { start: number; end: number } | undefined {
  if (!wordCharacter.test(characterAt(text, offset))) return undefined;
  let start = offset;
  while (start > 0 && wordCharacter.test(characterBefore(text, start))) {
    start -= characterBefore(text, start).length;
  }
  let end = offset;
  while (end < text.length && wordCharacter.test(characterAt(text, end))) {
    end += characterAt(text, end).length;
  }
  return { start, end };
}

function characterAt(text: string, offset: number): string {
  return String.fromCodePoint(text.codePointAt(offset) ?? 0);
}

function characterBefore(text: string, offset: number): string {
  const low = text.charAt(offset - 1);
  const isLow = low >= "\uDC00" && low <= "\uDFFF" && offset > 1;
  return isLow ? characterAt(text, offset - 2) : low;
}

/** The nearest valid name, unless letters would have to be left out. */
function validName(word: string): string | undefined {
  const name = word
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[-$]+/g, "_")
    .replace(/^[^\p{L}]+/u, "");
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(name) ? name : undefined;
}

function describe(characters: string): string {
  const shown = characters.length > 20 ? `${characters.slice(0, 20)}…` : characters;
  if (/^[\x21-\x7e]+…?$/.test(shown)) return `"${shown}"`;
  const point = characters.codePointAt(0) ?? 0;
  return `character U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

const wordCharacter = /[\p{L}\p{M}\p{N}_$-]/u;
const ends: ReadonlySet<unknown> = new Set([Semicolon, LeftBrace, RightBrace]);

const adviceFor: ReadonlyMap<string, string> = new Map([
  ["=", advice.noDefaults],
  ["[", advice.noArrays],
  ["'", advice.doubleQuotes],
  ["#", advice.slashComments],
  ["@", advice.commentAnnotation],
  ["?", advice.commentOptional],
  ["\uFEFF", advice.markAtStart],
]);
