/**
 * Explains a file that the grammar refuses. It walks over the tokens as the
 * grammar would, but knows what people get wrong: each mistake is reported
 * once, at its own place, and mended in the tokens it passes on, so that the
 * grammar can read the rest of the file. It never sees a file without
 * mistakes; what is valid is decided by the grammar alone.
 *
 * Reading resumes at the next `;`, `}`, `class` or `module`.
 */
import type { IToken, TokenType } from "chevrotain";
import { advice, kinds, meant as meantWord, notes, type Diagnostic } from "../diagnostics.js";
import { closestName } from "../schema/closest-name.js";
import type { MendedWords } from "./broken-words.js";
import {
  foreignContainers,
  foreignIdeas,
  foreignKeywords,
  foreignModifiers,
  foreignWrappers,
} from "./foreign-words.js";
import { madeUp, TokenMender } from "./token-mender.js";
import {
  Class,
  Comma,
  Dot,
  Identifier,
  Include,
  LeftAngle,
  LeftBrace,
  MapToken,
  Module,
  Primitive,
  RightAngle,
  RightBrace,
  Semicolon,
  Text,
  Vector,
} from "./tokens.js";
import { keywords } from "./keywords.js";

export interface MendedTokens {
  readonly tokens: IToken[];
  readonly errors: readonly Diagnostic[];
}

/** More levels of `<` than this are refused, so that no text can exhaust the stack. */
export const deepestType = 200;

export function explainMistakes(file: string, text: string, words: MendedWords): MendedTokens {
  return new MistakeFinder(file, text, words).run();
}

class MistakeFinder extends TokenMender {
  run(): MendedTokens {
    this.readFile();
    return { tokens: this.out, errors: this.errors };
  }

  private readFile(): void {
    if (this.tokens.length === 0) {
      this.report(kinds.emptyFile, [], this.span(0, 0));
      return;
    }
    while (this.index < this.tokens.length) {
      this.beginStatement();
      switch (this.declarationKeyword()) {
        case Include:
          this.readInclude();
          break;
        case Module:
          this.readModule();
          break;
        case Class:
          this.readHomelessClass();
          break;
        default:
          if (this.is(Semicolon)) this.dropSemicolon();
          else if (this.is(RightBrace)) {
            this.report(kinds.extraBrace, [], this.here(), {
              suggestion: advice.remove('the "}"'),
            });
            this.index++;
          } else {
            this.unexpected('"module" or "include"');
            if (this.opensModule()) this.readNamelessModule();
            else this.skipJunk();
          }
      }
    }
  }

  private readInclude(): void {
    this.take();
    if (this.is(Text)) {
      this.take();
      if (this.is(Semicolon)) this.dropSemicolon();
      return;
    }
    this.out.pop();
    this.unexpected("a path in double quotes");
    while (this.index < this.tokens.length) {
      if (this.is(Semicolon)) {
        this.index++;
        return;
      }
      if (this.is(Module) || this.is(Class) || this.is(Include) || this.onNewLine()) return;
      this.index++;
    }
  }

  private readModule(): void {
    const start = this.out.length;
    const mistakesBefore = this.mistakes;
    const keyword = this.take();
    const name = this.readModuleName();
    this.readOpening(name === "" ? "in front of the classes" : `after module "${name}"`);
    const isOnlyHeader = this.tokens[this.index - 1]?.tokenType === Semicolon;
    // `package a.b;` has nothing in it that could be read as a module.
    if (isOnlyHeader && this.declarationKeyword() !== Class) this.out.length = start;
    else this.readModuleBody(start, mistakesBefore, name, keyword);
  }

  /** Whether what cannot be read here goes on like a module: `… { class`. */
  private opensModule(): boolean {
    for (let ahead = 0; this.index + ahead < this.tokens.length; ahead++) {
      if (this.is(LeftBrace, ahead)) return this.is(Class, ahead + 1);
      const ends = [Semicolon, RightBrace, Module, Include, Class];
      if (ends.some((type) => this.is(type, ahead))) return false;
    }
    return false;
  }

  /** Reads the classes of a module for their mistakes; without its name they declare nothing. */
  private readNamelessModule(): void {
    const start = this.out.length;
    const mistakesBefore = this.mistakes - 1;
    while (!this.is(LeftBrace)) this.index++;
    this.index++;
    this.readModuleBody(start, mistakesBefore, "", undefined);
    this.out.length = start;
  }

  private readModuleName(): string {
    const parts: string[] = [];
    do {
      if (!this.readIdentifier("a module name")) break;
      parts.push(this.out.at(-1)?.image ?? "");
    } while (this.takeIf(Dot));
    return parts.join(".");
  }

  private readModuleBody(
    start: number,
    mistakesBefore: number,
    name: string,
    opening: IToken | undefined,
  ): void {
    let classes = 0;
    for (;;) {
      this.beginStatement();
      if (this.is(RightBrace)) {
        this.take();
        break;
      }
      const keyword = this.declarationKeyword();
      if (this.index >= this.tokens.length || keyword === Module) {
        this.missingBrace(
          "}",
          name === "" ? "to close the module" : `to close module "${name}"`,
          opening,
        );
        break;
      }
      if (keyword === Class) {
        if (this.readClass()) classes++;
      } else if (keyword === Include) {
        this.report(kinds.misplaced, ["an include", "inside of a module"], this.here(), {
          suggestion: advice.moveOut,
        });
        this.index += this.is(Text, 1) ? 2 : 1;
        if (this.is(Semicolon)) this.index++;
      } else if (this.is(Semicolon)) this.dropSemicolon();
      else {
        this.unexpected('"class" or "}"');
        const sawField = this.skipJunk();
        // Fields after a `}` too many: the next `}` is the one meant for their class.
        if (sawField && this.is(RightBrace) && (this.is(Class, 1) || this.is(RightBrace, 1))) {
          this.index++;
        }
      }
    }
    if (classes > 0) return;
    this.out.length = start;
    if (this.mistakes === mistakesBefore && opening !== undefined) {
      this.report(kinds.emptyModule, [name], this.spanOf(opening), {
        suggestion: advice.declareClass,
      });
    }
  }

  /** A class outside of any module: mostly a `}` too many has closed the module before it. */
  private readHomelessClass(): void {
    const mayReopen = this.out.at(-1)?.tokenType === RightBrace;
    this.report(kinds.misplaced, ["a class", "outside of a module"], this.here(), {
      suggestion: mayReopen ? advice.removeBraceOrWrap : advice.wrapInModule,
    });
    if (!mayReopen) {
      const start = this.out.length;
      this.readClass();
      this.out.length = start;
      return;
    }
    const closing = this.out.pop();
    this.readClass();
    while (this.declarationKeyword() === Class) this.readClass();
    if (this.is(RightBrace)) this.take();
    else if (closing !== undefined) this.out.push(closing);
  }

  /** Passes a class on, unless no field of it is left. */
  private readClass(): boolean {
    const start = this.out.length;
    const mistakesBefore = this.mistakes;
    this.beginStatement();
    const keyword = this.take();
    const named = this.readIdentifier("a class name");
    const nameToken = named ? this.out.at(-1) : undefined;
    const name = nameToken?.image ?? "";
    this.readOpening(name === "" ? "in front of the fields" : `after class "${name}"`);
    let fields = 0;
    for (;;) {
      this.beginStatement();
      if (this.is(RightBrace)) {
        this.take();
        break;
      }
      const next = this.declarationKeyword();
      const opensClass = next === Class && (this.is(LeftBrace, 1) || this.is(LeftBrace, 2));
      if (this.index >= this.tokens.length || next === Module || next === Include || opensClass) {
        this.missingBrace(
          "}",
          name === "" ? "to close the class" : `to close class "${name}"`,
          keyword,
        );
        break;
      }
      if (this.is(Semicolon)) this.dropSemicolon();
      else if (this.readField()) fields++;
    }
    if (fields > 0) return true;
    this.out.length = start;
    if (this.mistakes === mistakesBefore && nameToken !== undefined) {
      this.report(kinds.emptyClass, [name], this.spanOf(nameToken), {
        suggestion: advice.declareField,
      });
    }
    return false;
  }

  private readOpening(where: string): void {
    if (this.takeIf(LeftBrace)) return;
    const headerGoesOn = this.reachesBraceBeforeStatementEnd();
    if (headerGoesOn) {
      this.unexpected('"{"');
      while (!this.is(LeftBrace)) this.index++;
      this.take();
      return;
    }
    this.missingBrace("{", where);
    if (this.is(Semicolon)) this.index++;
  }

  private reachesBraceBeforeStatementEnd(): boolean {
    for (let ahead = 0; this.index + ahead < this.tokens.length; ahead++) {
      if (this.is(LeftBrace, ahead)) return true;
      const ends = [Semicolon, RightBrace, Module, Include, Class];
      if (ends.some((type) => this.is(type, ahead))) return false;
    }
    return false;
  }

  /** Passes a field on, unless its type or its name cannot be made out. */
  private readField(): boolean {
    const start = this.out.length;
    this.dropModifier();
    if (!this.readType(1) || !this.readFieldName()) {
      this.out.length = start;
      this.skipStatement();
      return false;
    }
    this.readFieldEnd();
    return true;
  }

  /** `optional int x;`: a word in front of a type that is a type by itself. */
  private dropModifier(): void {
    const word = this.peek()?.image ?? "";
    const typeFollows =
      [Primitive, Vector, MapToken].some((type) => this.is(type, 1)) ||
      (foreignModifiers.has(word) && this.is(Identifier, 1));
    if (!this.is(Identifier) || !typeFollows || this.is(Semicolon, 2)) return;
    this.unexpected("a type", {
      suggestion: word === "optional" ? advice.commentOptional : advice.noModifiers,
    });
    this.index++;
  }

  private readFieldName(): boolean {
    if (this.takeIf(Identifier)) return true;
    const token = this.peek();
    if (token !== undefined && keywords.has(token.image) && this.is(Semicolon, 1)) {
      this.takeReserved(token);
      return true;
    }
    this.unexpected("a field name");
    return false;
  }

  private readFieldEnd(): void {
    if (this.takeIf(Semicolon)) return;
    const end = this.previousEnd();
    const startsNext =
      this.index >= this.tokens.length ||
      this.is(RightBrace) ||
      this.is(Module) ||
      this.is(Include) ||
      this.is(Class) ||
      this.looksLikeField() ||
      (this.onNewLine() && this.startsType());
    if (startsNext) {
      this.report(kinds.missingSemicolon, [], this.span(end, end), {
        suggestion: advice.insert(";", "here"),
        fix: { span: this.span(end, end), text: ";" },
      });
    } else {
      this.unexpected('";"', this.is(Comma) ? { suggestion: advice.oneFieldEach } : {});
      this.skipStatement();
    }
    this.out.push(madeUp(Semicolon, end));
  }

  private readType(depth: number): boolean {
    if (this.takeIf(Primitive)) return true;
    const container = this.containerKeyword();
    if (container !== undefined) {
      const place = this.here();
      this.takeAs(container);
      if (!this.expect(LeftAngle, '"<"')) return false;
      if (depth > deepestType) {
        this.report(kinds.nestedTooDeeply, [deepestType], place, { suggestion: advice.flatten });
        return false;
      }
      if (!this.readType(depth + 1)) return false;
      if (container === MapToken) {
        if (!this.expect(Comma, '","') || !this.readType(depth + 1)) return false;
      }
      return this.expect(RightAngle, '">"');
    }
    if (!this.is(Identifier)) {
      this.unexpected("a type");
      return false;
    }
    if (this.is(LeftAngle, 1) && depth <= deepestType && this.isWrapper()) {
      return this.readWrapped(depth);
    }
    do {
      if (!this.readIdentifier("a class name")) return false;
    } while (this.takeIf(Dot));
    return true;
  }

  private isWrapper(): boolean {
    return foreignWrappers.has(this.peek()?.image.toLowerCase() ?? "");
  }

  /** `Option<T>`: passes on the type inside. */
  private readWrapped(depth: number): boolean {
    const word = this.peek()?.image ?? "";
    this.report(kinds.misspeltKeyword, [word, "a container"], this.here(), {
      suggestion: advice.noWrappers,
    });
    this.index += 2;
    if (!this.readType(depth + 1)) return false;
    if (!this.is(RightAngle)) {
      this.unexpected('">"');
      return false;
    }
    this.index++;
    return true;
  }

  /** `vector`, `map`, or a word in front of `<` that was meant to be one of them. */
  private containerKeyword(): TokenType | undefined {
    if (this.is(Vector)) return Vector;
    if (this.is(MapToken)) return MapToken;
    const token = this.peek();
    if (token === undefined || !this.is(Identifier) || !this.is(LeftAngle, 1)) return undefined;
    const word = token.image.toLowerCase();
    const meant =
      foreignContainers.get(word) ?? closestName(word, ["vector", "map"]) ?? exact(word);
    if (meant === undefined) return undefined;
    this.report(
      kinds.misspeltKeyword,
      [token.image, "a container"],
      this.spanOf(token),
      meantWord(meant, this.spanOf(token)),
    );
    return meant === "map" ? MapToken : Vector;
  }

  /** Takes a name, or a keyword that stands for one; else makes one up. False when there was none. */
  private readIdentifier(expected: string): boolean {
    if (this.takeIf(Identifier)) return true;
    const token = this.peek();
    const nameFollows = [LeftBrace, Dot].some((type) => this.is(type, 1));
    if (
      token !== undefined &&
      keywords.has(token.image) &&
      (nameFollows || this.is(Identifier, 1))
    ) {
      this.takeReserved(token);
      return true;
    }
    this.unexpected(expected);
    const inserted = madeUp(Identifier, this.previousEnd());
    inserted.isInsertedInRecovery = true;
    this.out.push(inserted);
    return false;
  }

  private takeReserved(token: IToken): void {
    this.report(kinds.reservedName, [token.image], this.spanOf(token), {
      suggestion: advice.rename,
    });
    this.takeAs(Identifier);
  }

  /** The keyword that starts a declaration here. A misspelt one is reported and mended in place. */
  private declarationKeyword(): TokenType | undefined {
    for (const type of [Module, Class, Include]) if (this.is(type)) return type;
    const token = this.peek();
    if (token === undefined || !this.is(Identifier)) return undefined;
    const words: string[] = [];
    if (this.is(Text, 1)) words.push("include");
    if (this.is(Identifier, 1) && this.is(LeftBrace, 2)) words.push("class", "module");
    if (this.is(Identifier, 1) && this.is(Dot, 2) && !this.insideClass()) words.push("module");
    const word = token.image.toLowerCase();
    const foreign = foreignKeywords.get(word);
    const meant =
      foreign !== undefined && words.includes(foreign)
        ? foreign
        : (words.find((candidate) => candidate === word) ?? closestName(word, words));
    const type = meant === undefined ? undefined : declarationWords.get(meant);
    if (meant === undefined || type === undefined) return undefined;
    this.report(
      kinds.misspeltKeyword,
      [token.image, "a keyword"],
      this.spanOf(token),
      meantWord(meant, this.spanOf(token)),
    );
    this.mended.set(this.index, type);
    return type;
  }

  private insideClass(): boolean {
    return this.out.at(-1)?.tokenType === Semicolon;
  }

  private looksLikeField(): boolean {
    let ahead = 0;
    const primitive = this.is(Primitive);
    if (!primitive && !this.is(Identifier)) return this.is(Vector) || this.is(MapToken);
    if (primitive) ahead++;
    else {
      do ahead++;
      while (this.is(Dot, ahead) && this.is(Identifier, ++ahead));
    }
    return this.is(Identifier, ahead);
  }

  private startsType(): boolean {
    return [Primitive, Vector, MapToken, Identifier].some((type) => this.is(type));
  }

  /** Skips to the place after the `;`, or to where another statement starts. */
  private skipStatement(): void {
    const first = this.index;
    while (this.index < this.tokens.length) {
      if (this.is(Semicolon)) {
        this.index++;
        return;
      }
      if (this.is(RightBrace) || this.is(Module) || this.is(Include)) return;
      const moved = this.index > first;
      if (moved && this.is(Class)) return;
      if (moved && this.onNewLine() && this.looksLikeField()) return;
      if (this.is(LeftBrace)) {
        this.skipBraces();
        return;
      }
      this.index++;
    }
  }

  /** Skips what belongs nowhere, at least one token; tells whether there was a `;` in it. */
  private skipJunk(): boolean {
    let sawSemicolon = false;
    do {
      if (this.is(LeftBrace)) {
        this.skipBraces();
        return sawSemicolon;
      }
      sawSemicolon ||= this.is(Semicolon);
      this.index++;
    } while (
      this.index < this.tokens.length &&
      ![Module, Class, Include, RightBrace].some((type) => this.is(type)) &&
      !this.startsForeignLine()
    );
    return sawSemicolon;
  }

  /** A line that begins with what another language has for a declaration has a mistake of its own. */
  private startsForeignLine(): boolean {
    const word = this.peek()?.image.toLowerCase() ?? "";
    return (
      this.is(Identifier) &&
      this.onNewLine() &&
      (foreignKeywords.has(word) || foreignIdeas.has(word))
    );
  }

  private dropSemicolon(): void {
    const before = this.tokens[this.index - 1]?.image ?? "";
    const after = before.startsWith('"') ? "an include" : before === "" ? "nothing" : `"${before}"`;
    this.report(kinds.extraSemicolon, [after], this.here(), {
      suggestion: advice.remove('the ";"'),
      fix: { span: this.here(), text: "" },
    });
    this.index++;
  }

  private missingBrace(brace: "{" | "}", where: string, opening?: IToken): void {
    const end = this.previousEnd();
    this.report(kinds.missingBrace, [brace, where], this.span(end, end), {
      suggestion: advice.insert(brace, "here"),
      ...(opening === undefined
        ? {}
        : { related: [{ message: notes.openedHere, span: this.spanOf(opening) }] }),
    });
    this.out.push(madeUp(brace === "{" ? LeftBrace : RightBrace, end));
  }
}

function exact(word: string): "vector" | "map" | undefined {
  return word === "vector" || word === "map" ? word : undefined;
}

const declarationWords: ReadonlyMap<string, TokenType> = new Map([
  ["module", Module],
  ["class", Class],
  ["include", Include],
]);
