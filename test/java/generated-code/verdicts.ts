/** What became of the code that Apache's compiler generated for each case. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface RecordedVerdict {
  readonly title: string;
  /** Whether javac takes the Java code, and a record is the same after writing and reading it. */
  readonly java: boolean;
  /** Whether gcc takes the C code. */
  readonly c: boolean;
}

export const verdictsPath: string = fileURLToPath(new URL("verdicts.json", import.meta.url));

export function readRecorded(): readonly RecordedVerdict[] {
  return JSON.parse(readFileSync(verdictsPath, "utf8")) as RecordedVerdict[];
}
