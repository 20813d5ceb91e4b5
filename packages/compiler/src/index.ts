/** The compiler as a library: texts in, files and diagnostics out. No disk and no Node, so it runs in a browser. */
export { compile, type CompileOptions, type CompileResult, type EmitSettings } from "./compile.js";
export {
  advice,
  diagnose,
  type Diagnostic,
  type DiagnosticKind,
  kinds,
  type RelatedPlace,
  type Severity,
  type TextEdit,
} from "./diagnostics.js";
export { capped } from "./diagnostics/capped.js";
export {
  type DiagnosticOutput,
  renderDiagnostics,
  type RenderOptions,
  summarize,
} from "./diagnostics/render.js";
export {
  formatTypeScript,
  formatWithoutPrettier,
  PRETTIER_PARSER,
  type PrettierOptions,
} from "./targets/typescript/format.js";
export { CompileOptionsError } from "./module-selection.js";
export { closestName } from "./schema/closest-name.js";
export { type CheckOptions, type CheckResult, checkSources } from "./schema/check.js";
export type {
  FieldSchema,
  ModuleSchema,
  RecordSchema,
  Schema,
  TypeSchema,
} from "./schema/model.js";
export { LineTable, type Position, type Span } from "./syntax/source.js";
export type { SourceFile, SourceText } from "./syntax/source-file.js";
export { DEFAULT_TARGET, isTargetName, type TargetName, TARGETS } from "./targets/index.js";
export type { EmittedFile, Target, TargetOptions, TargetSettings } from "./targets/target.js";
export { type PrimitiveName, wireType, type WireType } from "./wire-types.js";
