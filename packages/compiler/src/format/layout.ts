/**
 * From the tokens and comments of a valid file to the lines of its layout.
 *
 * Which comment belongs to what is not decided here: the queue that gives comments to classes
 * and fields when a file is compiled gives them out here, too, so a file cannot change its
 * documentation by being formatted. A comment inside of a statement stays where it is, unless
 * it needs a line of its own: then it goes before the statement.
 */
import type { IToken, TokenType } from "chevrotain";
import { CommentQueue, endOf } from "../syntax/comments.js";
import { LineTable } from "../syntax/source.js";
import { Include, LeftBrace, lex, RightBrace, Semicolon, Text } from "../syntax/tokens.js";
import { joinTokens } from "./join-tokens.js";
import { columnsOf, emptyLine, type OutputComment, type OutputLine, type Style } from "./lines.js";

/** The lines of a file, which must be free of syntax errors. */
export function layOut(path: string, text: string, style: Style): readonly OutputLine[] {
  return new Layout(path, text, style).file();
}

/** The empty lines before a statement: none, at most one as in the source, or exactly one. */
type Gap = "none" | "kept" | "one";

class Layout {
  private readonly text: string;
  private readonly tabWidth: number;
  private readonly tokens: readonly IToken[];
  private readonly comments: CommentQueue;
  private readonly table: LineTable;
  private readonly out: OutputLine[] = [];
  private index = 0;
  /** The line of the source that ends what was laid out last. */
  private lastLine = 0;

  constructor(path: string, text: string, { indentWidth }: Style) {
    const { tokens, comments } = lex(text);
    this.text = text;
    this.tabWidth = indentWidth;
    this.tokens = tokens;
    this.table = new LineTable(text);
    this.comments = new CommentQueue(path, comments, this.table);
  }

  file(): readonly OutputLine[] {
    let previous: TokenType | undefined;
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      const { tokenType } = token;
      const areIncludes = previous === Include && tokenType === Include;
      const gap = areIncludes ? "kept" : "one";
      if (tokenType === Include) this.include(gap);
      else this.module(gap);
      previous = tokenType;
    }
    this.ownLines([this.comments.takeBefore(Infinity)], 0, "kept");
    return this.out;
  }

  private include(gap: Gap): void {
    this.statement(this.takeThrough(Text), 0, gap);
    this.trailingComments();
  }

  private module(gap: Gap): void {
    this.block(0, gap, (index) => {
      this.class(index === 0 ? "none" : "one");
    });
  }

  private class(gap: Gap): void {
    this.block(1, gap, (index) => {
      this.field(index === 0 ? "none" : "kept");
    });
  }

  private field(gap: Gap): void {
    this.statement(this.takeThrough(Semicolon), 2, gap);
    this.trailingComments();
  }

  private block(depth: number, gap: Gap, member: (index: number) => void): void {
    this.statement(this.takeThrough(LeftBrace), depth, gap);
    this.trailingComments();
    for (let index = 0; this.peek()?.tokenType !== RightBrace; index++) member(index);
    const closing = this.takeThrough(RightBrace);
    this.ownLines([this.comments.takeBefore(startOf(closing))], depth + 1, "kept");
    this.line(closing, [], depth);
    this.trailingComments();
  }

  /** The tokens of a statement on one line, after the comments that need lines of their own. */
  private statement(tokens: readonly IToken[], depth: number, gap: Gap): void {
    const start = startOf(tokens);
    const isField = tokens.at(-1)?.tokenType === Semicolon;
    let before = this.comments.takeBefore(start);
    let inside = this.comments.takeBefore(tokens.at(-1)?.startOffset ?? start);
    let hoisted: readonly IToken[] = [];
    if (!inside.every(isOneLineBlock)) [hoisted, inside] = [inside, []];
    else if (isField) {
      const line = this.table.lineOf(start);
      const inline = before.findIndex((_, index) =>
        before
          .slice(index)
          .every((each) => isOneLineBlock(each) && this.lineOfStart(each) === line),
      );
      if (inline >= 0)
        [before, inside] = [before.slice(0, inline), [...before.slice(inline), ...inside]];
    }
    // The comments of a class are one text, while those before and inside of a field are two.
    const groups = isField ? [before, hoisted] : [[...before, ...hoisted]];
    this.separate(this.ownLines(groups, depth, gap) ? "kept" : gap, this.table.lineOf(start));
    this.line(tokens, inside, depth);
  }

  private line(tokens: readonly IToken[], inside: readonly IToken[], depth: number): void {
    const last = tokens.at(-1);
    if (last === undefined) return;
    const code = joinTokens(tokens, inside);
    const isField = last.tokenType === Semicolon;
    this.out.push({ ...emptyLine, depth, code, isField });
    this.lastLine = this.lineOfEnd(last);
  }

  /** Puts the comments that trail the last token after the last line. */
  private trailingComments(): void {
    const token = this.tokens[this.index - 1];
    const line = this.out.pop();
    if (token === undefined || line === undefined) return;
    const next = this.peek();
    const isDescribable =
      next !== undefined && !(token.tokenType === Semicolon && next.tokenType === RightBrace);
    const comments = this.comments.takeTrailing(
      endOf(token),
      next?.startOffset ?? Infinity,
      isDescribable,
    );
    const isOnLine = (comment: IToken): boolean =>
      this.lineOfStart(comment) === this.lineOfEnd(token);
    this.out.push({
      ...line,
      comments: comments.filter(isOnLine).map((each) => this.outputComment(each)),
      continuation: comments
        .filter((each) => !isOnLine(each))
        .map((each) => this.outputComment(each)),
    });
    const last = comments.at(-1);
    if (last !== undefined) this.lastLine = this.lineOfEnd(last);
  }

  /**
   * Comments on lines of their own. `//` comments make one text when their lines are neighbours,
   * in the source and so in the output; those of two groups never do. Says whether there are any.
   */
  private ownLines(groups: readonly (readonly IToken[])[], depth: number, gap: Gap): boolean {
    let previous: { readonly comment: IToken; readonly group: readonly IToken[] } | undefined;
    for (const group of groups) {
      for (const comment of group) {
        const line = this.lineOfStart(comment);
        const isApart =
          previous !== undefined &&
          (previous.group !== group ||
            (isLineComment(previous.comment) &&
              isLineComment(comment) &&
              this.lineOfStart(previous.comment) + 1 !== line));
        const isBeside =
          previous?.group === group &&
          isOneLineBlock(previous.comment) &&
          this.lineOfStart(previous.comment) === line;
        if (isBeside) {
          this.addComment(comment);
        } else {
          this.separate(isApart ? "one" : previous === undefined ? gap : "kept", line);
          this.out.push({ ...emptyLine, depth, comments: [this.outputComment(comment)] });
        }
        this.lastLine = this.lineOfEnd(comment);
        previous = { comment, group };
      }
    }
    return previous !== undefined;
  }

  /** Puts one more comment on the last line. */
  private addComment(comment: IToken): void {
    const line = this.out.pop() ?? emptyLine;
    this.out.push({ ...line, comments: [...line.comments, this.outputComment(comment)] });
  }

  private separate(gap: Gap, line: number): void {
    if (this.out.length === 0 || gap === "none") return;
    if (gap === "one" || line > this.lastLine + 1) this.out.push(emptyLine);
  }

  private outputComment({ image, startOffset }: IToken): OutputComment {
    const lineStart = startOffset - (this.table.positionOf(startOffset).column - 1);
    const before = this.text.slice(lineStart, startOffset).replace(/^\uFEFF/, "");
    return { image, column: columnsOf(before, this.tabWidth) };
  }

  private takeThrough(type: TokenType): readonly IToken[] {
    const first = this.index;
    while (this.index < this.tokens.length && this.peek()?.tokenType !== type) this.index++;
    return this.tokens.slice(first, ++this.index);
  }

  private peek(): IToken | undefined {
    return this.tokens[this.index];
  }

  private lineOfStart(token: IToken): number {
    return this.table.lineOf(token.startOffset);
  }

  private lineOfEnd(token: IToken): number {
    return this.table.lineOf(endOf(token) - 1);
  }
}

function startOf(tokens: readonly IToken[]): number {
  return tokens[0]?.startOffset ?? 0;
}

function isLineComment({ image }: IToken): boolean {
  return image.startsWith("//");
}

function isOneLineBlock({ image }: IToken): boolean {
  return image.startsWith("/*") && !/[\r\n]/.test(image);
}
