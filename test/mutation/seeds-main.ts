/**
 * Runs seeds of one kind, from the first that is wanted to the last, until one is violated, in a process of
 * its own: what is run may not end. Prints a line of JSON for each, with the invariant that was violated.
 * A thread beside it watches how much computing a seed takes, which no other work on the machine adds to.
 */
import { writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { runSeed } from "@jute-ts/simulator";
import { castOf, type RunKind } from "../../packages/simulator/src/runs/run-kind.js";

/** Far more than a seed takes, in milliseconds. */
const MOST_COMPUTING_MS = 30_000;
const LOOK_EVERY_MS = 500;

function runSeeds(first: number, last: number, kind: RunKind): void {
  const current = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const watcher = new Worker(new URL(import.meta.url), { workerData: current });
  let isViolated = false;
  for (let seed = first; seed <= last && !isViolated; seed += 1) {
    current[0] = seed;
    const { violation } = runSeed(seed, { cast: castOf(kind) });
    isViolated = violation !== undefined;
    say(seed, violation?.invariant);
  }
  void watcher.terminate();
}

/** Ends the process when it computes for too long at one seed. */
function watch(current: Int32Array): void {
  let seed: number | undefined;
  let sinceMs = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const computedMs = (user + system) / 1000;
    if (seed !== current[0]) {
      seed = current[0];
      sinceMs = computedMs;
    } else if (computedMs - sinceMs > MOST_COMPUTING_MS) {
      say(seed, "does not end");
      process.kill(process.pid, "SIGKILL");
    }
  }, LOOK_EVERY_MS);
}

/** At once: the next seed may not end, and what waits in a stream would be lost with the process. */
function say(seed: number | undefined, invariant: string | undefined): void {
  writeSync(1, `${JSON.stringify({ seed, invariant })}\n`);
}

if (isMainThread) {
  const [first, last, kind] = process.argv.slice(2);
  runSeeds(Number(first), Number(last), kind as RunKind);
} else {
  watch(workerData as Int32Array);
}
