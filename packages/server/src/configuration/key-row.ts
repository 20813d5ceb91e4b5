/**
 * What is said of a key of zoo.cfg, and what its value may be. Numbers have the
 * bounds that keep a peer working; Apache's server also takes numbers that stop it
 * later.
 */

export interface ConfigurationKey {
  /** As it stands in zoo.cfg. A name that ends in `*` stands for all keys that begin so. */
  readonly name: string;
  /** The value without a line; undefined where there is none. */
  readonly default: string | undefined;
  /** What a number counts; undefined for other values. */
  readonly unit: KeyUnit | undefined;
  /**
   * "used": it has its effect. "accepted": it is checked, and has none here.
   * "refused": only the default is allowed, because ignoring the rest would be unsafe.
   */
  readonly status: "used" | "accepted" | "refused";
  /** What it does, why it has no effect, or why it is refused: one sentence or more. */
  readonly remark: string;
  /** What its value must look like. */
  readonly value: KeyValue;
}

export type KeyUnit =
  | "ms"
  | "s"
  | "hours"
  | "ticks"
  | "bytes"
  | "KiB"
  | "port"
  | "txns"
  | "znodes"
  | "snapshots"
  | "connections"
  | "requests"
  | "retries";

export type KeyValue =
  | { readonly kind: "text" }
  /** One of these words, letter by letter. */
  | { readonly kind: "choice"; readonly words: readonly string[] }
  /** "true" or "false" in any case. */
  | { readonly kind: "boolean" }
  /** A whole number in decimal. */
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** A number that may have a fraction. */
  | { readonly kind: "decimal" };

const INT_MAX = 0x7fff_ffff;
export const text: KeyValue = { kind: "text" };
export const yesOrNo: KeyValue = { kind: "choice", words: ["yes", "no"] };
export function choice(words: readonly string[]): KeyValue {
  return { kind: "choice", words };
}
export const boolean: KeyValue = { kind: "boolean" };
export const decimal: KeyValue = { kind: "decimal" };
export const anyInteger: KeyValue = { kind: "integer", min: -INT_MAX - 1, max: INT_MAX };
export const positive: KeyValue = { kind: "integer", min: 1, max: INT_MAX };
export const notNegative: KeyValue = { kind: "integer", min: 0, max: INT_MAX };
export const port: KeyValue = { kind: "integer", min: 0, max: 65_535 };

export type KeyRow = readonly [
  name: string,
  value: KeyValue,
  fallback: string | undefined,
  unit: KeyUnit | undefined,
  remark: string,
];
