/** How often which kind of server was killed or paused, as "kill own leader". */
import type { Attack } from "./attack.js";

export class VictimCounts {
  readonly #counts = new Map<string, number>();

  add({ kind, victims }: Attack): void {
    for (const { maker, role } of victims) {
      const key = `${kind} ${maker} ${role}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  toString(): string {
    return Object.entries(this.toJSON())
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ");
  }
}
