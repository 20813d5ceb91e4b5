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
  | "asked"
  | "answered"
  | "event";

/** Counts by area and name. Plain data, so that workers can send it. */
export type CoverageCounts = { readonly [area in CoverageArea]?: Readonly<Record<string, number>> };

export class Coverage {
  readonly #areas = new Map<CoverageArea, Map<string, number>>();

  count(area: CoverageArea, name: string, times = 1): void {
    let names = this.#areas.get(area);
    if (names === undefined) {
      names = new Map();
      this.#areas.set(area, names);
    }
    names.set(name, (names.get(name) ?? 0) + times);
  }

  add(counts: CoverageCounts): void {
    for (const [area, names] of Object.entries(counts)) {
      for (const [name, times] of Object.entries(names)) {
        this.count(area as CoverageArea, name, times);
      }
    }
  }

  timesOf(area: CoverageArea, name: string): number {
    return this.#areas.get(area)?.get(name) ?? 0;
  }

  counts(): CoverageCounts {
    return Object.fromEntries(
      [...this.#areas].map(([area, names]) => [area, Object.fromEntries(names)]),
    );
  }
}
