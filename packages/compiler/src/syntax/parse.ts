/**
 * From the text of one file to its syntax tree and everything that is wrong
 * with it. A file without mistakes is read by the grammar alone, so what is
 * accepted is decided in one place; only when the grammar refuses does a second
 * attempt explain the mistakes and read around them.
 */
import type { CstNode, IToken } from "chevrotain";
import { diagnose, kinds, type Diagnostic } from "../diagnostics.js";
import type { FileAst } from "./ast.js";
import { mendWords } from "./broken-words.js";
import { buildAst } from "./build-ast.js";
import { endOf } from "./comments.js";
import { JuteParser } from "./grammar.js";
import { deepestType, explainMistakes } from "./mistakes.js";
import { LineTable } from "./source.js";
import type { SourceFile } from "./source-file.js";
import {
  Class,
  LeftAngle,
  lex,
  RightAngle,
  Semicolon,
  UnclosedText,
  EmptyText,
  type LexedText,
} from "./tokens.js";

export interface ParsedFile {
  /** What could be read; whole when there are no errors. */
  readonly ast: FileAst;
  readonly errors: readonly Diagnostic[];
  /** The offsets of all comments, in order. */
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  /** Names that the text seems to declare. Only filled when there are errors. */
  readonly lostNames: ReadonlySet<string>;
}

/** Parses one file. Never throws, whatever the text. */
export function parse({ path, text }: SourceFile): ParsedFile {
  const lexed = lex(text);
  const lines = new LineTable(text);
  if (hasWholeWords(lexed)) {
    const { tree, refusedAt } = runGrammar(lexed.tokens);
    if (refusedAt === undefined) {
      const ast = buildAst(path, tree, lexed.comments, lines);
      return { ast, errors: [], comments: commentsOf(lexed), lostNames: new Set() };
    }
  }

  const words = mendWords(path, text, lexed);
  const mended = explainMistakes(path, text, words);
  const { tree, refusedAt } = runGrammar(mended.tokens);
  const errors = [...words.errors, ...mended.errors];
  if (errors.length === 0) errors.push(unexplained(path, text, refusedAt));
  return {
    ast: buildAst(path, tree, lexed.comments, lines),
    errors,
    comments: commentsOf(lexed),
    lostNames: declaredNames(lexed.tokens),
  };
}

function commentsOf({ comments }: LexedText): ParsedFile["comments"] {
  return comments.map((comment) => ({ start: comment.startOffset, end: endOf(comment) }));
}

/** Whether the grammar may see the text as it is. Nesting without bound would exhaust its stack. */
function hasWholeWords(lexed: LexedText): boolean {
  if (lexed.strayCharacters.length > 0 || lexed.unclosedComment !== undefined) return false;
  let depth = 0;
  for (const { tokenType } of lexed.tokens) {
    if (tokenType === EmptyText || tokenType === UnclosedText) return false;
    if (tokenType === LeftAngle) depth++;
    else if (tokenType === RightAngle) depth--;
    else if (tokenType === Semicolon) depth = 0;
    if (depth > deepestType) return false;
  }
  return true;
}

/** `refusedAt` is the first token that the grammar could not accept. */
function runGrammar(tokens: IToken[]): {
  readonly tree: CstNode;
  readonly refusedAt: IToken | undefined;
} {
  // Making a parser analyses the grammar, so one serves all files.
  parser ??= new JuteParser();
  parser.input = tokens;
  const tree = parser.file();
  const refusedAt = parser.errors[0]?.token;
  parser.input = [];
  return { tree, refusedAt };
}

/** The last resort: the grammar refuses, and no known mistake says why. */
function unexplained(file: string, text: string, token: IToken | undefined): Diagnostic {
  const isEnd = token === undefined || Number.isNaN(token.startOffset);
  const span = isEnd
    ? { file, start: text.length, end: text.length }
    : { file, start: token.startOffset, end: endOf(token) };
  const found = isEnd ? "the end of the file" : `"${token.image}"`;
  return diagnose(kinds.unexpectedToken, [found, "something else"], span);
}

function declaredNames(tokens: readonly IToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.tokenType === Class && next !== undefined) names.add(next.image);
  });
  return names;
}

let parser: JuteParser | undefined;
