/** How soon servers for tests are ready, from a warm process, and whether many of them leave anything behind. */
import { parseOptions, runCommand } from "../command.js";
import { startEnsemble, startServer } from "@jute-ts/server";

const WARM_UP = 3;
const RUNS = 15;
const SEQUENCE = 100;

const HELP = `Usage: npm run bench:start

How soon one server and three are ready, with their files on disk and in memory, and the heap
after ${String(SEQUENCE)} servers. There is nothing to choose.

  --help              This text
`;

async function main(args: readonly string[]): Promise<number> {
  if (parseOptions(args, { help: { type: "boolean", default: false } }).help) {
    console.log(HELP);
    return 0;
  }
  await timeStarts();
  await readHeap();
  return 0;
}

async function timeStarts(): Promise<void> {
  for (const storage of ["disk", "memory"] as const) {
    for (const size of [1, 3]) {
      const times: number[] = [];
      for (let run = 0; run < WARM_UP + RUNS; run++) {
        const begin = performance.now();
        const running =
          size === 1 ? await startServer({ storage }) : await startEnsemble({ size, storage });
        times.push(performance.now() - begin);
        await running.stop();
      }
      const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
      const median = (sorted[Math.floor(RUNS / 2)] ?? 0).toFixed(0);
      const slowest = (sorted.at(-1) ?? 0).toFixed(0);
      console.log(
        `${size} on ${storage}: ready after ${median} ms (median), ${slowest} ms at most`,
      );
    }
  }
}

async function readHeap(): Promise<void> {
  const heap: string[] = [];
  for (let count = 1; count <= SEQUENCE; count++) {
    const server = await startServer({ storage: "memory" });
    await server.stop();
    if (count % (SEQUENCE / 4) !== 0) continue;
    globalThis.gc?.();
    heap.push((process.memoryUsage().heapUsed / 1e6).toFixed(1));
  }
  console.log(
    `heap after each ${SEQUENCE / 4} servers, one after the other: ${heap.join(", ")} MB`,
  );
}

await runCommand(main);
