/** Numbers as texts for people have them. */

/** "next", "2nd", "3rd": which of those to come. */
export function ordinal(nth: number): string {
  if (nth === 1) return "next";
  const isTeen = nth % 100 >= 11 && nth % 100 <= 13;
  const suffix = isTeen ? "th" : (SUFFIXES[nth % 10] ?? "th");
  return `${nth}${suffix}`;
}

/** "12 %" of a share between 0 and 1. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

const SUFFIXES: Readonly<Record<number, string>> = { 1: "st", 2: "nd", 3: "rd" };
