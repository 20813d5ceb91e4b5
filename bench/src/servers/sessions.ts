/** Very many sessions that do nothing: how long they take to open, and to expire once they are abandoned. */
import type { BenchEnsemble } from "./ensemble.js";
import type { LoadProcess } from "./loaders.js";
import { addressOf } from "./operations.js";

export interface SessionTimes {
  readonly openedMs: number;
  /** From the end of their connections to the end of the last session; the timeout is part of it. */
  readonly expiredMs: number;
}

/** Opens the sessions at the leader, calls `whileOpen`, and lets them expire. */
export async function timeSessions(
  ensemble: BenchEnsemble,
  loader: LoadProcess,
  count: number,
  whileOpen: () => void,
): Promise<SessionTimes> {
  const leader = await ensemble.ready();
  const address = addressOf(ensemble, leader);
  const openedMs = await loader.openSessions({ address, count, sessionMs: SESSION_MS });
  whileOpen();
  const beganMs = performance.now();
  await loader.abandonSessions();
  while ((await sessionsOf(ensemble, leader)) > 0) {
    if (performance.now() - beganMs > MOST_MS) {
      throw new Error(`${ensemble.maker}: sessions do not expire\n${ensemble.logTails()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { openedMs, expiredMs: performance.now() - beganMs };
}

async function sessionsOf(ensemble: BenchEnsemble, sid: number): Promise<number> {
  const answer = await ensemble.word(sid, "mntr");
  return Number(/^zk_global_sessions\s+(\d+)/mu.exec(answer)?.[1] ?? Infinity);
}

/** Longer than opening them takes. */
const SESSION_MS = 15_000;
const MOST_MS = 60_000;
const POLL_MS = 100;
