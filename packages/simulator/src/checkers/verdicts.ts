/**
 * What was wrong with the last step of each server. A crash may come in the middle of a step's effects, of
 * which the rest never happened: so a verdict counts once the server has gone on, or the run has ended.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { InvariantViolation } from "./checker.js";

export class Verdicts {
  readonly #invariant: string;
  readonly #wrong = new Map<Sid, string>();

  constructor(invariant: string) {
    this.#invariant = invariant;
  }

  /** Nothing is wrong when undefined. Of several verdicts the first counts. */
  note(sid: Sid, wrong: string | undefined): void {
    if (wrong !== undefined && !this.#wrong.has(sid)) this.#wrong.set(sid, wrong);
  }

  /** The server has crashed: nobody knows what it would have done. */
  crashed(sid: Sid): void {
    this.#wrong.delete(sid);
  }

  /** The server goes on. Throws InvariantViolation when something was wrong. */
  goesOn(sid: Sid): void {
    if (this.#wrong.size === 0) return;
    const wrong = this.#wrong.get(sid);
    if (wrong !== undefined) throw new InvariantViolation(this.#invariant, `${sid} ${wrong}`);
  }

  /** The run has ended. Throws like `goesOn`. */
  atEnd(): void {
    for (const sid of this.#wrong.keys()) this.goesOn(sid);
  }
}
