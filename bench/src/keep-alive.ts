/**
 * Keeps results reachable, so that the optimizing compiler cannot drop the work
 * that made them, and frees them soon, so that they die young as in a server.
 */
const ring: unknown[] = new Array<unknown>(16).fill(undefined);

export function keep(value: unknown, index: number): void {
  ring[index & 15] = value;
}

/** Read once at the end of a run: what nobody reads could be optimized away. */
export function keptCount(): number {
  return ring.filter((value) => value !== undefined).length;
}
