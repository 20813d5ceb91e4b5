/**
 * Parsing after a change inside of one class, as typing is: only that class is parsed again, and what
 * follows it is moved. So a key costs the same in a file of ten thousand records as in a small one.
 *
 * Whenever it is not certain that parsing everything would give the same, there is no result.
 */
import {
  type ClassAst,
  type FieldAst,
  type FileAst,
  parse,
  type ParsedFile,
  type SourceFile,
  type Span,
  type TypeAst,
} from "@jute-ts/compiler/analysis";

export interface ParsedText {
  readonly text: string;
  readonly parsed: ParsedFile;
}

type Diagnostics = ParsedFile["errors"];
type Items = FileAst["items"];

/** What {@link parse} gives for the source, worked out from an earlier text; undefined when that cannot be done. */
export function reparse(before: ParsedText, source: SourceFile): ParsedFile | undefined {
  const change = changeOf(before.text, source.text);
  const old = classAround(before.parsed.ast.items, change);
  if (old === undefined) return undefined;
  const { start, end } = old.span;
  const delta = source.text.length - before.text.length;
  const text = source.text.slice(start, end + delta);
  if (!standsAlone(text) || !standsAlone(before.text.slice(start, end))) return undefined;
  if (!before.parsed.errors.every(({ span }) => start <= span.start && span.end <= end)) {
    return undefined;
  }
  const column = columnOf(source.text, start);
  const alone = parseAlone(text, start, column, source.path);
  const oldAlone = parseAlone(before.text.slice(start, end), start, column, source.path);
  if (alone === undefined || oldAlone === undefined) return undefined;
  // A comment after the opening brace may belong to the class, beside the one before it.
  if (hasComment(alone.class) || hasComment(oldAlone.class)) return undefined;
  const replaced: ClassAst = { ...alone.class, doc: old.doc, annotations: old.annotations };
  const move = (span: Span): Span => (span.start < end ? span : moved(span, delta));
  const items = before.parsed.ast.items.map((item) => {
    if (item.kind === "include") return { ...item, span: move(item.span) };
    const classes = item.classes.map((each) =>
      each === old ? replaced : each.span.start < end ? each : moveClass(each, delta),
    );
    return { ...item, nameSpan: move(item.nameSpan), classes };
  });
  const outside = before.parsed.ast.strayAnnotations.filter(
    ({ span }) => span.end <= start || span.start >= end,
  );
  const strayAnnotations = [
    ...outside.map((each) => ({ ...each, span: move(each.span) })),
    ...alone.strayAnnotations,
  ].sort((a, b) => a.span.start - b.span.start);
  const ast: FileAst = { path: source.path, items, strayAnnotations };
  const comments = [
    ...before.parsed.comments.filter((each) => each.end <= start),
    ...alone.comments,
    ...before.parsed.comments
      .filter((each) => each.start >= end)
      .map((each) => movedRange(each, delta)),
  ];
  return { ast, errors: alone.errors, comments, lostNames: lostNames(alone, items) };
}

/**
 * Whether the text of a class says by itself where it ends: one pair of braces, and no word that opens
 * something else. A quote may be closed by one that stands far away.
 */
function standsAlone(text: string): boolean {
  const code = text.replaceAll(/\/\/[^\r\n]*|\/\*[^]*?\*\//g, " ");
  const braces = code.match(/[{}]/g) ?? [];
  const words = code.match(/\b(?:class|module|include)\b/g) ?? [];
  return braces.join("") === "{}" && words.length === 1 && !code.includes('"');
}

interface Change {
  /** In both texts. */
  readonly start: number;
  /** In the old text. */
  readonly end: number;
}

/** The smallest range of the old text that differs. */
function changeOf(before: string, after: string): Change {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { start, end: before.length - same };
}

/** The class whose inside, after its name and before its closing brace, holds all of the change. */
function classAround(items: Items, change: Change): ClassAst | undefined {
  for (const item of items) {
    if (item.kind !== "module") continue;
    const found = item.classes.find(
      ({ nameSpan, span }) => nameSpan.end < change.start && change.end < span.end,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

interface ClassAlone {
  readonly class: ClassAst;
  readonly errors: Diagnostics;
  readonly comments: ParsedFile["comments"];
  readonly strayAnnotations: FileAst["strayAnnotations"];
  readonly lostNames: ParsedFile["lostNames"];
}

/** Parses a class in a module of its own, in the column where it stands, with the offsets of the whole text. */
function parseAlone(
  text: string,
  start: number,
  column: number,
  path: string,
): ClassAlone | undefined {
  const opening = `module m {\n${" ".repeat(column)}`;
  const { ast, errors, comments, lostNames: lost } = parse({ path, text: `${opening}${text}\n}` });
  const [module, ...otherItems] = ast.items;
  if (module?.kind !== "module" || otherItems.length > 0) return undefined;
  const [only, ...others] = module.classes;
  const end = opening.length + text.length;
  if (only === undefined || others.length > 0) return undefined;
  if (only.span.start !== opening.length || only.span.end !== end) return undefined;
  const delta = start - opening.length;
  const isInside = ({ span, related = [] }: Diagnostics[number]): boolean =>
    span.start > opening.length && span.end < end && related.length === 0;
  if (!errors.every(isInside)) return undefined;
  return {
    class: moveClass(only, delta),
    errors: errors.map((error) => ({
      ...error,
      span: moved(error.span, delta),
      ...(error.fix === undefined
        ? {}
        : { fix: { ...error.fix, span: moved(error.fix.span, delta) } }),
    })),
    comments: comments.map((each) => movedRange(each, delta)),
    strayAnnotations: ast.strayAnnotations.map((each) => ({
      ...each,
      span: moved(each.span, delta),
    })),
    lostNames: lost,
  };
}

function hasComment({ doc, annotations }: ClassAst): boolean {
  return doc !== "" || annotations.length > 0;
}

/** As {@link parse} has them: of the whole file, and only when there are errors. */
function lostNames(alone: ClassAlone, items: Items): ReadonlySet<string> {
  if (alone.errors.length === 0) return new Set();
  const declared = items.flatMap((item) =>
    item.kind === "module" ? item.classes.map(({ name }) => name) : [],
  );
  return new Set([...declared, ...alone.lostNames]);
}

function moveClass(declared: ClassAst, delta: number): ClassAst {
  return {
    ...declared,
    nameSpan: moved(declared.nameSpan, delta),
    span: moved(declared.span, delta),
    annotations: declared.annotations.map((each) => ({ ...each, span: moved(each.span, delta) })),
    fields: declared.fields.map((field) => moveField(field, delta)),
  };
}

function moveField(field: FieldAst, delta: number): FieldAst {
  return {
    ...field,
    nameSpan: moved(field.nameSpan, delta),
    span: moved(field.span, delta),
    type: moveType(field.type, delta),
    annotations: field.annotations.map((each) => ({ ...each, span: moved(each.span, delta) })),
  };
}

function moveType(type: TypeAst, delta: number): TypeAst {
  const span = moved(type.span, delta);
  switch (type.kind) {
    case "vector":
      return { ...type, span, element: moveType(type.element, delta) };
    case "map":
      return { ...type, span, key: moveType(type.key, delta), value: moveType(type.value, delta) };
    default:
      return { ...type, span };
  }
}

function moved({ file, start, end }: Span, delta: number): Span {
  return { file, start: start + delta, end: end + delta };
}

function movedRange({ start, end }: Omit<Span, "file">, delta: number): Omit<Span, "file"> {
  return { start: start + delta, end: end + delta };
}

function columnOf(text: string, offset: number): number {
  return (
    offset - (Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1)
  );
}
