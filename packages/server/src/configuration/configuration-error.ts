/** What is wrong with a configuration, and what is merely worth knowing about it. */

export interface ConfigurationProblem {
  readonly fileName: string;
  /** Counted from 1; 0 when something is missing, so that no line is to blame. */
  readonly line: number;
  /** What is wrong and what to do, as sentences. */
  readonly message: string;
}

/** A configuration from which no peer may be started. It names everything that is wrong at once. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** In the order of the files and lines, what is missing first. Never empty. */
  readonly problems: readonly ConfigurationProblem[];
  /** What is merely worth knowing, and may explain a problem: a key that was written in another way. */
  readonly notes: readonly ConfigurationNote[];

  constructor(
    problems: readonly ConfigurationProblem[],
    options?: ErrorOptions & { readonly notes?: readonly ConfigurationNote[] },
  ) {
    super(problems.map(formatPosition).join("\n"), options);
    this.problems = problems;
    this.notes = options?.notes ?? [];
  }
}

export interface ConfigurationNote extends ConfigurationProblem {
  readonly kind:
    /** A key of Apache's server that has no effect here. */
    | "ignored"
    /** A key that nobody knows. */
    | "unknown"
    /** A key that a later line sets again. */
    | "overridden"
    /** A value that was replaced by the nearest sensible one. */
    | "adjusted"
    /** A legal configuration that is hardly meant. */
    | "advice";
}

/** `file:line: message`, as editors and terminals understand it. */
export function formatPosition({ fileName, line, message }: ConfigurationProblem): string {
  if (fileName === "") return message;
  return line === 0 ? `${fileName}: ${message}` : `${fileName}:${line}: ${message}`;
}
