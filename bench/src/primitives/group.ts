/** The table of one primitive: what varies is a row, each way to do it is a column. */
import type { Candidate } from "../measure.js";

export interface PrimitiveGroup {
  readonly title: string;
  /** What one operation is, e.g. "one string" or "six longs". */
  readonly unit: string;
  readonly rows: readonly PrimitiveRow[];
}

export interface PrimitiveRow {
  readonly label: string;
  readonly candidates: readonly Candidate[];
}

/** A Buffer's native string methods, which @types/node leaves out. */
export interface NativeStrings {
  utf8Write(text: string, offset: number, length: number): number;
  latin1Write(text: string, offset: number, length: number): number;
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
  asciiSlice(start: number, end: number): string;
}

export function nativeStrings(buffer: Buffer): NativeStrings {
  return buffer as unknown as NativeStrings;
}
