/** Lines of a laid out file, and how they become text: indentation, and the column of trailing comments. */

export interface Style {
  readonly indentWidth: number;
  readonly useTabs: boolean;
  readonly endOfLine: string;
}

export interface OutputComment {
  /** As in the source, with its markers. */
  readonly image: string;
  /** The column in the source, from 0, with tabs expanded. */
  readonly column: number;
}

/** One line, or several when a comment has several. A line without code and comments is empty. */
export interface OutputLine {
  /** Levels of indentation. */
  readonly depth: number;
  readonly code: string;
  /** Comments after the code; only the last may have several lines. */
  readonly comments: readonly OutputComment[];
  /** `//` comments below the last comment, in the same column. */
  readonly continuation: readonly OutputComment[];
  /** Trailing comments of fields on neighbouring lines share a column. */
  readonly isField: boolean;
}

export const emptyLine: OutputLine = {
  depth: 0,
  code: "",
  comments: [],
  continuation: [],
  isField: false,
};

export function renderLines(lines: readonly OutputLine[], style: Style): string {
  const out: string[] = [];
  const widths = commentOffsets(lines);
  lines.forEach((line, index) => {
    renderLine(line, widths[index] ?? 0, style, out);
  });
  return out.map((line) => line + style.endOfLine).join("");
}

/** For each line, how far after the indentation its first comment starts. */
function commentOffsets(lines: readonly OutputLine[]): readonly number[] {
  const offsets = lines.map(({ code }) => (code === "" ? 0 : code.length + 1));
  let group: number[] = [];
  const alignGroup = (): void => {
    const widest = Math.max(...group.map((index) => offsets[index] ?? 0));
    for (const index of group) offsets[index] = widest;
    group = [];
  };
  lines.forEach(({ isField, comments }, index) => {
    if (!isField) alignGroup();
    else if (comments.length > 0) group.push(index);
  });
  alignGroup();
  return offsets;
}

function renderLine(line: OutputLine, commentOffset: number, style: Style, out: string[]): void {
  const indent = style.useTabs
    ? "\t".repeat(line.depth)
    : " ".repeat(line.depth * style.indentWidth);
  const lines = [indent + line.code];
  let offset = commentOffset;
  line.comments.forEach(({ image, column }, index) => {
    const last = lines.at(-1) ?? "";
    if (index > 0) offset = last.length - indent.length + 1;
    const before = last.padEnd(indent.length + offset);
    const newColumn = columnsOf(before, style.indentWidth);
    const [first = "", ...others] = image.startsWith("//")
      ? [image]
      : movedBlock(image, newColumn - column, indent + " ".repeat(offset), style.indentWidth);
    lines[lines.length - 1] = before + first;
    lines.push(...others);
  });
  for (const { image } of line.continuation) lines.push(indent + " ".repeat(offset) + image);
  out.push(...lines.map((each) => each.trimEnd()));
}

/**
 * The lines of a block comment that now starts `by` columns further right. Stars at the start of
 * its lines go below the first one; other lines keep their place relative to the first.
 */
function movedBlock(image: string, by: number, margin: string, tabWidth: number): string[] {
  const [first = "", ...others] = image.split(/\r\n|\n|\r/);
  const isStarred = others.every((line) => /^[ \t]*(\*|$)/.test(line));
  return [
    first,
    ...others.map((line) => {
      const words = line.replace(/^[ \t]+/, "");
      if (words === "") return "";
      if (isStarred) return `${margin} ${words}`;
      if (by === 0) return line;
      const leading = line.slice(0, line.length - words.length);
      return " ".repeat(Math.max(0, columnsOf(leading, tabWidth) + by)) + words;
    }),
  ];
}

/** How many columns a text takes, with tabs expanded. */
export function columnsOf(text: string, tabWidth: number): number {
  let columns = 0;
  for (const character of text) columns += character === "\t" ? tabWidth - (columns % tabWidth) : 1;
  return columns;
}
