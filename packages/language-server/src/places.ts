/** What lies at an offset of a file, and where it is declared and used. */
import {
  type Declaration,
  type FieldAst,
  type IncludeEdge,
  type LoadedFile,
  type NameAst,
  namesIn,
  type Span,
  type TypeAst,
} from "@jute-ts/compiler/analysis";
import type { Analysis, Workspace } from "./workspace.js";

/** A thing that has a name or a meaning, with the span that stands for it in the text. */
export type Place =
  | { readonly kind: "include"; readonly span: Span; readonly edge: IncludeEdge }
  | { readonly kind: "module"; readonly span: Span; readonly name: string }
  | { readonly kind: "class"; readonly span: Span; readonly declaration: Declaration }
  | {
      readonly kind: "field";
      readonly span: Span;
      readonly declaration: Declaration;
      readonly field: FieldAst;
    }
  | {
      readonly kind: "use";
      readonly span: Span;
      readonly name: NameAst;
      /** Undefined for a name that means nothing. */
      readonly declaration: Declaration | undefined;
    }
  | { readonly kind: "type"; readonly span: Span; readonly type: TypeAst };

/** The smallest thing at an offset. The end of a word belongs to it. */
export function placeAt({ file, sources }: Analysis, offset: number): Place | undefined {
  const holds = ({ start, end }: Span): boolean => start <= offset && offset <= end;
  for (const item of file.ast.items) {
    if (item.kind === "include") {
      const edge = file.includes.find(({ include }) => include === item);
      if (holds(item.span) && edge !== undefined) return { kind: "include", span: item.span, edge };
    } else if (holds(item.nameSpan)) {
      return { kind: "module", span: item.nameSpan, name: item.name };
    }
  }
  const declaration = sources.declarations.find(
    (each) => each.file === file && holds(each.class.span),
  );
  if (declaration === undefined) return undefined;
  const { nameSpan, fields } = declaration.class;
  if (holds(nameSpan)) return { kind: "class", span: nameSpan, declaration };
  const field = fields.find(({ span }) => holds(span));
  if (field === undefined) return undefined;
  if (holds(field.nameSpan)) return { kind: "field", span: field.nameSpan, declaration, field };
  const type = typeAt(field.type, holds);
  if (type?.kind !== "name") return type && { kind: "type", span: type.span, type };
  return {
    kind: "use",
    span: type.span,
    name: type,
    declaration: sources.meanings.get(type),
  };
}

function typeAt(type: TypeAst, holds: (span: Span) => boolean): TypeAst | undefined {
  if (!holds(type.span)) return undefined;
  switch (type.kind) {
    case "vector":
      return typeAt(type.element, holds) ?? type;
    case "map":
      return typeAt(type.key, holds) ?? typeAt(type.value, holds) ?? type;
    default:
      return type;
  }
}

/** Whether two analyses speak of the same class: each has objects of its own. */
function isSameClass(left: Declaration, right: Declaration): boolean {
  return left.fullName === right.fullName && left.file.path === right.file.path;
}

/** Every type name in the workspace that means this class, in the order of the files. */
export function usesOf(target: Declaration, workspace: Workspace): readonly NameAst[] {
  const uses: NameAst[] = [];
  for (const { file, sources } of workspace.analysesUsing(target.file.path, [target.class.name])) {
    for (const name of typeNamesIn(file)) {
      const meaning = sources.meanings.get(name);
      if (meaning !== undefined && isSameClass(meaning, target)) uses.push(name);
    }
  }
  return uses;
}

/** All type names in the fields of a file. */
export function typeNamesIn(file: LoadedFile): readonly NameAst[] {
  return file.ast.items.flatMap((item) =>
    item.kind === "module"
      ? item.classes.flatMap(({ fields }) => fields.flatMap(({ type }) => namesIn(type)))
      : [],
  );
}

/** The last part of a type name, which is that of the class: what stands after the last dot. */
export function lastPart({ span, name }: NameAst): Span {
  const length = name.length - (name.lastIndexOf(".") + 1);
  return { ...span, start: span.end - length };
}
