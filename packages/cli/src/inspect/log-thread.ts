/** A thread that decodes runs of a log's records. See log-threads.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { LogRun } from "@jute-ts/inspect";
import { type SegmentAnswer, segmentShower, type ShownItems } from "./log-segment.js";

const show = segmentShower(workerData as ShownItems);

parentPort?.on("message", (run: LogRun) => {
  const answer = show(run);
  parentPort?.postMessage(answer, buffersOf(answer));
});

/** What is handed over instead of being copied. */
function buffersOf({ bytes, shown }: SegmentAnswer): ArrayBuffer[] {
  return [bytes, ...(shown?.pieces ?? [])].map(({ buffer }) => buffer as ArrayBuffer);
}
