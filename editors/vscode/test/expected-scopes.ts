/** What every word of a file should be coloured as, by the compiler's own syntax tree. */
import { parse, primitiveNames, type TypeAst } from "@jute-ts/compiler/analysis";

export interface ExpectedWord {
  readonly text: string;
  readonly start: number;
  readonly scope: string;
}

/** The words, punctuation, paths and comments of a file without syntax errors, in order. */
export function expectedScopes(text: string): readonly ExpectedWord[] {
  const scopes = scopesOfNames(text);
  return [...text.matchAll(WORD)].map(({ 0: found, index }) => ({
    text: found,
    start: index,
    scope: scopes.get(index) ?? scopeOfItself(found),
  }));
}

/** Comments and paths first, since what they hold is nothing else. */
const WORD = /\/\/[^\r\n]*|\/\*[^]*?\*\/|"[^"]+"|[A-Za-z][A-Za-z0-9_]*|[{}<>;,.]/g;

/** By where they start: those of words that their place gives a meaning. */
function scopesOfNames(text: string): ReadonlyMap<number, string> {
  const { ast, errors } = parse({ path: "a.jute", text });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  const scopes = new Map<number, string>();
  const wordsIn = (start: number, end: number) =>
    [...text.slice(start, end).matchAll(WORD)]
      .filter(({ 0: found }) => /^[A-Za-z]/.test(found))
      .map(({ 0: found, index }) => ({ end: start + index + found.length, start: start + index }));

  const visitType = (type: TypeAst): void => {
    const { start, end } = type.span;
    if (type.kind === "vector" || type.kind === "map") {
      scopes.set(start, "storage.type.container.jute");
      for (const part of type.kind === "vector" ? [type.element] : [type.key, type.value]) {
        visitType(part);
      }
    } else if (type.kind === "name") {
      for (const word of wordsIn(start, end)) {
        // A grammar sees no further than the line: a module whose dot stands elsewhere looks like a class.
        const isModule = word.end < end && /^[ \t]*\./.test(text.slice(word.end));
        scopes.set(word.start, isModule ? "entity.name.namespace.jute" : "entity.name.type.jute");
      }
    } else {
      scopes.set(start, "storage.type.primitive.jute");
    }
  };

  for (const item of ast.items) {
    if (item.kind !== "module") continue;
    for (const word of wordsIn(item.nameSpan.start, item.nameSpan.end)) {
      scopes.set(word.start, "entity.name.namespace.jute");
    }
    for (const { nameSpan, fields } of item.classes) {
      scopes.set(nameSpan.start, "entity.name.type.class.jute");
      for (const field of fields) {
        scopes.set(field.nameSpan.start, "variable.other.member.jute");
        visitType(field.type);
      }
    }
  }
  return scopes;
}

function scopeOfItself(found: string): string {
  if (found.startsWith("//")) return "comment.line.double-slash.jute";
  if (found.startsWith("/*")) return "comment.block.jute";
  if (found.startsWith('"')) return "string.quoted.double.jute";
  const scope = KEYWORDS.get(found) ?? PUNCTUATION.get(found);
  if (scope === undefined) throw new Error(`"${found}" has no place in the syntax tree`);
  return scope;
}

const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["include", "keyword.control.include.jute"],
  ["module", "keyword.declaration.module.jute"],
  ["class", "keyword.declaration.class.jute"],
  ...primitiveNames.map((name) => [name, "storage.type.primitive.jute"] as const),
]);

/** The start of the scope: braces and brackets are named for what they enclose, too. */
const PUNCTUATION: ReadonlyMap<string, string> = new Map([
  ["{", "punctuation.section."],
  ["}", "punctuation.section."],
  ["<", "punctuation.definition.typeparameters.begin.jute"],
  [">", "punctuation.definition.typeparameters.end.jute"],
  [";", "punctuation.terminator.jute"],
  [",", "punctuation.separator.jute"],
  [".", "punctuation.accessor.jute"],
]);
