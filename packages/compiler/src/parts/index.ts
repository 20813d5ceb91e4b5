/**
 * `@jute-ts/compiler/parts`: what a command needs before it knows whether there is anything to compile, and to
 * print what came of it. Nothing here loads the parser, which takes longer than all the rest of a short run. It
 * is gathered for the command and changes with it, so this is no part of the API that versions are about.
 */
export { advice, diagnose, type Diagnostic, type DiagnosticKind, kinds } from "../diagnostics.js";
export { capped } from "../diagnostics/capped.js";
export { type DiagnosticOutput, renderDiagnostics, summarize } from "../diagnostics/render.js";
export { WIDEST_INDENT } from "../format/widest-indent.js";
export { isFixable } from "../lint/fixable.js";
export { lintCodes, lintTargets } from "../lint/rules.js";
export { closestName } from "../schema/closest-name.js";
export { LineTable } from "../syntax/source.js";
export { DEFAULT_TARGET, isTargetName, type TargetName, TARGETS } from "../targets/index.js";
export type { EmittedFile, Target } from "../targets/target.js";
export {
  formatTypeScript,
  formatWithoutPrettier,
  PRETTIER_PARSER,
  type PrettierOptions,
} from "../targets/typescript/format.js";
