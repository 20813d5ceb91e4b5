/**
 * Who a server knows the client of a connection to be: certainly, and perhaps. A
 * login counts from when it is taken, which is some time between being asked for
 * and being answered.
 */
import type { AuthInfo, FrameRequest } from "../frame-event.js";

export class KnownIds {
  #certain: AuthInfo = [];
  #possible: AuthInfo = [];
  #answered: AuthInfo = [];

  get certain(): AuthInfo {
    return this.#certain;
  }

  get possible(): AuthInfo {
    return this.#possible;
  }

  onAsked({ ids, proof }: FrameRequest): void {
    // Address and certificate are known from the beginning.
    if (this.#certain.length === 0) this.#certain = ids;
    this.#possible = proof === undefined ? ids : [...ids, ...proof.ids];
  }

  onAnswered({ proof }: FrameRequest, err: number): void {
    if (proof === undefined || err !== 0) return;
    this.#answered = [...this.#answered, ...proof.ids];
  }

  /** The state after the last answer is known: what changes from now on, changes after the login. */
  onState(): void {
    if (this.#answered.length === 0) return;
    this.#certain = [...this.#certain, ...this.#answered];
    this.#answered = [];
  }
}
