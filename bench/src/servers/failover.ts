/** From the kill of the leader to the next committed write. */
import type { BenchEnsemble } from "./ensemble.js";
import type { LoadProcess } from "./loaders.js";

/**
 * Kills the leader under a light load through both followers, and starts it
 * again. Resolves with the milliseconds to the next write when all serve again.
 */
export async function timeFailover(ensemble: BenchEnsemble, loader: LoadProcess): Promise<number> {
  const leader = await ensemble.ready();
  const addresses = ensemble.servers
    .filter(({ sid }) => sid !== leader)
    .map(({ address }) => address);
  const tookMs = await loader.kill({ pid: ensemble.pid(leader), addresses });
  await ensemble.gone(leader);
  if (tookMs > STRANGE_MS) console.error(ensemble.logTails());
  ensemble.start(leader);
  await ensemble.ready();
  return tookMs;
}

/** Nobody needs so long: the logs may tell why. */
const STRANGE_MS = 10_000;
