import type { Diagnostic } from "../diagnostics.js";
import { lintRules } from "./rules.js";

/**
 * Whether the diagnostic goes away by an edit that leaves what the files mean as it is. Only rules
 * have such edits: those of the compiler say what a mistake was probably meant to be.
 */
export function isFixable({ code, fix }: Diagnostic): boolean {
  return fix !== undefined && lintRules.some((rule) => rule.code === code);
}
