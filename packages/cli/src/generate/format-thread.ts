/** A thread that lays out, compares and writes files while the compiler makes the next ones. See threaded-plan.ts. */
import { parentPort } from "node:worker_threads";
import { formatWithoutPrettier } from "@jute-ts/compiler";
import { FileSystemError } from "../surroundings.js";
import { compareFile, type Comparison } from "./output-directory.js";
import type { Batch, BatchResult } from "./threaded-plan.js";

parentPort?.on("message", (batch: Batch) => parentPort?.postMessage(work(batch)));

function work({ marker, files }: Batch): BatchResult {
  try {
    return {
      comparisons: files.map(({ file, text, options, temporary }): Comparison | undefined => {
        const formatted = formatWithoutPrettier(text, options);
        return formatted === undefined
          ? undefined
          : compareFile(file, formatted, marker, temporary);
      }),
    };
  } catch (error) {
    if (error instanceof FileSystemError) return { failure: error.message };
    throw error;
  }
}
