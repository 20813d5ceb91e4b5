/** One process of the benchmark: takes a request as its argument, prints one JSON document. */
import { countAllocations } from "./allocations.js";
import { startApacheWorker } from "./apache.js";
import { runWorkloads } from "./run.js";
import type { WorkerRequest } from "./worker-protocol.js";

const request = JSON.parse(process.argv[2] ?? "null") as WorkerRequest;

const results = await runWorkloads(request, {
  countAllocations,
  startCodecs: async ({ id }, juteBytes) =>
    Promise.all(
      Object.entries(request.apache).map(([name, command]) =>
        startApacheWorker(name, command, id, juteBytes),
      ),
    ),
  processorMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
console.log(JSON.stringify(results));
