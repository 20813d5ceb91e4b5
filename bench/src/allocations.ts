/**
 * Bytes allocated for one operation: steadier than time, and what a garbage
 * collector has to pay for later. Runs between two collections and reads the
 * counters of the heap around a loop that fits into the young generation, so it
 * needs `--expose-gc` and a large `--min-semi-space-size` (see `ALLOCATION_FLAGS`).
 */
import { keep } from "./keep-alive.js";

/** What a process that counts allocations must be started with. */
export const ALLOCATION_FLAGS: readonly string[] = [
  "--expose-gc",
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  // Optimized where it gets hot, however long another thread would have to wait for a processor: code
  // that is not optimized allocates more.
  "--no-concurrent-recompilation",
];

export interface Allocations {
  /** Objects, strings and small typed arrays, in bytes for each operation. */
  readonly heap: number;
  /** Memory behind ArrayBuffers, in bytes for each operation. */
  readonly external: number;
}

export function countAllocations(operation: (index: number) => unknown): Allocations {
  if (globalThis.gc === undefined) throw new Error("Counting allocations needs --expose-gc");
  const collect = globalThis.gc as () => void;
  // Enough to have everything compiled and every lazy table built. Processor time, because on a busy
  // machine the clock runs on while nothing gets compiled.
  const warmFrom = processorMs();
  let warmed = 0;
  for (let batch = 1; processorMs() < warmFrom + WARM_MS; batch = Math.min(batch * 2, 1024)) {
    for (const until = warmed + batch; warmed < until; warmed++) keep(operation(warmed), warmed);
  }
  const operationsPerMs = warmed / (processorMs() - warmFrom);
  collect();
  const probe = window(operation, 16);
  const each = Math.max(probe.heap + probe.external, 1);
  const iterations = Math.ceil(
    Math.max(16, Math.min(WINDOW_BYTES / each, operationsPerMs * WINDOW_MS)),
  );
  const windows = Array.from({ length: 3 }, () => {
    // V8 also collects when 32 MB of ArrayBuffers have been made since it last did.
    collect();
    return window(operation, iterations);
  });
  // The middle one: a window in which the machine compiled something is an outlier.
  windows.sort((a, b) => a.heap + a.external - (b.heap + b.external));
  return windows[1] as Allocations;
}

function window(operation: (index: number) => unknown, iterations: number): Allocations {
  const before = process.memoryUsage();
  for (let i = 0; i < iterations; i++) keep(operation(i), i);
  const after = process.memoryUsage();
  return {
    heap: Math.max(0, after.heapUsed - before.heapUsed - READING_BYTES) / iterations,
    external: Math.max(0, after.arrayBuffers - before.arrayBuffers) / iterations,
  };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What one window may allocate: it fits into the young generation. */
const WINDOW_BYTES = 16 * 1024 * 1024;

const WINDOW_MS = 20;
const WARM_MS = 60;

/** What reading the counters allocates itself. */
const READING_BYTES = countReading();

function countReading(): number {
  const readings = Array.from({ length: 9 }, () => {
    const before = process.memoryUsage();
    return process.memoryUsage().heapUsed - before.heapUsed;
  });
  return readings.sort((a, b) => a - b)[4] ?? 0;
}
