/**
 * Teaches Prettier to format `.jute` files, as `jute format` does. Indentation follows Prettier's
 * `tabWidth` (at most 8 columns) and `useTabs`, line breaks its `endOfLine`; lines are not wrapped.
 */
import { doc, type Parser, type Printer, type SupportLanguage } from "prettier";
import { LineTable, type Diagnostic } from "@jute-ts/compiler";
import { formatSource } from "@jute-ts/compiler/format";

/** What stands for a file: the language has nothing that Prettier would have to print by itself. */
export interface JuteFile {
  /** The text in its new layout, with `\n` at the end of each line. */
  readonly formatted: string;
  /** The length of the source in UTF-16 units. */
  readonly length: number;
}

export const languages: SupportLanguage[] = [
  { name: "Jute", parsers: ["jute"], extensions: [".jute"], aliases: ["jute"] },
];

/** Jute files are indented by four columns unless the configuration says otherwise. */
export const defaultOptions: { tabWidth: number } = { tabWidth: 4 };

export const parsers: { jute: Parser<JuteFile> } = {
  jute: {
    astFormat: "jute",
    parse(text, { filepath, tabWidth, useTabs }) {
      const { text: formatted, diagnostics } = formatSource(
        { path: filepath, text },
        { indentWidth: Math.min(Math.max(tabWidth, 1), 8), useTabs, endOfLine: "\n" },
      );
      const [mistake] = diagnostics;
      if (mistake !== undefined || formatted === undefined) throw syntaxError(text, mistake);
      return { formatted, length: text.length };
    },
    locStart: () => 0,
    locEnd: ({ length }) => length,
  },
};

export const printers: { jute: Printer<JuteFile> } = {
  jute: {
    print: ({ node }) => doc.builders.join(doc.builders.literalline, node.formatted.split("\n")),
  },
};

/** An error as Prettier wants it: it shows the lines around `loc`, whose columns start at 1. */
function syntaxError(text: string, mistake: Diagnostic | undefined): SyntaxError {
  const table = new LineTable(text);
  const { message = "", suggestion, code = "", span } = mistake ?? {};
  const loc = {
    start: table.positionOf(span?.start ?? 0),
    end: table.positionOf(span?.end ?? 0),
  };
  const advice = suggestion === undefined ? "" : `; ${suggestion}`;
  const { line, column } = loc.start;
  const error = new SyntaxError(
    `${message}${advice} [${code}] (${String(line)}:${String(column)})`,
  );
  return Object.assign(error, { loc });
}
