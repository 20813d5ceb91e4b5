/** Which mechanical mutants are tried: as many as are wanted, drawn with a number, so that anybody draws the same. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "@jute-ts/simulator";
import { type Mistake, mistakesIn } from "./operators.js";

export interface MechanicalMutant {
  /** As a path from the root of the repository. */
  readonly file: string;
  readonly mistake: Mistake;
}

/** As the table and the judgements name it. */
export function nameOf({ file, mistake }: MechanicalMutant): string {
  const { line, operator, before, after } = mistake;
  return `${file}:${line} ${operator}: ${shorten(before)} -> ${shorten(after)}`;
}

/** Draws from all mutants of the sources below these folders. */
export function drawMutants(
  number: number,
  count: number,
  folders: readonly string[],
): readonly MechanicalMutant[] {
  const random = Random.named(number, "mechanical mutants");
  return random.shuffled(folders.flatMap(mutantsBelow)).slice(0, count);
}

function mutantsBelow(folder: string): readonly MechanicalMutant[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .flatMap((name) => {
      const file = join(folder, name);
      return mistakesIn(file, readFileSync(file, "utf8")).map((mistake) => ({ file, mistake }));
    });
}

/** The protocol and the tree. */
export const FOLDERS: readonly string[] = ["packages/quorum/src", "packages/data-tree/src"];

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
