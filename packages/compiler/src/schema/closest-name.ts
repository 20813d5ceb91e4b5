/** Guesses which name was meant. */

/**
 * The candidate that is nearest to a name, or undefined when none is near: a
 * the shortest that goes on where the name ends, in the same module, if three letters
 * stand, else at most a third of the letters changed, added, dropped, or swapped with
 * their neighbour. Case does not count. The first of equals wins.
 */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  const folded = name.toLowerCase();
  const all = [...candidates];
  let best: string | undefined;
  if (name.length >= 3) {
    for (const candidate of all) {
      if (candidate === name || !candidate.toLowerCase().startsWith(folded)) continue;
      if (candidate.includes(".", name.length)) continue;
      if (best === undefined || candidate.length < best.length) best = candidate;
    }
    if (best !== undefined) return best;
  }
  let bestDistance = Math.floor(name.length / 3) + 1;
  for (const candidate of all) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(folded, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
    if (distance === 0) break;
  }
  return best;
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours counted as one. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(
        at(current, column - 1) + 1,
        at(last, column) + 1,
        at(last, column - 1) + cost,
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, at(beforeLast, column - 2) + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
