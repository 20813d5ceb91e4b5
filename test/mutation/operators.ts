/**
 * Small mistakes that a program makes in another program's source, one at a time: a condition
 * negated, a boundary shifted, a statement left out, arguments swapped. What they
 * mean for the program nobody asks: that is for the tests to find out.
 */
import ts from "typescript";

export type Operator =
  | "negated condition"
  | "other comparison"
  | "shifted boundary"
  | "other connective"
  | "other arithmetic"
  | "other constant"
  | "removed statement"
  | "swapped arguments";

/** One mistake: `before`, from `start` to `end` of the source, becomes `after`. */
export interface Mistake {
  readonly operator: Operator;
  readonly start: number;
  readonly end: number;
  /** Counted from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** All mistakes that can be made in a file, in the order of their places. */
export function mistakesIn(fileName: string, source: string): readonly Mistake[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ESNext, true);
  const mistakes: Mistake[] = [];
  const make = (operator: Operator, node: ts.Node, after: string): void => {
    const start = node.getStart(file);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const before = source.slice(start, node.end);
    mistakes.push({ operator, start, end: node.end, line, before, after });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) negate(node.expression, make);
    else if (ts.isConditionalExpression(node)) negate(node.condition, make);
    else if (ts.isBinaryExpression(node)) ofBinary(node, make);
    else if (ts.isExpressionStatement(node)) ofStatement(node, make);
    else if (ts.isCallExpression(node)) ofCall(node, make);
    else if (ts.isReturnStatement(node)) ofReturn(node, make);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mistakes.sort((one, other) => one.start - other.start);
}

/** The source with one mistake in it. */
export function withMistake(source: string, { start, end, after }: Mistake): string {
  return source.slice(0, start) + after + source.slice(end);
}

type Make = (operator: Operator, node: ts.Node, after: string) => void;

function negate(condition: ts.Expression, make: Make): void {
  make("negated condition", condition, `!(${condition.getText()})`);
}

function ofBinary({ operatorToken }: ts.BinaryExpression, make: Make): void {
  const token = operatorToken.getText();
  for (const [operator, others] of BINARY) {
    const other = others[token];
    if (other !== undefined) make(operator, operatorToken, other);
  }
}

const BINARY: readonly (readonly [Operator, Readonly<Record<string, string>>])[] = [
  ["shifted boundary", { "<": "<=", "<=": "<", ">": ">=", ">=": ">" }],
  ["other comparison", { "===": "!==", "!==": "===" }],
  ["other connective", { "&&": "||", "||": "&&" }],
  ["other arithmetic", { "+": "-", "-": "+", "+=": "-=", "-=": "+=" }],
];

/** A call or an assignment for its effect. What a constructor must do first stays. */
function ofStatement(node: ts.ExpressionStatement, make: Make): void {
  const { expression } = node;
  const isSuper =
    ts.isCallExpression(expression) && expression.expression.kind === ts.SyntaxKind.SuperKeyword;
  if (!isSuper) make("removed statement", node, ";");
}

/** The first two arguments, unless they are of kinds that cannot be taken for each other. */
function ofCall(node: ts.CallExpression, make: Make): void {
  const [first, second] = node.arguments;
  if (first === undefined || second === undefined || first.kind !== second.kind) return;
  const [one, other] = [first.getText(), second.getText()];
  if (one === other || ts.isFunctionLike(first)) return;
  const whole = node.getText();
  const from = node.getStart();
  const after =
    whole.slice(0, first.getStart() - from) +
    other +
    whole.slice(first.end - from, second.getStart() - from) +
    one +
    whole.slice(second.end - from);
  make("swapped arguments", node, after);
}

function ofReturn({ expression }: ts.ReturnStatement, make: Make): void {
  if (expression?.kind === ts.SyntaxKind.TrueKeyword) make("other constant", expression, "false");
  if (expression?.kind === ts.SyntaxKind.FalseKeyword) make("other constant", expression, "true");
}
