/** From the start of three processes to the first write that is answered. */
import type { BenchEnsemble } from "./ensemble.js";
import type { LoadProcess } from "./loaders.js";
import { type Memory, memoryOf } from "./memory.js";

/** Starts the servers, which must not run; the milliseconds to the first write's answer. */
export async function timeStart(ensemble: BenchEnsemble, loader: LoadProcess): Promise<number> {
  const beganMs = performance.now();
  ensemble.startAll();
  await loader.firstWrite(ensemble.addresses);
  return performance.now() - beganMs;
}

export function memoryOfServers(ensemble: BenchEnsemble): Memory[] {
  return ensemble.servers.map(({ sid }) => memoryOf(ensemble.pid(sid)));
}
