/** Every message that the compiler can give, with its stable code. Wording lives here and nowhere else. */
import type { Span } from "./syntax/source.js";

export type Severity = "error" | "warning";

export interface Diagnostic {
  /** Stable, e.g. `JUTE021`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** What to do, e.g. `did you mean "Stat"?`. */
  readonly suggestion?: string;
  /** Other places that explain this one, e.g. the first of two duplicates or an include chain. */
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
}
