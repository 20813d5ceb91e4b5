/**
 * A checked schema: every name resolved, every annotation understood. Targets
 * read this and nothing else, so a target never sees syntax, and the checker
 * never knows what is emitted. Values are immutable once the checker returns.
 */
import type { Span } from "../syntax/source.js";
import type { PrimitiveName } from "../wire-types.js";

export interface Schema {
  /** Modules in order of first appearance over all input files; one entry per name. */
  readonly modules: readonly ModuleSchema[];
}

export interface ModuleSchema {
  /** Dotted, e.g. `org.apache.zookeeper.data`. */
  readonly name: string;
  readonly records: readonly RecordSchema[];
}

export interface RecordSchema {
  readonly name: string;
  /** `module.name`. */
  readonly fullName: string;
  readonly module: string;
  /** The comment before the class, without its markers; empty when there is none. */
  readonly doc: string;
  readonly fields: readonly FieldSchema[];
  /** The source file that declares it, as given by the caller. */
  readonly file: string;
  readonly span: Span;
  /** False for a record that is only visible through an include: it is known, but no code is emitted for it. */
  readonly emitted: boolean;
  /** Part of a cycle of records, so its nesting is not bounded by the schema. */
  readonly recursive: boolean;
  /** Ends (itself or through its last field) in an optional field, so nothing may follow it. */
  readonly openEnded: boolean;
  /** Java's structural fingerprint, e.g. `LId(ss)`. A record inside itself stands as `LName()`. */
  readonly signature: string;
}

export interface FieldSchema {
  readonly name: string;
  readonly type: TypeSchema;
  /** Leading and trailing comments, without markers and annotations. */
  readonly doc: string;
  /** `@jute:optional`: may be missing at the end of the record. */
  readonly optional: boolean;
  /** `@jute:nonnull`: null is an error. Only on ustring, buffer and vector. */
  readonly nonNull: boolean;
  /** `@jute:nonnull-elements`: null is an error in its vectors and as a value in its maps, at any depth. */
  readonly nonNullElements: boolean;
  readonly span: Span;
}

export type TypeSchema =
  | { readonly kind: PrimitiveName }
  | { readonly kind: "vector"; readonly element: TypeSchema }
  | { readonly kind: "map"; readonly key: TypeSchema; readonly value: TypeSchema }
  | { readonly kind: "record"; readonly record: RecordSchema };
