/** What the rows of all tables of keys have in common. */
import { setTimeout as delay } from "node:timers/promises";

/** By the key's name: shows the effect, and rejects when there is none. */
export type Effects = Readonly<Record<string, () => Promise<void>>>;

export async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error("it did not happen within 15 s");
    await delay(20);
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
