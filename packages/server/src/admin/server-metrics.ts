/** Where a server's measurements are kept. */
import {
  type CounterName,
  extremes,
  type KeyedSummaryName,
  type Measurements,
  type PercentileName,
  type SummaryName,
} from "./measurements.js";
import { Observations } from "./observations.js";

export class ServerMetrics implements Measurements {
  readonly #counters = new Map<CounterName, number>();
  readonly #observations = new Map<SummaryName | PercentileName, Observations>();
  readonly #families = new Map<KeyedSummaryName, Map<string, Observations>>();

  count(name: CounterName, by = 1): void {
    this.#counters.set(name, this.counter(name) + by);
  }

  record(name: SummaryName | PercentileName, value: number): void {
    this.observations(name).record(value);
  }

  recordOf(name: KeyedSummaryName, key: string, value: number): void {
    const family = made(this.#families, name, () => new Map<string, Observations>());
    // Paths are the clients' choice: they must not fill the memory.
    if (family.size >= MAX_KEYS && !family.has(key)) return;
    made(family, key, () => new Observations()).record(value);
  }

  /** Everything begins again, as `srst` asks for. */
  reset(): void {
    this.#counters.clear();
    this.#observations.clear();
    this.#families.clear();
  }

  counter(name: CounterName): number {
    return this.#counters.get(name) ?? 0;
  }

  observations(name: SummaryName | PercentileName): Observations {
    return made(this.#observations, name, () => new Observations(!(name in extremes)));
  }

  /** Borrowed. */
  family(name: KeyedSummaryName): ReadonlyMap<string, Observations> {
    return this.#families.get(name) ?? new Map();
  }
}

/** The value of a key, made if it is not there. */
function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** The keys of a table of names. */
export function keysOf<K extends string>(table: Readonly<Record<K, string>>): readonly K[] {
  // An object literal's keys are those of its type.
  return Object.keys(table) as K[];
}

const MAX_KEYS = 1000;
