import { Lexer } from "chevrotain";
import { describe, expect, it } from "vitest";
import { JuteParser } from "./grammar.js";
import { allTokens } from "./tokens.js";

describe("the definition of the language", () => {
  it("passes Chevrotain's checks of the tokens, which are skipped at start-up", () => {
    const lexer = new Lexer([...allTokens], {
      positionTracking: "onlyOffset",
      ensureOptimizations: true,
    });
    expect(lexer.lexerDefinitionErrors).toEqual([]);
  });

  it("passes Chevrotain's checks of the grammar with one token of lookahead", () => {
    expect(() => new JuteParser({ skipValidations: false })).not.toThrow();
  });
});
