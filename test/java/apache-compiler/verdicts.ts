/**
 * What Apache's compiler said about the corpus and its mutations, as recorded
 * in verdicts.json: a letter for each text, in order.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { corpus, includable } from "./corpus.js";
import { mutations } from "./mutations.js";

export type Verdict = "accept" | "lexical" | "syntax" | "unknown" | "missing";

export const letters: Readonly<Record<Verdict, string>> = {
  accept: "a",
  lexical: "l",
  syntax: "s",
  unknown: "u",
  missing: "m",
};

export interface RecordedVerdicts {
  /** Of all texts: shows that the record belongs to them. */
  readonly textsSha256: string;
  readonly corpus: string;
  readonly mutations: string;
}

export interface Judged {
  readonly name: string;
  readonly text: string;
}

export function allTexts(): {
  readonly corpus: readonly Judged[];
  readonly mutations: readonly Judged[];
} {
  return {
    corpus: Object.entries(corpus).map(([name, text]) => ({ name, text })),
    mutations: mutations().map((text, index) => ({ name: `mutation ${String(index)}`, text })),
  };
}

export function hashOf(texts: readonly Judged[]): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify(includable));
  for (const { text } of texts) hash.update(JSON.stringify(text));
  return hash.digest("hex");
}

export const verdictsPath: URL = new URL("verdicts.json", import.meta.url);

export function readRecorded(): RecordedVerdicts {
  return JSON.parse(readFileSync(verdictsPath, "utf8")) as RecordedVerdicts;
}

export function verdictOf(letter: string): Verdict {
  for (const [verdict, known] of Object.entries(letters)) {
    if (known === letter) return verdict as Verdict;
  }
  throw new Error(`no verdict is written "${letter}"`);
}
