/** Waiting for something that nobody announces, and never forever. */
import { setTimeout as delay } from "node:timers/promises";

/** Resolves when a condition holds. Rejects with what `describe` says was waited for when the time is over. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  describe: () => string,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms for ${describe()}`);
    await delay(POLL_MS);
  }
}

const POLL_MS = 20;
