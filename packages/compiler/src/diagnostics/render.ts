/**
 * Diagnostics for people (text), for programs (JSON) and for GitHub's checks.
 * Pure: whoever prints decides on colours, and on what goes where.
 */
import picocolors from "picocolors";
import { type Diagnostic, kinds, type RelatedPlace } from "../diagnostics.js";
import { LineTable, type Span } from "../syntax/source.js";
import { excerpt } from "./excerpt.js";

export type DiagnosticOutput = "text" | "json" | "github";

export interface RenderOptions {
  readonly output: DiagnosticOutput;
  /** Only for text. Default false. */
  readonly color?: boolean;
}

/**
 * Renders diagnostics in the order given. `texts` are those of the files that
 * the spans name; without its text, a place is shown as line 1, column 1. Text
 * and GitHub output end with a line break unless they are empty.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  const places = new Places(texts);
  switch (options.output) {
    case "json":
      return `${JSON.stringify(
        diagnostics.map((diagnostic) => asJson(diagnostic, places)),
        null,
        2,
      )}\n`;
    case "github":
      return diagnostics.map((diagnostic) => `${asCommand(diagnostic, places)}\n`).join("");
    case "text": {
      const paint = picocolors.createColors(options.color ?? false);
      return diagnostics.map((diagnostic) => `${asText(diagnostic, places, paint)}\n`).join("\n");
    }
  }
}

/** E.g. `3 errors and 1 warning in 2 files`; `no problems` when there are none. */
export function summarize(all: readonly Diagnostic[]): string {
  const diagnostics = all.filter(({ code }) => code !== kinds.tooMany.code);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const files = new Set(diagnostics.map(({ span }) => span.file)).size;
  const counts = [counted(errors, "error"), counted(warnings, "warning")].filter(
    (count) => !count.startsWith("0 "),
  );
  return counts.length === 0
    ? "no problems"
    : `${all.length > diagnostics.length ? "more than " : ""}${counts.join(" and ")} in ${counted(files, "file")}`;
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Looks up lines; a file's lines are counted once, and only when something points into it. */
class Places {
  private readonly texts: ReadonlyMap<string, string>;
  private readonly tables = new Map<string, LineTable>();

  constructor(texts: ReadonlyMap<string, string>) {
    this.texts = texts;
  }

  of({ file, start, end }: Span): Place {
    const lines = this.linesOf(file);
    const from = lines.positionOf(start);
    const to = lines.positionOf(end);
    return { file, ...from, endLine: to.line, endColumn: to.column };
  }

  linesOf(file: string): LineTable {
    let lines = this.tables.get(file);
    if (lines === undefined) {
      lines = new LineTable(this.texts.get(file) ?? "");
      this.tables.set(file, lines);
    }
    return lines;
  }
}

type Paint = ReturnType<typeof picocolors.createColors>;

function asText(diagnostic: Diagnostic, places: Places, paint: Paint): string {
  const { severity, code, message, span, suggestion, related = [] } = diagnostic;
  const tint = severity === "error" ? paint.red : paint.yellow;
  const lines = [
    `${paint.cyan(location(places.of(span)))} - ${paint.bold(tint(severity))} ${paint.dim(`${code}:`)} ${paint.bold(message)}`,
    ...quote(span, places, tint),
  ];
  if (suggestion !== undefined) lines.push(`  ${paint.green("help:")} ${suggestion}`);
  for (const { message: note, span: place } of related) {
    lines.push(
      `  ${paint.cyan(location(places.of(place)))}: ${note}`,
      ...quote(place, places, paint.cyan),
    );
  }
  return lines.join("\n");
}

function quote(span: Span, places: Places, tint: (text: string) => string): readonly string[] {
  const { line, column, endLine, endColumn } = places.of(span);
  const text = places.linesOf(span.file).textOf(line);
  const end = endLine === line ? endColumn : text.length + 1;
  const { shown, indent, width } = excerpt(text, column - 1, end - 1);
  return [`    ${shown}`.trimEnd(), `    ${" ".repeat(indent)}${tint("^".repeat(width))}`];
}

function location({ file, line, column }: Place): string {
  return `${file}:${String(line)}:${String(column)}`;
}

function asJson(diagnostic: Diagnostic, places: Places): unknown {
  const { code, severity, message, span, suggestion, related = [] } = diagnostic;
  const place = ({ message: note, span: at }: RelatedPlace): unknown => ({
    message: note,
    ...places.of(at),
  });
  return {
    code,
    severity,
    message,
    ...places.of(span),
    suggestion: suggestion ?? null,
    related: related.map(place),
  };
}

/** A workflow command: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function asCommand(diagnostic: Diagnostic, places: Places): string {
  const { code, severity, message, span, suggestion, related = [] } = diagnostic;
  const { file, line, column, endLine, endColumn } = places.of(span);
  const properties = [
    `file=${escapeProperty(file)}`,
    `line=${String(line)}`,
    `endLine=${String(endLine)}`,
    `col=${String(column)}`,
    // GitHub ignores columns of an annotation that spans several lines.
    ...(line === endLine ? [`endColumn=${String(endColumn)}`] : []),
    `title=${code}`,
  ];
  const text = [
    message,
    ...(suggestion === undefined ? [] : [suggestion]),
    ...related.map(({ message: note, span: at }) => `${location(places.of(at))}: ${note}`),
  ].join("\n");
  return `::${severity} ${properties.join(",")}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
