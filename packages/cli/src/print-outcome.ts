/**
 * What a run reports to its user, in three forms: text for people, one JSON document
 * for programs, and annotations for GitHub's logs. Results go to stdout; in text form,
 * diagnostics and refusals go to stderr, so that a pipe carries results only.
 */
import path from "node:path";
import pc from "picocolors";
import {
  capped,
  type Diagnostic,
  type DiagnosticOutput,
  isFixable,
  kinds,
  LineTable,
  renderDiagnostics,
  summarize,
} from "@jute-ts/compiler/parts";
import type { Change, ChangeLevel } from "@jute-ts/compiler/breaking";
import type { CheckOutcome } from "./check.js";
import type { GeneratedOutput, GenerateOutcome } from "./generate/generate.js";
import type { FileStatus } from "./generate/output-directory.js";
import { shownPath } from "./input-files.js";
import { quantity } from "./quantity.js";
import { type Surroundings, wantsColor } from "./surroundings.js";

/** Prints the outcome of `jute check`. */
export function printCheckOutcome(
  outcome: CheckOutcome,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): void {
  const { texts, fileCount } = outcome;
  const diagnostics = capped(outcome.diagnostics);
  if (form === "json") {
    const document = { files: fileCount, diagnostics: asJson(diagnostics, texts) };
    surroundings.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  printDiagnostics(diagnostics, texts, form, surroundings);
  surroundings.stdout.write(`${quantity(fileCount, "file")}: ${summarize(diagnostics)}\n`);
}

/**
 * Prints the outcome of `jute generate`. `onOneLine` keeps a JSON document to a line, so that
 * those of `--watch` can be told apart.
 */
export function printGenerateOutcome(
  outcome: GenerateOutcome,
  form: DiagnosticOutput,
  durationMs: number,
  surroundings: Surroundings,
  { onOneLine = false } = {},
): void {
  const { result, texts, outputs } = outcome;
  const diagnostics = capped(outcome.diagnostics);
  if (form === "json") {
    const document = {
      result,
      diagnostics: asJson(diagnostics, texts),
      outputs: outputs.map((output) => ({
        outDir: shownPath(output.outDir, surroundings.cwd),
        modules: output.moduleCount,
        records: output.recordCount,
        files: output.files.map((file) => ({
          path: file.path,
          status: result === "written" ? DONE[file.status] : file.status,
        })),
      })),
    };
    surroundings.stdout.write(`${JSON.stringify(document, null, onOneLine ? undefined : 2)}\n`);
    return;
  }
  // A run that makes something need not say what another compiler would refuse; jute check does.
  const told = diagnostics.filter(({ code }) => code !== kinds.forwardReference.code);
  printDiagnostics(form === "text" ? told : diagnostics, texts, form, surroundings);
  switch (result) {
    case "rejected":
      surroundings.stdout.write(`${summarize(diagnostics)}; the output was left as it was\n`);
      return;
    case "written":
      for (const output of outputs)
        surroundings.stdout.write(writtenSummary(output, durationMs, surroundings));
      return;
    case "current":
      for (const output of outputs)
        surroundings.stdout.write(`${title(output, surroundings)}: up to date\n`);
      return;
    case "outdated":
      for (const output of outputs)
        surroundings.stdout.write(outdatedList(output, form, surroundings));
      surroundings.stdout.write("Run jute generate to bring the output up to date.\n");
      return;
    case "blocked":
      for (const output of outputs)
        surroundings.stderr.write(foreignList(output, form, surroundings));
      surroundings.stderr.write(
        "Nothing was written. Move these files away, choose another directory, or replace them with --force.\n",
      );
  }
}

/** What became of a file whose plan was carried out. */
const DONE: Record<FileStatus, "unchanged" | "written" | "deleted"> = {
  unchanged: "unchanged",
  missing: "written",
  stale: "written",
  foreign: "written",
  orphan: "deleted",
};

function writtenSummary(
  output: GeneratedOutput,
  durationMs: number,
  surroundings: Surroundings,
): string {
  const count = (done: string) => output.files.filter(({ status }) => DONE[status] === done).length;
  const deleted = pathsWith(output, ["orphan"], surroundings);
  const counts = [
    `${String(count("written"))} written`,
    `${String(count("unchanged"))} unchanged`,
    ...(deleted.length === 0 ? [] : [`${String(deleted.length)} deleted`]),
  ];
  const seconds = (durationMs / 1000).toFixed(durationMs < 100 ? 2 : 1);
  return [
    `${title(output, surroundings)}: ${counts.join(", ")} in ${seconds} s`,
    ...deleted.map(({ shown }) => `  deleted  ${shown}`),
    "",
  ].join("\n");
}

function outdatedList(
  output: GeneratedOutput,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): string {
  const changes = pathsWith(output, ["stale", "missing", "orphan", "foreign"], surroundings);
  if (changes.length === 0) return `${title(output, surroundings)}: up to date\n`;
  const color = pc.createColors(wantsColor(surroundings.stdout, surroundings.env));
  const lines = changes.map(({ status, shown }) =>
    form === "github"
      ? `::error file=${githubProperty(shown)},title=jute generate --check::${status}: ${OUTDATED[status]}`
      : `  ${color.yellow(status.padEnd("missing".length))}  ${shown}`,
  );
  const heading = `${title(output, surroundings)}: ${quantity(changes.length, "file")} out of date`;
  return [heading, ...lines, ""].join("\n");
}

const OUTDATED: Record<FileStatus, string> = {
  unchanged: "as it should be",
  missing: "the schema gives this file, but it is not there",
  stale: "not what the schema gives today",
  orphan: "generated once, but the schema gives it no more",
  foreign: "stands where output should go, but was not generated",
};

function foreignList(
  output: GeneratedOutput,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): string {
  const foreign = pathsWith(output, ["foreign"], surroundings);
  if (foreign.length === 0) return "";
  const lines = foreign.map(({ shown }) =>
    form === "github"
      ? `::error file=${githubProperty(shown)},title=jute generate::${OUTDATED.foreign}`
      : `  ${shown}`,
  );
  const place = shownPath(output.outDir, surroundings.cwd);
  return [`${place} holds files that jute did not generate:`, ...lines, ""].join("\n");
}

/** What became of files that a command rewrites or compares. */
export interface FileOutcome {
  readonly files: readonly { readonly path: string; readonly status: string }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** The last line in text; the diagnostics are counted when there is none. */
  readonly summary: string | undefined;
}

/** Prints the outcome of `jute format`. */
export function printFileOutcome(
  { files, diagnostics: all, texts, summary }: FileOutcome,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): void {
  const diagnostics = capped(all);
  if (form === "json") {
    const document = { files, diagnostics: asJson(diagnostics, texts) };
    surroundings.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  printDiagnostics(diagnostics, texts, form, surroundings);
  const counts = `${quantity(files.length, "file")}: ${summary ?? summarize(diagnostics)}`;
  const rewritten = files.filter(({ status }) => status === "rewritten");
  const lines = [counts, ...rewritten.map(({ path: file }) => `  rewritten  ${file}`), ""];
  surroundings.stdout.write(lines.join("\n"));
}

export interface LintOutcome {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** The files given; included ones are not among them. */
  readonly files: readonly string[];
  /** Those of them that were rewritten. */
  readonly fixed: readonly string[];
}

/** Prints the outcome of `jute lint`. */
export function printLintOutcome(
  { diagnostics: all, texts, files, fixed }: LintOutcome,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): void {
  const diagnostics = capped(all);
  if (form === "json") {
    const document = { files: files.length, fixed, diagnostics: asJson(diagnostics, texts) };
    surroundings.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  printDiagnostics(diagnostics, texts, form, surroundings);
  const counts = `${quantity(files.length, "file")}: ${summarize(diagnostics)}`;
  const fixable = all.filter(isFixable).length;
  const hint = fixable === 0 ? "" : `; --fix repairs ${String(fixable)}`;
  const lines = [counts + hint, ...fixed.map((file) => `  fixed  ${file}`), ""];
  surroundings.stdout.write(lines.join("\n"));
}

export interface BreakingOutcome {
  readonly changes: readonly Change[];
  /** Those changes that are not safe. */
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

/** Prints the outcome of `jute breaking`. */
export function printBreakingOutcome(
  { changes, diagnostics, texts }: BreakingOutcome,
  form: DiagnosticOutput,
  surroundings: Surroundings,
): void {
  const count = (level: ChangeLevel) => changes.filter((each) => each.level === level).length;
  const verdict = count("wire") > 0 ? "wire" : count("source") > 0 ? "source" : "safe";
  if (form === "json") {
    const document = { verdict, changes: changes.map((change) => changeAsJson(change, texts)) };
    surroundings.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  printDiagnostics(diagnostics, texts, form, surroundings);
  const [wire, source, safe] = [count("wire"), count("source"), count("safe")];
  const verbOf = (number: number) => (number === 1 ? "breaks" : "break");
  const counts = [
    `${String(wire)} ${verbOf(wire)} the wire`,
    `${String(source)} ${verbOf(source)} sources`,
    `${String(safe)} ${safe === 1 ? "is" : "are"} safe`,
  ].join(", ");
  const summary =
    changes.length === 0 ? "no changes" : `${quantity(changes.length, "change")}: ${counts}`;
  surroundings.stdout.write(`${summary}\n`);
}

function changeAsJson(
  { before, after, ...change }: Change,
  texts: ReadonlyMap<string, string>,
): unknown {
  const place = (span: Change["before"]) =>
    span && {
      file: span.file,
      ...new LineTable(texts.get(span.file) ?? "").positionOf(span.start),
    };
  return { ...change, before: place(before), after: place(after) };
}

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  form: "text" | "github",
  surroundings: Surroundings,
): void {
  const stream = form === "text" ? surroundings.stderr : surroundings.stdout;
  const color = wantsColor(stream, surroundings.env);
  stream.write(renderDiagnostics(diagnostics, texts, { output: form, color }));
}

/** The diagnostics as values, to stand in a larger document. */
function asJson(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): unknown {
  return JSON.parse(renderDiagnostics(diagnostics, texts, { output: "json" }));
}

/** "5 modules, 72 records → generated/src" */
function title(
  { outDir, moduleCount, recordCount }: GeneratedOutput,
  surroundings: Surroundings,
): string {
  const content = `${quantity(moduleCount, "module")}, ${quantity(recordCount, "record")}`;
  return `${content} → ${shownPath(outDir, surroundings.cwd)}`;
}

function pathsWith(
  output: GeneratedOutput,
  statuses: readonly FileStatus[],
  surroundings: Surroundings,
) {
  return output.files
    .filter(({ status }) => statuses.includes(status))
    .map((file) => ({
      status: file.status,
      shown: shownPath(path.join(output.outDir, file.path), surroundings.cwd),
    }));
}

/** GitHub's commands end a property at these characters. */
function githubProperty(text: string): string {
  return text
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll(":", "%3A")
    .replaceAll(",", "%2C");
}
