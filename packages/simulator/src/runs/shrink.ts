/**
 * Makes a failing run smaller: takes away faults and client operations as long as
 * the same invariant is still violated. What is left is the story to read. The
 * method is delta debugging: large pieces first, then smaller ones.
 */
import type { SeedResult, Selection } from "./run-seed.js";

export interface Shrunk {
  /** What is enough for the violation. */
  readonly selection: Selection & { readonly kind: "only" };
  /** The run of that part. */
  readonly result: SeedResult;
  /** Runs that it took. */
  readonly attempts: number;
}

interface Candidate {
  readonly faults: ReadonlySet<number>;
  readonly operations: ReadonlySet<string>;
  readonly result: SeedResult;
}

/**
 * `run` repeats a part of the seed. `failing` is the whole run. After
 * `maxAttempts` runs, what was reached by then is returned.
 */
export function shrink(
  failing: SeedResult,
  run: (selection: Selection) => SeedResult,
  maxAttempts: number,
): Shrunk {
  const { violation } = failing;
  if (violation === undefined) throw new RangeError("only a run with a violation can be shrunk");
  let attempts = 0;
  let best: Candidate = { faults: new Set(), operations: new Set(), result: failing };
  const mayGoOn = (): boolean => attempts < maxAttempts;
  const leaveOut = (faults: readonly number[], operations: readonly string[]): boolean => {
    attempts += 1;
    const candidate = {
      faults: new Set([...best.faults, ...faults]),
      operations: new Set([...best.operations, ...operations]),
    };
    const result = run({ kind: "allBut", ...candidate });
    const isSame = result.violation?.invariant === violation.invariant;
    if (isSame) best = { ...candidate, result };
    return isSame;
  };

  // Whatever was planned for after the violation had no part in it.
  const late = failing.faults.filter(({ atMs }) => atMs > violation.atMs);
  if (late.length > 0)
    leaveOut(
      late.map(({ id }) => id),
      [],
    );
  for (let before: Candidate | undefined; before !== best && mayGoOn();) {
    before = best;
    reduce(keptFaults(best), (ids) => leaveOut(ids, []), mayGoOn);
    reduce(keptOperations(best), (names) => leaveOut([], names), mayGoOn);
  }
  return {
    selection: {
      kind: "only",
      faults: new Set(keptFaults(best)),
      operations: new Set(keptOperations(best)),
    },
    result: best.result,
    attempts,
  };
}

function keptFaults({ faults, result }: Candidate): readonly number[] {
  return result.faults.map(({ id }) => id).filter((id) => !faults.has(id));
}

function keptOperations({ operations, result }: Candidate): readonly string[] {
  return result.operations.filter((name) => !operations.has(name));
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
