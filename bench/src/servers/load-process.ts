/** The process that loads servers through their client ports, Apache's and ours alike. */
import type { Client } from "./client.js";
import {
  type Fill,
  fill,
  firstWrite,
  type Kill,
  killUnderLoad,
  type Load,
  loadThrough,
  openAll,
} from "./load.js";
import { answerParent } from "./questions.js";
import { timeFanOut, timeManyWatches, type Watching } from "./watches.js";

export interface Sessions {
  readonly address: string;
  readonly count: number;
  readonly sessionMs: number;
}

/** Those that idle. */
let idle: Client[] = [];

answerParent({
  fill: async (argument: Fill) => await fill(argument),
  load: async ({ address, load }: { readonly address: string; readonly load: Load }) =>
    await loadThrough(address, load),
  firstWrite: async (addresses: readonly string[]) => {
    await firstWrite(addresses);
  },
  kill: async (argument: Kill) => await killUnderLoad(argument),
  fanOut: async (argument: Watching) => await timeFanOut(argument),
  manyWatches: async (argument: Watching) => await timeManyWatches(argument),
  openSessions: async ({ address, count, sessionMs }: Sessions) => {
    const beganMs = performance.now();
    idle = await openAll(address, count, sessionMs);
    return performance.now() - beganMs;
  },
  abandonSessions: () => {
    for (const client of idle) client.destroy();
    idle = [];
    return Promise.resolve();
  },
});
