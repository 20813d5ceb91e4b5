/** Keeps what a server counts and measures for its operators. */
import type { Measurements } from "@jute-ts/server/clients";

export interface RecordedFigure {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export class CountedFigures implements Measurements {
  readonly #counts = new Map<string, number>();
  readonly #records = new Map<string, RecordedFigure>();

  count(name: string, by = 1): void {
    this.#counts.set(name, this.counted(name) + by);
  }

  record(name: string, value: number): void {
    const { count, sum, min, max } = this.recorded(name);
    this.#records.set(name, {
      count: count + 1,
      sum: sum + value,
      min: Math.min(min, value),
      max: Math.max(max, value),
    });
  }

  recordOf(name: string, key: string, value: number): void {
    this.record(`${key} ${name}`, value);
  }

  /** What was counted under a name; 0 before anything was. */
  counted(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** What was measured under a name. */
  recorded(name: string): RecordedFigure {
    return this.#records.get(name) ?? { count: 0, sum: 0, min: Infinity, max: -Infinity };
  }
}
