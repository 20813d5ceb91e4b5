/** Runs seeds, from the first that is wanted to the last, so many of a hundred with clients of client ports, until one is violated, in a process of its own: what is run may not end. Prints one line of JSON. */
import { runSeed } from "@jute-ts/simulator";
import { castOf, kindOf } from "../../packages/simulator/src/runs/run-kind.js";

const [firstSeed = 1, lastSeed = 0, clientPortPercent = 0] = process.argv.slice(2).map(Number);
let killed:
  { readonly seed: number; readonly invariant: string; readonly text: string } | undefined;
for (let seed = firstSeed; seed <= lastSeed && killed === undefined; seed += 1) {
  const { violation } = runSeed(seed, { cast: castOf(kindOf(seed, clientPortPercent)) });
  if (violation !== undefined) {
    const [text = ""] = violation.text.split("\n");
    killed = { seed, invariant: violation.invariant, text };
  }
}
process.stdout.write(`${JSON.stringify(killed ?? null)}\n`);
