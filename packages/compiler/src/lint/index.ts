/** `@jute-ts/compiler/lint`: what is legal, and still a mistake or a trap. Pure: texts in, diagnostics out. */
import { CompileOptionsError } from "../module-selection.js";
import type { Diagnostic, Severity } from "../diagnostics.js";
import {
  analyzeSources,
  type CheckOptions,
  diagnoseSources,
  inOrder,
  textsOf,
} from "../schema/check.js";
import { closestName } from "../schema/closest-name.js";
import type { Sources } from "../schema/sources.js";
import type { SourceFile } from "../syntax/source-file.js";
import { isFixable } from "./fixable.js";
import type { Finding, LintRule, LintTarget } from "./rule.js";
import { lintCodes, lintRules, lintTargets } from "./rules.js";

export { isFixable } from "./fixable.js";
export { lintCodes, lintRules, lintTargets } from "./rules.js";
export type { Finding, LintRule, LintTarget };

/** What a code is reported as. */
export type LintLevel = "off" | Severity;

export interface LintSettings {
  /** The languages that the schema is meant for. Default: all. */
  readonly targets?: readonly LintTarget[] | undefined;
  /**
   * What to make of a rule, or of a warning of the compiler, by code. Errors of the compiler
   * stay what they are.
   */
  readonly levels?: Readonly<Record<string, LintLevel>> | undefined;
}

export interface LintOptions extends CheckOptions, LintSettings {}

export interface LintResult {
  /** The compiler's diagnostics and those of the rules, by file and position. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every text that was read, included files too, by the path that spans name. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Checks sources and what they include, and then the sources by the rules. A file with syntax
 * errors is only checked. Throws {@link CompileOptionsError} for a code that is none, and what
 * `readInclude` throws.
 */
export function lintSources(given: readonly SourceFile[], options: LintOptions = {}): LintResult {
  const { sources, diagnostics: found } = analyzeSources(given, options);
  return { diagnostics: judge(sources, found, options), texts: textsOf(sources) };
}

/** The same for files that have been resolved already, by `resolveSources` of `./analysis`. */
export function lintResolved(sources: Sources, settings: LintSettings = {}): readonly Diagnostic[] {
  return judge(sources, diagnoseSources(sources), settings);
}

/** The compiler's diagnostics at the levels that are wanted, and what the rules find. */
function judge(
  sources: Sources,
  found: readonly Diagnostic[],
  { targets = lintTargets, levels = {} }: LintSettings,
): readonly Diagnostic[] {
  refuseUnknownCodes(Object.keys(levels));
  const all: Diagnostic[] = found.flatMap((diagnostic) => {
    const level = diagnostic.severity === "error" ? "error" : levels[diagnostic.code];
    return level === "off" ? [] : { ...diagnostic, severity: level ?? diagnostic.severity };
  });
  for (const rule of lintRules) {
    const level = levels[rule.code] ?? rule.default ?? "warning";
    if (level === "off" || (rule.target !== undefined && !targets.includes(rule.target))) continue;
    for (const file of sources.files) {
      if (!file.isSource || file.errors.length > 0) continue;
      for (const finding of rule.check({ file, sources })) {
        all.push(asDiagnostic(rule.code, level, finding));
      }
    }
  }
  return inOrder(all, sources);
}

/**
 * The texts after the fixes of these diagnostics, as far as they are {@link isFixable} and do not
 * touch each other, by path; a file without one is left out. Lint again: what was in the way of another fix may still need one.
 */
export function applyFixes(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const fixed = new Map<string, string>();
  for (const [path, text] of texts) {
    const edits = diagnostics
      .filter(isFixable)
      .flatMap(({ fix }) => (fix?.span.file === path ? fix : []))
      .sort((a, b) => a.span.start - b.span.start);
    if (edits.length === 0) continue;
    let result = "";
    let end = 0;
    for (const { span, text: replacement } of edits) {
      if (span.start < end) continue;
      result += text.slice(end, span.start) + replacement;
      end = span.end;
    }
    fixed.set(path, result + text.slice(end));
  }
  return fixed;
}

function asDiagnostic(code: string, severity: Severity, finding: Finding): Diagnostic {
  const { span, message, suggestion, related, fix } = finding;
  return {
    code,
    severity,
    message,
    span,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(related === undefined ? {} : { related }),
    ...(fix === undefined ? {} : { fix }),
  };
}

function refuseUnknownCodes(codes: readonly string[]): void {
  for (const code of codes) {
    if (lintCodes.includes(code)) continue;
    const near = closestName(code, lintCodes);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    throw new CompileOptionsError(`no rule has the code "${code}"${hint}`);
  }
}
