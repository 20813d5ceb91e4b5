/** The table of rules. A file of its own, so that who only needs the codes does not load the parser. */
import { kinds } from "../diagnostics.js";
import { cRules } from "./c-rules.js";
import { fileRules } from "./file-rules.js";
import { javaRules } from "./java-rules.js";
import type { LintRule, LintTarget } from "./rule.js";
import { styleRules } from "./style-rules.js";

/** Every rule, by code. */
export const lintRules: readonly LintRule[] = [
  ...fileRules,
  ...javaRules,
  ...cRules,
  ...styleRules,
].sort((a, b) => (a.code < b.code ? -1 : 1));

/** Every code that `LintOptions.levels` may hold: those of the rules, and of the compiler's warnings. */
export const lintCodes: readonly string[] = [
  ...Object.values(kinds).flatMap(({ code, severity }) => (severity === "warning" ? code : [])),
  ...lintRules.map(({ code }) => code),
].sort();

/** Every language that rules are about. */
export const lintTargets: readonly LintTarget[] = ["java", "c"];
