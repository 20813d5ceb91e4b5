/** What a file says, name by name, with its place in the text. Nothing is resolved yet. */
import type { PrimitiveName } from "../wire-types.js";
import type { Span } from "./source.js";

export interface FileAst {
  readonly path: string;
  readonly items: readonly (IncludeAst | ModuleAst)[];
  /** Annotations in comments that belong to no class and no field. */
  readonly strayAnnotations: readonly AnnotationAst[];
}

export interface IncludeAst {
  readonly kind: "include";
  /** As written, without the quotes. */
  readonly path: string;
  /** The path with its quotes. */
  readonly span: Span;
}

export interface ModuleAst {
  readonly kind: "module";
  /** Dotted, without any space or comment between the parts. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly classes: readonly ClassAst[];
}

export interface ClassAst {
  readonly name: string;
  readonly nameSpan: Span;
  /** From `class` to the closing brace. */
  readonly span: Span;
  readonly doc: string;
  readonly annotations: readonly AnnotationAst[];
  readonly fields: readonly FieldAst[];
}

export interface FieldAst {
  readonly name: string;
  readonly nameSpan: Span;
  /** From the type to the semicolon. */
  readonly span: Span;
  readonly type: TypeAst;
  readonly doc: string;
  readonly annotations: readonly AnnotationAst[];
}

export type TypeAst =
  | { readonly kind: PrimitiveName; readonly span: Span }
  | { readonly kind: "vector"; readonly element: TypeAst; readonly span: Span }
  | { readonly kind: "map"; readonly key: TypeAst; readonly value: TypeAst; readonly span: Span }
  | NameAst;

/** A record by its name, or by its module and name. */
export interface NameAst {
  readonly kind: "name";
  readonly name: string;
  readonly span: Span;
}

/** `@jute:name` in a comment. */
export interface AnnotationAst {
  /** Without `@jute:`. */
  readonly name: string;
  readonly span: Span;
}
