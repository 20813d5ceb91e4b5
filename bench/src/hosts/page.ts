/** The page that measures in a browser: fetches its request and sends back what came out. */
import { runWorkloads } from "../run.js";
import type { RunRequest } from "../worker-protocol.js";

async function answer(): Promise<unknown> {
  try {
    const request = (await (await fetch("/request")).json()) as RunRequest;
    // A page cannot ask for its processor time.
    return { results: await runWorkloads(request, { processorMs: () => performance.now() }) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

await fetch("/answer", { method: "POST", body: JSON.stringify(await answer()) });
