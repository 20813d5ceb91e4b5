/** `@jute-ts/compiler/format`: lays out a Jute file in the one usual way. Pure: a text in, a text out. */
import { advice, diagnose, type Diagnostic, kinds } from "../diagnostics.js";
import { parse } from "../syntax/parse.js";
import type { SourceFile } from "../syntax/source-file.js";
import { layOut } from "./layout.js";
import { renderLines } from "./lines.js";
import { WIDEST_INDENT } from "./widest-indent.js";

export { WIDEST_INDENT } from "./widest-indent.js";

export interface FormatOptions {
  /** Columns for each level of indentation, 1 to 8. Default 4. */
  readonly indentWidth?: number | undefined;
  /** Indent with tabs, each taken to be `indentWidth` columns wide. Default false. */
  readonly useTabs?: boolean | undefined;
  /** What ends a line of the output. Default: what ends the first line of the input. */
  readonly endOfLine?: "\n" | "\r\n" | undefined;
}

export interface FormatResult {
  /** The text in its new layout; undefined when the file has a syntax error. */
  readonly text: string | undefined;
  /** Every syntax error of the file. Names and includes are not looked at. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Lays out one file. What it means stays the same, its documentation included, every comment
 * is kept, and formatting the result again changes nothing. A file with a syntax error, or one
 * that comes with errors of its own, is refused.
 *
 * Throws `RangeError` when `indentWidth` is not an integer from 1 to 8.
 */
export function formatSource(source: SourceFile, options: FormatOptions = {}): FormatResult {
  const { indentWidth = 4, useTabs = false } = options;
  if (!Number.isInteger(indentWidth) || indentWidth < 1 || indentWidth > WIDEST_INDENT) {
    throw new RangeError(
      `indentWidth must be an integer from 1 to ${String(WIDEST_INDENT)}, not ${String(indentWidth)}`,
    );
  }
  const { text, errors = [] } = source;
  const diagnostics = [...errors, ...parse(source).errors];
  if (diagnostics.length > 0) return { text: undefined, diagnostics };

  const style = { indentWidth, useTabs, endOfLine: options.endOfLine ?? endOfLineIn(text) };
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  return { text: mark + renderLines(layOut(source.path, text, style), style), diagnostics: [] };
}

/** The diagnostic of a file whose text is not what {@link formatSource} makes of it. */
export function notFormatted(file: string): Diagnostic {
  return diagnose(
    kinds.notFormatted,
    [],
    { file, start: 0, end: 0 },
    { suggestion: advice.runFormat },
  );
}

function endOfLineIn(text: string): "\n" | "\r\n" {
  return /\r\n|\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
}
