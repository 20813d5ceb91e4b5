/** The name that somebody may have meant who wrote another one. */

/** Names to look in, prepared once. */
export type NameList = readonly (readonly [name: string, lowerCase: string])[];

export function nameList(names: Iterable<string>): NameList {
  return Array.from(names, (name) => [name, name.toLowerCase()]);
}

/** The name that is the same but for capitals, or but for one or two letters; undefined if there is none. */
export function nearestName(name: string, names: NameList): string | undefined {
  if (name.length > 64) return undefined;
  const wanted = name.toLowerCase();
  // A name is compared only as far as it can still be nearer than the best: every line may have a typing error.
  let most = wanted.length < 6 ? 1 : 2;
  let best: string | undefined;
  names.forEach(([key, lowerCase]) => {
    const distance = editDistance(wanted, 0, lowerCase, 0, most);
    if (distance > most) return;
    best = key;
    most = distance - 1;
  });
  return best;
}

/**
 * How many letters must be added, removed or replaced in `a` from `i` on to have
 * `b` from `j` on; `most + 1` also when they are more. Keeps nothing, and for one or
 * two letters looks at few: a table of all beginnings would be much larger. Below
 * a `most` of 0 nothing is near enough.
 */
export function editDistance(a: string, i: number, b: string, j: number, most: number): number {
  if (Math.abs(a.length - i - (b.length - j)) > most) return most + 1;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(j)) {
    i++;
    j++;
  }
  if (i === a.length && j === b.length) return 0;
  if (most === 0) return 1;
  const fewer = most - 1;
  return (
    1 +
    Math.min(
      editDistance(a, i + 1, b, j + 1, fewer),
      editDistance(a, i + 1, b, j, fewer),
      editDistance(a, i, b, j + 1, fewer),
    )
  );
}
