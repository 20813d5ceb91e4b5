/** A thread that lays out, compares and writes files while the compiler makes others. See threaded-plan.ts. */
import { parentPort } from "node:worker_threads";
import { FileSystemError } from "../surroundings.js";
import { type Batch, type BatchResult, compareBatch } from "./batch.js";

parentPort?.on("message", (batch: Batch) => parentPort?.postMessage(work(batch)));

function work(batch: Batch): BatchResult {
  try {
    return { comparisons: compareBatch(batch) };
  } catch (error) {
    if (error instanceof FileSystemError) return { failure: error.message };
    throw error;
  }
}
