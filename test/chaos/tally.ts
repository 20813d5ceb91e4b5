/** The figures of a run, as text and as JSON. */
import type { Attack } from "./attack.js";
import type { Written } from "./load.js";
import { VictimCounts } from "./victim-counts.js";

export class Tally {
  cycles = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  treeDigests = 0;
  txnDigests = 0;
  readonly #victims = new VictimCounts();
  /** From the kill of a leader to the first write that was begun after it and acknowledged. */
  readonly #failoversMs: number[] = [];

  attacked(attack: Attack): void {
    this.#victims.add(attack);
  }

  failedOver(ms: number): void {
    this.#failoversMs.push(ms);
  }

  /** Everything that was acknowledged was found: otherwise a run ends. */
  found({ acknowledged, refused, unknown }: Written): void {
    this.cycles++;
    this.acknowledged += acknowledged.length;
    this.refused += refused;
    this.unknown += unknown;
  }

  toJSON(): Record<string, unknown> {
    const sorted = [...this.#failoversMs].sort((a, b) => a - b);
    const at = (part: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
    const { cycles, acknowledged, refused, unknown, treeDigests, txnDigests } = this;
    return {
      cycles,
      victims: this.#victims.toJSON(),
      acknowledged,
      refused,
      unknown,
      lost: 0,
      treeDigests,
      txnDigests,
      failoverMs: { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) },
    };
  }

  toString(): string {
    const { failoverMs } = this.toJSON() as {
      failoverMs: Record<"count" | "p50" | "p99" | "max", number | null>;
    };
    const ms = (value: number | null): string => `${Math.round(value ?? 0)} ms`;
    return (
      `${this.cycles} cycles; ${String(this.#victims)}; ${this.acknowledged} writes acknowledged, ` +
      `${this.refused} refused, ${this.unknown} unknown, 0 lost; ${this.treeDigests} digests of trees ` +
      `and ${this.txnDigests} of txns were equal; from a leader's kill to the next acknowledged write: ` +
      `p50 ${ms(failoverMs.p50)}, p99 ${ms(failoverMs.p99)}, max ${ms(failoverMs.max)} (${failoverMs.count})`
    );
  }
}
