/** What a small write and its fdatasync take on the disk that the servers log to. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { percentile } from "./latencies.js";

export function measureDisk(directory: string): { p50: number; p99: number } {
  const path = join(directory, "disk");
  const fd = openSync(path, "w");
  const bytes = new Uint8Array(4096);
  const times = Array.from({ length: TIMES }, (_, index) => {
    const beganMs = performance.now();
    writeSync(fd, bytes, 0, bytes.length, (index % PAGES) * bytes.length);
    fdatasyncSync(fd);
    return performance.now() - beganMs;
  });
  closeSync(fd);
  rmSync(path);
  // The first pass over the pages also allocates them; logs allocate in advance.
  const sorted = times.slice(PAGES).sort((a, b) => a - b);
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) };
}

const PAGES = 50;
const TIMES = 250;
