/**
 * Every key that Apache's server knows and that concerns this peer: whether it
 * has an effect here, what it may hold, and what it is without a line. docs/zoo-cfg.md
 * is made of this table.
 */
import { clientKeys } from "./client-keys.js";
import type { ConfigurationKey, KeyRow } from "./key-row.js";
import { storageKeys } from "./storage-keys.js";
import { tlsKeys } from "./tls-keys.js";
import { acceptedKeys, refusedKeys } from "./unused-keys.js";
import { acceptedOperatorKeys, usedOperatorKeys } from "./operator-keys.js";
import { editDistance, nameList, nearestName } from "./nearest-name.js";
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
  ...rows("used", [...usedKeys, ...storageKeys, ...tlsKeys, ...clientKeys, ...usedOperatorKeys]),
  ...rows("accepted", [...acceptedKeys, ...acceptedOperatorKeys]),
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

const ENSEMBLE_KINDS = ["server", "group", "weight"];

/** Names of keys without the families. */
const names = nameList([...byName.keys()].filter((name) => !name.endsWith("*")));

/** Names of keys by the words that they are made of, in any order: `dataDirLog` is made of those of `dataLogDir`. */
const byWords: ReadonlyMap<string, string> = new Map(
  names.map(([name]) => [wordsOf(name), name] as const),
);

/** The words of a name in alphabetical order, however it joins them. */
function wordsOf(name: string): string {
  const words = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/gu) ?? [];
  return words
    .map((word) => word.toLowerCase())
    .sort()
    .join(" ");
}

/**
 * The key that somebody may have meant who wrote `name`: the same but for
 * capitals, of the same words, or but for one or two letters.
 */
export function similarKey(name: string): string | undefined {
  if (name.length > 64) return undefined;
  const ofEnsemble = /^(?<kind>[A-Za-z]+)[._-]?(?<number>\d+)$/u.exec(name)?.groups;
  if (ofEnsemble !== undefined) {
    const wanted = (ofEnsemble["kind"] ?? "").toLowerCase();
    const kind = ENSEMBLE_KINDS.find((each) => editDistance(wanted, 0, each, 0, 2) <= 2);
    if (kind !== undefined) return `${kind}.${ofEnsemble["number"] ?? ""}`;
  }
  const ofSameWords = byWords.get(wordsOf(name));
  if (ofSameWords !== undefined) return ofSameWords;
  return nearestName(name, names);
}
