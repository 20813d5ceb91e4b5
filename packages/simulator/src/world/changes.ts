/** Lets others know when what a server says of itself has changed, or whether it is up, so that nobody looks in vain. */
export class Changes {
  #waiting: (() => void)[] = [];

  /** Calls at the next change, once. */
  once(call: () => void): void {
    this.#waiting.push(call);
  }

  /** Something has changed. */
  happened(): void {
    if (this.#waiting.length === 0) return;
    const called = this.#waiting;
    this.#waiting = [];
    for (const call of called) call();
  }
}
