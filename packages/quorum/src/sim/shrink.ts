/**
 * Makes a failing run smaller: takes away faults and client operations as long as
 * the same invariant is still violated. What is left is the story to read. The
 * method is delta debugging: large pieces first, then smaller ones.
 */
import type { LeftOut, SeedResult } from "./run-seed.js";

export interface Shrunk {
  readonly leftOut: LeftOut;
  readonly result: SeedResult;
  /** Runs that it took. */
  readonly attempts: number;
}

/**
 * `run` repeats the seed without some parts. `failing` is the whole run. At most
 * `maxAttempts` runs are made; what was reached by then is returned.
 */
export function shrink(
  failing: SeedResult,
  run: (leftOut: LeftOut) => SeedResult,
  maxAttempts: number,
): Shrunk {
  const invariant = failing.violation?.invariant;
  if (invariant === undefined) throw new RangeError("only a run with a violation can be shrunk");
  let best: Shrunk = {
    leftOut: { faults: new Set(), operations: new Set() },
    result: failing,
    attempts: 0,
  };
  let attempts = 0;
  const accept = (leftOut: LeftOut): boolean => {
    attempts += 1;
    const result = run(leftOut);
    if (result.violation?.invariant !== invariant) return false;
    best = { leftOut, result, attempts };
    return true;
  };

  // Whatever was planned for after the violation had no part in it.
  const { atMs } = failing.violation ?? { atMs: 0 };
  const late = failing.faults.filter((fault) => fault.atMs > atMs).map(({ id }) => id);
  if (late.length > 0) accept({ faults: new Set(late), operations: new Set() });

  let isSmaller = true;
  while (isSmaller && attempts < maxAttempts) {
    const before = best;
    reduce(
      failing.faults.map(({ id }) => id).filter((id) => !best.leftOut.faults.has(id)),
      (removed) => accept({ ...best.leftOut, faults: union(best.leftOut.faults, removed) }),
      () => attempts < maxAttempts,
    );
    reduce(
      best.result.operations.filter((name) => !best.leftOut.operations.has(name)),
      (removed) => accept({ ...best.leftOut, operations: union(best.leftOut.operations, removed) }),
      () => attempts < maxAttempts,
    );
    isSmaller = best !== before;
  }
  return { ...best, attempts };
}

/** Offers pieces for removal: all, halves, quarters, down to single items. */
function reduce<T>(
  items: readonly T[],
  remove: (removed: readonly T[]) => boolean,
  mayGoOn: () => boolean,
): void {
  let left = items;
  let size = left.length;
  while (size >= 1) {
    let at = 0;
    while (at < left.length && mayGoOn()) {
      const piece = left.slice(at, at + size);
      if (remove(piece)) left = [...left.slice(0, at), ...left.slice(at + size)];
      else at += size;
    }
    if (!mayGoOn()) return;
    size = Math.floor(size / 2);
  }
}

function union<T>(set: ReadonlySet<T>, more: readonly T[]): ReadonlySet<T> {
  return new Set([...set, ...more]);
}
