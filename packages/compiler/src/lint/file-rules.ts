/** What Apache's compiler refuses in a file as a whole, and includes that nothing needs. */
import type { TextEdit } from "../diagnostics.js";
import type { IncludeEdge, LoadedFile } from "../schema/files.js";
import { namesIn, type Declaration, type Sources } from "../schema/sources.js";
import type { NameAst } from "../syntax/ast.js";
import type { Finding, LintContext, LintRule } from "./rule.js";
import { fieldsOf } from "./walk.js";

export const fileRules: readonly LintRule[] = [
  {
    code: "JUTE101",
    summary: "A byte order mark, which Apache's compiler refuses.",
    fixable: true,
    *check({ file: { path, text } }) {
      const span = { file: path, start: 0, end: 1 };
      if (text.startsWith("\uFEFF")) {
        yield {
          span,
          message: "Apache's compiler refuses a file that starts with a byte order mark",
          fix: { span, text: "" },
        };
      }
    },
  },
  {
    code: "JUTE102",
    summary:
      "A `//` comment that ends the file without a line break, which Apache's compiler 3.8.0 refuses.",
    fixable: true,
    *check({ file: { path, text, comments } }) {
      const last = comments.at(-1);
      if (last === undefined || last.end < text.length || !text.startsWith("//", last.start))
        return;
      yield {
        span: { file: path, ...last },
        message: "Apache's compiler refuses a // comment that ends the file without a line break",
        fix: { span: { file: path, start: text.length, end: text.length }, text: "\n" },
      };
    },
  },
  {
    code: "JUTE103",
    summary:
      "Characters beyond U+00FF in the path of an include, which Apache's compiler does not find.",
    *check({ file }) {
      for (const { include } of file.includes) {
        if (!/[^\0-\xff]/u.test(include.path)) continue;
        const message = "Apache's compiler drops characters beyond U+00FF from the path";
        yield { span: include.span, message };
      }
    },
  },
  {
    code: "JUTE130",
    summary: "An include whose classes nothing uses.",
    fixable: true,
    check: unusedIncludes,
  },
  {
    code: "JUTE131",
    summary: "A file that is included twice.",
    fixable: true,
    *check({ file }) {
      const seen = new Map<string, IncludeEdge>();
      for (const edge of file.includes) {
        const first = seen.get(edge.path);
        seen.set(edge.path, first ?? edge);
        if (first === undefined) continue;
        yield {
          span: edge.include.span,
          message: `"${edge.path}" is included twice`,
          related: [{ message: "the first time", span: first.include.span }],
          fix: withoutInclude(file, edge),
        };
      }
    },
  },
];

function* unusedIncludes({ file, sources }: LintContext): Iterable<Finding> {
  // A file that only includes others is there to be included itself.
  if (file.includes.length === 0 || fieldsOf(file).length === 0) return;
  // A name that means nothing may be a misspelt one of the file that it is included for.
  const visible = [...sources.visibleFrom(file).keys()];
  if (visible.some((each) => namesOf(each).some((name) => !sources.meanings.has(name)))) return;
  const seen = new Set<string>();
  for (const edge of file.includes) {
    const { include, target, path } = edge;
    if (target === undefined || seen.has(path)) continue;
    seen.add(path);
    const provided = sources.visibleFrom(target);
    // An included file may lean on what its includer has included, so it counts as a user, too.
    const users = visible.filter((user) => !provided.has(user));
    if (users.some((user) => usedBy(user, sources).some((each) => provided.has(each.file)))) {
      continue;
    }
    const isIncluded = sources.files.some((other) =>
      other.includes.some((each) => each.target === file),
    );
    yield {
      span: include.span,
      message: `nothing of "${include.path}" is used here`,
      fix: isIncluded ? undefined : withoutInclude(file, edge),
    };
  }
}

function usedBy(file: LoadedFile, sources: Sources): readonly Declaration[] {
  return namesOf(file).flatMap((name) => sources.meanings.get(name) ?? []);
}

function namesOf(file: LoadedFile): readonly NameAst[] {
  return fieldsOf(file).flatMap(({ field }) => namesIn(field.type));
}

/** Removes an include, and its line when nothing else stands there. */
function withoutInclude(
  { path, text }: LoadedFile,
  { include }: IncludeEdge,
): TextEdit | undefined {
  const keyword = /include[ \t\r\n]*$/.exec(text.slice(0, include.span.start));
  if (keyword === null) return undefined;
  const lineStart = text.slice(0, keyword.index).search(/[^\r\n]*$/);
  const lineEnd = /^[ \t]*(?:\r\n|\r|\n|$)/.exec(text.slice(include.span.end));
  const isAlone = lineEnd !== null && text.slice(lineStart, keyword.index).trim() === "";
  const span = isAlone
    ? { file: path, start: lineStart, end: include.span.end + lineEnd[0].length }
    : { file: path, start: keyword.index, end: include.span.end };
  return { span, text: "" };
}
