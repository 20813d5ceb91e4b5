/** Source texts, as the compiler is given them. */
import type { Diagnostic } from "../diagnostics.js";

/** A text, and what was found wrong with it when it was made from bytes. */
export interface SourceText {
  readonly text: string;
  readonly errors?: readonly Diagnostic[];
}

/** A text as the caller gives it. `path` is a name: the compiler never opens it. */
export interface SourceFile extends SourceText {
  readonly path: string;
}
