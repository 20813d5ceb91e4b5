/**
 * Decides which comment speaks about which class or field, and what it says.
 *
 * A comment that starts on the line where a field or an opening line ends
 * belongs to what it follows, unless that line goes on with code after it; the
 * `//` comments right below it, in the same column, continue it. Every other
 * comment belongs to what comes next. Nothing else is needed to keep all of
 * ZooKeeper's own comments, the one after the last field included.
 */
import type { IToken } from "chevrotain";
import type { AnnotationAst } from "./ast.js";
import type { LineTable } from "./source.js";

/** The comments of one class or field, taken together. */
export interface Remarks {
  readonly doc: string;
  readonly annotations: readonly AnnotationAst[];
}

/** Comments of one file, handed out in the order of the text; each is handed out once. */
export class CommentQueue {
  private readonly comments: readonly IToken[];
  private readonly lines: LineTable;
  private readonly file: string;
  private next = 0;

  constructor(file: string, comments: readonly IToken[], lines: LineTable) {
    this.file = file;
    this.comments = comments;
    this.lines = lines;
  }

  /** All comments that start before the offset and have not been taken yet. */
  takeBefore(offset: number): readonly IToken[] {
    const first = this.next;
    while ((this.comments[this.next]?.startOffset ?? Infinity) < offset) this.next++;
    return first === this.next ? noComments : this.comments.slice(first, this.next);
  }

  /**
   * The comments that trail the token ending at `end` (exclusive): those on its
   * line, with the `//` comments that continue them. `following` is the offset
   * of the next token of code; when that token can be described by a comment
   * and stands on the same line, the comments are left for it.
   */
  takeTrailing(end: number, following: number, followingDescribable: boolean): readonly IToken[] {
    const first = this.next;
    const comment = this.comments[first];
    if (comment === undefined || comment.startOffset >= following) return noComments;
    const line = this.lines.lineOf(end - 1);
    let previous: IToken | undefined;
    for (;;) {
      const candidate = this.comments[this.next];
      if (candidate === undefined || candidate.startOffset >= following) break;
      const trails =
        this.lines.lineOf(candidate.startOffset) === line ||
        (previous !== undefined && this.continues(previous, candidate));
      if (!trails) break;
      previous = candidate;
      this.next++;
    }
    if (followingDescribable && previous !== undefined) {
      // In `int a; /* about b */ int b;` the comment leads, because code goes on after it.
      const lastLine = this.lines.lineOf(endOf(previous) - 1);
      if (this.lines.lineOf(following) === lastLine) this.next = first;
    }
    return first === this.next ? noComments : this.comments.slice(first, this.next);
  }

  /** What the comments say, without markers and annotations. Each group makes paragraphs of its own. */
  read(...groups: readonly (readonly IToken[])[]): Remarks {
    if (groups.every((group) => group.length === 0)) return noRemarks;
    const annotations: AnnotationAst[] = [];
    const paragraphs: string[] = [];
    for (const group of groups) {
      let previous: IToken | undefined;
      for (const comment of group) {
        annotations.push(...this.annotationsIn(comment));
        const text = textOf(comment.image);
        if (text === undefined) continue;
        const last = paragraphs.at(-1);
        if (last !== undefined && previous !== undefined && this.adjacent(previous, comment)) {
          paragraphs[paragraphs.length - 1] = `${last}\n${text}`;
        } else {
          paragraphs.push(text);
        }
        previous = comment;
      }
    }
    const doc = paragraphs
      .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ""))
      .filter((paragraph) => paragraph !== "")
      .join("\n\n");
    return { doc, annotations };
  }

  private annotationsIn(comment: IToken): readonly AnnotationAst[] {
    if (!comment.image.includes(annotationStart)) return noAnnotations;
    return Array.from(comment.image.matchAll(annotationPattern), (match) => {
      const start = comment.startOffset + match.index;
      return {
        name: match[1] ?? "",
        span: { file: this.file, start, end: start + match[0].length },
      };
    });
  }

  /** Two `//` comments on lines next to each other are one text. */
  private adjacent(previous: IToken, comment: IToken): boolean {
    return (
      previous.image.startsWith("//") &&
      comment.image.startsWith("//") &&
      this.lines.lineOf(comment.startOffset) === this.lines.lineOf(previous.startOffset) + 1
    );
  }

  private continues(previous: IToken, comment: IToken): boolean {
    return (
      this.adjacent(previous, comment) &&
      this.lines.positionOf(comment.startOffset).column ===
        this.lines.positionOf(previous.startOffset).column
    );
  }
}

/** One past the last unit of a token. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/**
 * The words of one comment; undefined when it held nothing but annotations, so
 * that it leaves no empty line behind.
 */
function textOf(image: string): string | undefined {
  const lines = image.startsWith("//")
    ? [image.replace(/^\/\/+!? ?/, "")]
    : image
        .slice(2, -2)
        .replace(/^\*+/, "")
        .replace(/\s*\**$/, "")
        .replace(/^ /, "")
        .split(/\r\n|\n|\r/)
        .map((line, index) => (index === 0 ? line : line.replace(/^\s*\*? ?/, "")));
  const kept: string[] = [];
  let annotated = false;
  for (const line of lines) {
    const words = line.includes(annotationStart) ? line.replace(annotationPattern, "") : line;
    if (words === line) {
      kept.push(line.trimEnd());
    } else {
      annotated = true;
      const rest = words.replace(/ {2,}/g, " ").trim();
      if (rest !== "") kept.push(rest);
    }
  }
  return annotated && kept.every((line) => line === "") ? undefined : kept.join("\n");
}

/** Most comments have no annotation, and a search is quicker than an expression. */
const annotationStart = "@jute:";
const annotationPattern = /(?<![\w@])@jute:([A-Za-z0-9_-]*)/g;
const noAnnotations: readonly AnnotationAst[] = [];
const noComments: readonly IToken[] = [];
const noRemarks: Remarks = { doc: "", annotations: [] };
