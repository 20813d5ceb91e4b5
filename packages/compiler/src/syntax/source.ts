/** Places in source texts. Offsets count UTF-16 units; lines and columns start at 1. */

/** A half-open range of one file. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds lines by offset. A line ends at `\n`, at `\r\n`, or at a lone `\r`. */
export class LineTable {
  private readonly text: string;
  /** Offset of the first unit of each line, ascending; never empty. */
  private readonly starts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (const lineBreak of text.matchAll(/\r\n|\n|\r/g)) {
      starts.push(lineBreak.index + lineBreak[0].length);
    }
    this.starts = starts;
  }

  /** Offsets past the end count as the end. */
  positionOf(offset: number): Position {
    const bounded = Math.max(0, Math.min(offset, this.text.length));
    const index = this.indexOf(bounded);
    return { line: index + 1, column: bounded - this.startOf(index) + 1 };
  }

  /** The line that holds the offset, counted from 1. */
  lineOf(offset: number): number {
    return this.indexOf(offset) + 1;
  }

  /** The text of a line (counted from 1) without its line break; empty when there is no such line. */
  textOf(line: number): string {
    const start = this.starts[line - 1];
    if (start === undefined) return "";
    return this.text.slice(start, this.starts[line] ?? this.text.length).replace(/[\r\n]+$/, "");
  }

  private startOf(index: number): number {
    return this.starts[index] ?? this.text.length;
  }

  private indexOf(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
