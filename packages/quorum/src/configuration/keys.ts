/**
 * Every key that Apache's server knows and that concerns this peer: whether it
 * has an effect here, what it may hold, and what it is without a line. The
 * documentation's table is made of this one.
 */
import type { ConfigurationKey, KeyRow } from "./key-row.js";
import { acceptedKeys, refusedKeys } from "./unused-keys.js";
import { usedKeys } from "./used-keys.js";

function rows(status: ConfigurationKey["status"], list: readonly KeyRow[]): ConfigurationKey[] {
  return list.map(([name, value, fallback, unit, remark]) => ({
    name,
    default: fallback,
    unit,
    status,
    remark,
    value,
  }));
}

/** All keys, those with an effect first. */
export const configurationKeys: readonly ConfigurationKey[] = [
  ...rows("used", usedKeys),
  ...rows("accepted", acceptedKeys),
  ...rows("refused", refusedKeys),
];

const byName: ReadonlyMap<string, ConfigurationKey> = new Map(
  configurationKeys.map((key) => [key.name, key]),
);

const families: readonly ConfigurationKey[] = configurationKeys
  .filter(({ name }) => name.endsWith("*"))
  .sort((a, b) => b.name.length - a.name.length);

/** The row of a key: its own, or that of the longest beginning that has one. */
export function findKey(name: string): ConfigurationKey | undefined {
  return byName.get(name) ?? families.find((family) => name.startsWith(family.name.slice(0, -1)));
}

/** The key that somebody may have meant who wrote `name`: the same but for capitals, or but for one or two letters. */
export function similarKey(name: string): string | undefined {
  if (name.length > 64) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = wanted.length < 6 ? 1 : 2;
  for (const key of byName.keys()) {
    const distance = key.endsWith("*") ? Infinity : editDistance(wanted, key.toLowerCase());
    if (distance < bestDistance || (distance === bestDistance && best === undefined)) {
      best = key;
      bestDistance = distance;
    }
  }
  return best;
}

/** How many letters must be added, removed or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
