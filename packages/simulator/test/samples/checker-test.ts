import { FakeRun } from "@jute-ts/simulator";
import { OneSpeaker } from "./checker.js";

const run = new FakeRun([new OneSpeaker()]);
run.lead(1n, 1);
const notification = {
  leader: 2n,
  zxid: 0n,
  peerEpoch: 1n,
  state: "leading",
  electionEpoch: 1n,
  version: 2,
  configuration: undefined,
} as const;

try {
  run.step(1n, {}, [{ kind: "notify", to: 3n, notification }]);
} catch (error) {
  console.log(String(error)); // InvariantViolation: 1 leads and votes for 2 at 0 ms
}
