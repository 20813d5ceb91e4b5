/** One statement as a line of code: where blanks stand between its tokens. */
import type { IToken } from "chevrotain";
import { Comma, Dot, LeftAngle, RightAngle, Semicolon } from "../syntax/tokens.js";

/** Tokens and comments in the order of the source. The comments are blocks of one line. */
export function joinTokens(tokens: readonly IToken[], comments: readonly IToken[]): string {
  const all = [...tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset);
  const isComment = new Set(comments);
  let code = "";
  all.forEach((token, index) => {
    const previous = all[index - 1];
    if (previous !== undefined) {
      const besideComment = isComment.has(previous) || isComment.has(token);
      const isTight = besideComment ? isTightAtComment : isTightBetween;
      if (!isTight(previous, token)) code += " ";
    }
    code += token.image;
  });
  return code;
}

function isTightBetween(left: IToken, right: IToken): boolean {
  return tightAfter.has(left.tokenType) || tightBefore.has(right.tokenType);
}

function isTightAtComment(left: IToken, right: IToken): boolean {
  return left.tokenType === LeftAngle || tightAfterComment.has(right.tokenType);
}

const tightAfter: ReadonlySet<unknown> = new Set([LeftAngle, Dot]);
const tightBefore: ReadonlySet<unknown> = new Set([LeftAngle, RightAngle, Comma, Dot, Semicolon]);
const tightAfterComment: ReadonlySet<unknown> = new Set([RightAngle, Comma, Semicolon]);
