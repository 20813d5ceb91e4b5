import { runSeed, shrink, standardCast } from "@jute-ts/simulator";

const result = runSeed(42, { cast: standardCast });
console.log(
  `${result.steps} events in ${(result.simulatedMs / 1000).toFixed(0)} simulated seconds`,
);
if (result.violation === undefined) {
  console.log("no violation");
} else {
  const run = shrink(result, (selection) => runSeed(42, { cast: standardCast, selection }), 200);
  console.log(result.violation.invariant, result.violation.text, run.selection);
}
