/** Source texts and places in them. Offsets count UTF-16 units; lines and columns start at 1. */

/** A half-open range of one file. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A text as the caller gives it. `path` is a name: the compiler never opens it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}
