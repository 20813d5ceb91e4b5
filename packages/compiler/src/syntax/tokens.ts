/**
 * The words of a Jute file, exactly those of Apache's compiler, and three that
 * only ever match broken text, so that one slip of the pen stays one token:
 * an empty string, a string without its closing quote, and a comment without
 * its end. The lexer runs over plain text and knows offsets only.
 */
import { createToken, Lexer, type IToken, type TokenType } from "chevrotain";
import { primitiveNames } from "../wire-types.js";

export const Identifier: TokenType = createToken({
  name: "Identifier",
  pattern: /[A-Za-z][A-Za-z0-9_]*/,
});

/** Any of the types without structure; the image of the token is the type's name. */
export const Primitive: TokenType = createToken({ name: "Primitive", pattern: Lexer.NA });

/** The token is named like its word, with a capital: small names are those of the grammar's rules. */
function keyword(word: string, ...categories: TokenType[]): TokenType {
  const name = word.charAt(0).toUpperCase() + word.slice(1);
  return createToken({ name, pattern: word, longer_alt: Identifier, categories });
}

function symbol(name: string, text: string): TokenType {
  return createToken({ name, pattern: text });
}

export const Module: TokenType = keyword("module");
export const Class: TokenType = keyword("class");
export const Include: TokenType = keyword("include");
export const Vector: TokenType = keyword("vector");
export const MapToken: TokenType = keyword("map");

const primitives: readonly TokenType[] = primitiveNames.map((word) => keyword(word, Primitive));

export const LeftBrace: TokenType = symbol("LeftBrace", "{");
export const RightBrace: TokenType = symbol("RightBrace", "}");
export const LeftAngle: TokenType = symbol("LeftAngle", "<");
export const RightAngle: TokenType = symbol("RightAngle", ">");
export const Semicolon: TokenType = symbol("Semicolon", ";");
export const Comma: TokenType = symbol("Comma", ",");
export const Dot: TokenType = symbol("Dot", ".");

/** A path in quotes: no escapes, at least one character, line breaks allowed. */
export const Text: TokenType = createToken({ name: "Text", pattern: /"[^"]+"/ });

export const EmptyText: TokenType = createToken({
  name: "EmptyText",
  pattern: '""',
  categories: [Text],
});

export const UnclosedText: TokenType = createToken({
  name: "UnclosedText",
  pattern: /"[^"\r\n]*/,
  categories: [Text],
});

const Space = createToken({ name: "Space", pattern: /[ \t\n\r]+/, group: Lexer.SKIPPED });

const LineComment = createToken({
  name: "LineComment",
  pattern: /\/\/[^\n\r]*/,
  group: "comments",
});

const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[^]*?\*\//,
  group: "comments",
});

const UnclosedComment: TokenType = createToken({
  name: "UnclosedComment",
  pattern: /\/\*[^]*/,
  group: "unclosed",
});

/** All tokens the grammar speaks of, in the order in which the lexer tries them. */
export const allTokens: readonly TokenType[] = [
  Space,
  LineComment,
  BlockComment,
  UnclosedComment,
  Primitive,
  Module,
  Class,
  Include,
  Vector,
  MapToken,
  ...primitives,
  Identifier,
  Semicolon,
  LeftBrace,
  RightBrace,
  LeftAngle,
  RightAngle,
  Comma,
  Dot,
  EmptyText,
  Text,
  UnclosedText,
];

/** What the lexer found. Offsets count UTF-16 units from the start of the text. */
export interface LexedText {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
  /** A comment that runs to the end of the file, if there is one. */
  readonly unclosedComment: IToken | undefined;
  /** Runs of characters that begin no token, in order. */
  readonly strayCharacters: readonly { readonly start: number; readonly end: number }[];
}

/** Cuts a text into tokens. Never throws; a byte order mark at the start counts as space. */
export function lex(text: string): LexedText {
  const result = lexer.tokenize(text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text);
  return {
    tokens: result.tokens,
    comments: result.groups["comments"] ?? [],
    unclosedComment: result.groups["unclosed"]?.[0],
    strayCharacters: result.errors.map(({ offset, length }) => ({
      start: offset,
      end: offset + length,
    })),
  };
}

// Chevrotain's own checks of the definition cost start-up time; a test runs them instead.
const lexer = new Lexer([...allTokens], {
  positionTracking: "onlyOffset",
  ensureOptimizations: true,
  skipValidations: true,
});
