/**
 * Walks over the tokens of a broken file and passes them on, mended: the
 * mechanics under mistakes.ts, which knows the language. Tokens are taken as
 * they are, taken as something else, made up, or skipped; and each mistake is
 * reported once.
 */
import { createTokenInstance, tokenMatcher, type IToken, type TokenType } from "chevrotain";
import {
  advice,
  diagnose,
  kinds,
  type Diagnostic,
  type DiagnosticHelp,
  type DiagnosticKind,
} from "../diagnostics.js";
import type { MendedWords } from "./broken-words.js";
import { endOf } from "./comments.js";
import { foreignIdeas } from "./foreign-words.js";
import type { Span } from "./source.js";
import { Class, LeftBrace, Module, RightBrace } from "./tokens.js";

export abstract class TokenMender {
  protected readonly tokens: readonly IToken[];
  /** The tokens passed on so far. */
  protected readonly out: IToken[] = [];
  protected readonly errors: Diagnostic[] = [];
  /** How many mistakes were met, those included that were not worth a diagnostic of their own. */
  protected mistakes = 0;
  /** Of the next token to take. */
  protected index = 0;
  /** Keywords that were misspelt, by the index of their token, so that each is reported once. */
  protected readonly mended = new Map<number, TokenType>();
  private readonly file: string;
  private readonly text: string;
  private readonly holes: readonly number[];
  private nextHole = 0;
  private readonly reportedPlaces: Set<number>;
  /** Where the statement being read starts: directly after the token before it. */
  private statementStart = 0;

  constructor(file: string, text: string, { tokens, holes, errors }: MendedWords) {
    this.file = file;
    this.text = text;
    this.tokens = tokens;
    this.holes = holes;
    this.reportedPlaces = new Set(errors.map(({ span }) => span.start));
  }

  protected expect(type: TokenType, expected: string): boolean {
    if (this.takeIf(type)) return true;
    this.unexpected(expected);
    return false;
  }

  protected unexpected(expected: string, extra: DiagnosticHelp = {}): void {
    const token = this.peek();
    const image = token?.image ?? "";
    const shown = image.length > 30 ? `${image.slice(0, 30)}…` : image;
    const found = token === undefined ? "the end of the file" : `"${shown}"`;
    const quoted = image.startsWith('"') ? shown : found;
    const idea = image === "<" ? advice.noGenerics : foreignIdeas.get(image.toLowerCase());
    const suggested = idea === undefined ? {} : { suggestion: idea };
    this.report(kinds.unexpectedToken, [quoted, expected], this.here(), { ...suggested, ...extra });
  }

  protected beginStatement(): void {
    this.statementStart = this.index === 0 ? 0 : this.previousEnd();
  }

  /**
   * Says nothing about a statement in which characters are missing, for those
   * have been reported, and nothing twice about one place: a file that breaks
   * off lacks a semicolon and two braces, but that is one mistake.
   */
  protected report<Args extends readonly unknown[]>(
    kind: DiagnosticKind<Args>,
    args: Args,
    span: Span,
    extra: DiagnosticHelp = {},
  ): void {
    this.mistakes++;
    // Statements are read in order, so holes before this one are done with.
    while ((this.holes[this.nextHole] ?? Infinity) < this.statementStart) this.nextHole++;
    const isEcho = (this.holes[this.nextHole] ?? Infinity) <= span.start;
    if (isEcho || this.reportedPlaces.has(span.start)) return;
    this.reportedPlaces.add(span.start);
    this.errors.push(diagnose(kind, args, span, extra));
  }

  protected take(): IToken | undefined {
    const mended = this.mended.get(this.index);
    if (mended !== undefined) return this.takeAs(mended);
    const token = this.peek();
    if (token !== undefined) this.out.push(token);
    this.index++;
    return token;
  }

  protected takeIf(type: TokenType): boolean {
    const matches = this.is(type);
    if (matches) this.take();
    return matches;
  }

  protected takeAs(type: TokenType): IToken | undefined {
    const token = this.peek();
    this.index++;
    if (token === undefined) return undefined;
    const retyped = { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 };
    this.out.push(retyped);
    return retyped;
  }

  protected is(type: TokenType, ahead = 0): boolean {
    const token = this.tokens[this.index + ahead];
    if (token === undefined) return false;
    const mended = this.mended.get(this.index + ahead);
    return mended === undefined ? tokenMatcher(token, type) : mended === type;
  }

  protected peek(): IToken | undefined {
    return this.tokens[this.index];
  }

  protected onNewLine(): boolean {
    const start = this.peek()?.startOffset ?? this.text.length;
    return /[\r\n]/.test(this.text.slice(this.previousEnd(), start));
  }

  protected previousEnd(): number {
    const previous = this.tokens[this.index - 1];
    return previous === undefined ? 0 : endOf(previous);
  }

  /** The next token; at the end of the file the place after the last one. */
  protected here(): Span {
    const token = this.peek();
    if (token !== undefined) return this.spanOf(token);
    const end = this.previousEnd();
    return this.span(end, end);
  }

  protected spanOf(token: IToken): Span {
    return this.span(token.startOffset, endOf(token));
  }

  protected span(start: number, end: number): Span {
    return { file: this.file, start, end };
  }

  /** From a `{` to the place after its `}`, or to the next class or module when there is none before it. */
  protected skipBraces(): void {
    let depth = 0;
    while (this.index < this.tokens.length) {
      if (this.is(LeftBrace)) depth++;
      if (this.is(Class) || this.is(Module)) return;
      if (this.is(RightBrace)) depth--;
      this.index++;
      if (depth === 0) return;
    }
  }
}

/** A token that the text lacks. It has a place, but no extent. */
export function madeUp(type: TokenType, offset: number): IToken {
  return createTokenInstance(type, "", offset, offset, NaN, NaN, NaN, NaN);
}
