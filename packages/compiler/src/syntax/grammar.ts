/**
 * The grammar of Jute, rule for rule that of Apache's compiler. It builds a
 * concrete syntax tree and nothing more: meaning is given in build-ast.ts, and
 * the common mistakes are explained in mistakes.ts before a second attempt, so
 * the recovery here only has to get past what nobody has thought of.
 */
import { CstParser, type CstNode, type ParserMethod } from "chevrotain";
import {
  allTokens,
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

type Rule = ParserMethod<[], CstNode>;

export class JuteParser extends CstParser {
  constructor(options: { readonly skipValidations: boolean } = { skipValidations: true }) {
    super([...allTokens], {
      maxLookahead: 1,
      recoveryEnabled: true,
      nodeLocationTracking: "none",
      ...options,
    });
    this.performSelfAnalysis();
  }

  readonly file: Rule = this.RULE("file", () => {
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.include) },
        { ALT: () => this.SUBRULE(this.module) },
      ]);
    });
  });

  readonly include: Rule = this.RULE("include", () => {
    this.CONSUME(Include);
    this.CONSUME(Text);
  });

  readonly module: Rule = this.RULE("module", () => {
    this.CONSUME(Module);
    this.SUBRULE(this.name);
    this.CONSUME(LeftBrace);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.record));
    this.CONSUME(RightBrace);
  });

  readonly record: Rule = this.RULE("record", () => {
    this.CONSUME(Class);
    this.CONSUME(Identifier);
    this.CONSUME(LeftBrace);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.field));
    this.CONSUME(RightBrace);
  });

  readonly field: Rule = this.RULE("field", () => {
    this.SUBRULE(this.type);
    this.CONSUME(Identifier);
    this.CONSUME(Semicolon);
  });

  readonly type: Rule = this.RULE("type", () => {
    this.OR([
      { ALT: () => this.CONSUME(Primitive) },
      { ALT: () => this.SUBRULE(this.name) },
      { ALT: () => this.SUBRULE(this.vector) },
      { ALT: () => this.SUBRULE(this.map) },
    ]);
  });

  readonly vector: Rule = this.RULE("vector", () => {
    this.CONSUME(Vector);
    this.CONSUME(LeftAngle);
    this.SUBRULE(this.type);
    this.CONSUME(RightAngle);
  });

  readonly map: Rule = this.RULE("map", () => {
    this.CONSUME(MapToken);
    this.CONSUME(LeftAngle);
    this.SUBRULE(this.type);
    this.CONSUME(Comma);
    this.SUBRULE1(this.type);
    this.CONSUME(RightAngle);
  });

  readonly name: Rule = this.RULE("name", () => {
    this.CONSUME(Identifier);
    this.MANY(() => {
      this.CONSUME(Dot);
      this.CONSUME1(Identifier);
    });
  });
}
