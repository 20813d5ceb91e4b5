/** How many connections there are, of each address and in all, and whether one more may come. */

export interface ConnectionLimits {
  /** `maxClientCnxns`: of one address. 0 is no limit. Default 60. */
  readonly perAddress?: number | undefined;
  /** `maxCnxns`: of all addresses. 0, the default, is no limit. */
  readonly total?: number | undefined;
}

export class ConnectionCounts {
  readonly #perAddress: number;
  readonly #total: number;
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(limits?: ConnectionLimits) {
    this.#perAddress = limits?.perAddress ?? 60;
    this.#total = limits?.total ?? 0;
  }

  /** How many there are. */
  get size(): number {
    return this.#all;
  }

  /** The limit that one more of this address would exceed; undefined if it may come. */
  limitFor(address: string): keyof ConnectionLimits | undefined {
    if (isReached(this.#perAddress, this.#byAddress.get(address) ?? 0)) return "perAddress";
    return isReached(this.#total, this.#all) ? "total" : undefined;
  }

  /** Counts one more. False, and it is not counted, if there are too many already: it must be closed at once. */
  add(address: string): boolean {
    if (this.limitFor(address) !== undefined) return false;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    this.#all++;
    return true;
  }

  /** One that `add` has counted is gone. */
  remove(address: string): void {
    const before = this.#byAddress.get(address);
    if (before === undefined) return;
    if (before === 1) this.#byAddress.delete(address);
    else this.#byAddress.set(address, before - 1);
    this.#all--;
  }
}

function isReached(limit: number, count: number): boolean {
  return limit > 0 && count >= limit;
}
