/**
 * What a run, or many, have exercised. A simulation proves nothing about what it
 * never reached: a fault that never fired, or a packet that was never sent, is
 * named at the end.
 */

export type CoverageArea =
  | "packet sent"
  | "packet read"
  | "role"
  | "phase"
  | "sync"
  | "report"
  | "fault"
  | "crash during file operation"
  | "crash before effect"
  | "file failure"
  | "stop"
  | "answer"
  | "error"
  | "option"
  | "ensemble"
  | "connection"
  | "login"
  | "asked"
  | "answered"
  | "event";

/** Counts by area and name. Plain data, so that workers can send it. */
export type CoverageCounts = { readonly [area in CoverageArea]?: Readonly<Record<string, number>> };

/** In a place of its own, so that counting looks a name up once. */
interface Count {
  times: number;
}

export class Coverage {
  readonly #areas = new Map<CoverageArea, Map<string, Count>>();

  count(area: CoverageArea, name: string, times = 1): void {
    let names = this.#areas.get(area);
    if (names === undefined) {
      names = new Map();
      this.#areas.set(area, names);
    }
    const count = names.get(name);
    if (count === undefined) names.set(name, { times });
    else count.times += times;
  }

  add(counts: CoverageCounts): void {
    for (const [area, names] of Object.entries(counts)) {
      for (const [name, times] of Object.entries(names)) {
        this.count(area as CoverageArea, name, times);
      }
    }
  }

  timesOf(area: CoverageArea, name: string): number {
    return this.#areas.get(area)?.get(name)?.times ?? 0;
  }

  counts(): CoverageCounts {
    return Object.fromEntries(
      [...this.#areas].map(([area, names]) => [
        area,
        Object.fromEntries([...names].map(([name, { times }]) => [name, times])),
      ]),
    );
  }
}
