/** What a command may do with the terminal and the process it runs in. Tests give their own. */
export interface CommandLine {
  /** One line of the result. */
  write(text: string): void;
  /** One line about the run: problems, progress. */
  error(text: string): void;
  onSignal(signal: "SIGINT" | "SIGTERM", then: () => void): void;
}

/** Rows as columns of one width each; the first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
