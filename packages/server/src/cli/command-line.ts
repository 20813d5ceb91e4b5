/** What the command may do with the terminal and the process it runs in, and how it says what went wrong. */
import { ConfigurationError, formatPosition, type Position } from "../configuration/index.js";
import { EnsembleOptionsError } from "../ensemble/ensemble-options.js";
import { StartError } from "../node/start-failure.js";
import { messageOf } from "../node/system-error.js";
import { EXIT_FAILED, EXIT_MISUSED, type ExitCode } from "./exit-code.js";

/** The command's name, in usage and messages. */
export const COMMAND_NAME = "zk-server";

export type OutputFormat = "text" | "json";

/** The surroundings of a command. Tests give their own. */
export interface CommandLine {
  /** Results, without the line's end. */
  write(text: string): void;
  /** Problems and hints, without the line's end. */
  error(text: string): void;
  /** Calls back when the command shall end: a signal, or the end of a parent that holds a channel to it. */
  onEnd(then: () => void): void;
  /** Tells a parent that holds a channel to this process that what it asked for runs. */
  tellStarted(): void;
  /** The file that runs, for commands that start others of its kind. */
  readonly program: string;
  /** How many letters fit into a line. */
  readonly columns: number;
}

/** Something that one line says about the run: a problem, or what is worth knowing. */
export interface Remark {
  readonly level: "warning" | "error";
  readonly text: string;
  /** The place in a configuration that it is about. */
  readonly position?: Position | undefined;
}

/** Prints a remark to stderr, as a line for people or as a JSON object. */
export function remark(
  { level, text, position }: Remark,
  format: OutputFormat,
  line: CommandLine,
): void {
  const hasPosition = position !== undefined && position.fileName !== "";
  if (format === "json") {
    const time = new Date().toISOString();
    const place = hasPosition ? { file: position.fileName, line: position.line } : {};
    line.error(JSON.stringify({ time, level, text, ...place }));
  } else if (hasPosition) {
    const kind = level === "warning" ? "warning: " : "";
    line.error(formatPosition({ ...position, message: `${kind}${text}` }));
  } else {
    line.error(`${COMMAND_NAME}: ${text}`);
  }
}

/** Prints what a command that runs for longer has to tell: a line for people, or a JSON object with these fields too. */
export function tell(
  text: string,
  fields: Readonly<Record<string, unknown>>,
  format: OutputFormat,
  line: CommandLine,
): void {
  if (format === "text") line.write(text);
  else
    line.write(JSON.stringify({ time: new Date().toISOString(), level: "info", ...fields, text }));
}

/** Says why a command failed, a line for each problem, and with which code it exits. */
export function reportFailure(error: unknown, format: OutputFormat, line: CommandLine): ExitCode {
  if (error instanceof ConfigurationError) {
    for (const { message, ...position } of error.notes) {
      remark({ level: "warning", text: message, position }, format, line);
    }
    for (const { message, ...position } of error.problems) {
      remark({ level: "error", text: message, position }, format, line);
    }
    return EXIT_MISUSED;
  }
  if (error instanceof EnsembleOptionsError) {
    remark({ level: "error", text: messageOf(error) }, format, line);
    return EXIT_MISUSED;
  }
  if (error instanceof StartError) {
    const { message, ...position } = error.problem;
    remark({ level: "error", text: message, position }, format, line);
  } else {
    remark({ level: "error", text: messageOf(error) }, format, line);
  }
  return EXIT_FAILED;
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
