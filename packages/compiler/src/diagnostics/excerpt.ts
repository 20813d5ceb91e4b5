/** One line of source as a terminal shows it: tabs as spaces, wide characters counted as two columns, long lines cut. */

export interface Excerpt {
  readonly shown: string;
  /** Columns before the marked part. */
  readonly indent: number;
  /** Columns of the marked part, at least one. */
  readonly width: number;
}

/** `start` and `end` are offsets into the line. */
export function excerpt(line: string, start: number, end: number): Excerpt {
  const from = Math.max(0, Math.min(start, line.length));
  const to = Math.max(from, Math.min(end, line.length));
  const windowStart = from > contextBefore * 2 ? startOfCharacter(line, from - contextBefore) : 0;
  const windowEnd = startOfCharacter(line, Math.min(line.length, windowStart + longestExcerpt));
  const before = printable(line.slice(windowStart, from));
  const marked = printable(line.slice(from, Math.min(to, windowEnd)));
  const after = printable(line.slice(Math.min(to, windowEnd), windowEnd));
  const opening = windowStart > 0 ? "…" : "";
  const closing = windowEnd < line.length ? "…" : "";
  return {
    shown: opening + before + marked + after + closing,
    indent: columnsOf(opening) + columnsOf(before),
    width: Math.max(1, columnsOf(marked)),
  };
}

/** Control characters would move the cursor; they are shown as their pictures. */
function printable(text: string): string {
  return (
    text
      .replaceAll("\t", "  ")
      .replaceAll("\uFEFF", "")
      // eslint-disable-next-line no-control-regex -- finding control characters is the purpose
      .replace(/[\0-\x1f\x7f]/g, (character) =>
        character === "\x7f" ? "\u2421" : String.fromCharCode(0x2400 + character.charCodeAt(0)),
      )
  );
}

function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue;
    columns += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return columns;
}

/** East Asian scripts, full-width forms and emoji: the blocks of Unicode whose characters take two columns. */
function isWide(point: number): boolean {
  return wideRanges.some(([first, last]) => point >= first && point <= last);
}

function startOfCharacter(line: string, offset: number): number {
  const unit = line.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff && offset > 0 ? offset - 1 : offset;
}

const contextBefore = 60;
const longestExcerpt = 160;

const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
