/** What a rule is: a row with its code and its words, and a function that looks for what it is about. */
import type { RelatedPlace, TextEdit } from "../diagnostics.js";
import type { LoadedFile } from "../schema/files.js";
import type { Sources } from "../schema/sources.js";
import type { Span } from "../syntax/source.js";

/** A language that Apache's compiler generates, and that rules can be about. */
export type LintTarget = "java" | "c";

export interface Finding {
  readonly span: Span;
  /** What is wrong here, and why. */
  readonly message: string;
  readonly suggestion?: string | undefined;
  readonly related?: readonly RelatedPlace[] | undefined;
  /** Makes the finding go away and leaves what the files mean as it is. */
  readonly fix?: TextEdit | undefined;
}

export interface LintRule {
  /** Stable, e.g. `JUTE110`. */
  readonly code: string;
  /** What it is about in general, for the table in docs/lint.md. */
  readonly summary: string;
  /** Only looked for when this language is among the targets; a rule without one always is. */
  readonly target?: LintTarget;
  /** Default: a warning. */
  readonly default?: "off";
  readonly fixable?: true;
  /** Looks at one file of the caller's. */
  readonly check: (context: LintContext) => Iterable<Finding>;
}

export interface LintContext {
  readonly file: LoadedFile;
  readonly sources: Sources;
}
