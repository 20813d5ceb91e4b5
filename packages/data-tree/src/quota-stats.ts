/**
 * The text in a `zookeeper_stats` znode: how many znodes and bytes a subtree with
 * a quota has, such as `count=3,bytes=120`. Its limits are written in the same form. Newer keys follow after an extra
 * `=`, which makes old readers stop.
 */

export class QuotaStats {
  readonly #values: Map<string, bigint>;

  private constructor(values: Map<string, bigint>) {
    this.#values = values;
  }

  static of(count: number, bytes: number): QuotaStats {
    return new QuotaStats(
      new Map([
        [COUNT, BigInt(count)],
        [BYTES, BigInt(bytes)],
      ]),
    );
  }

  /**
   * Reads the text; undefined when it is none that Java can read. Of a pair counts what is in front
   * of the first `=` and between it and the next; what a pair or the text ends with in vain does not.
   */
  static parse(text: string): QuotaStats | undefined {
    const values = new Map<string, bigint>();
    const pairs = text.replace(/[,;]+$/, "");
    for (const pair of pairs === "" ? [] : pairs.split(/[,;]+/)) {
      const [key, value] = pair.replace(/=+$/, "").split("=");
      if (key === undefined || value === undefined) return undefined;
      const number = value === "" ? UNSET : parseLong(value);
      if (number === undefined) return undefined;
      values.set(key, number);
    }
    return new QuotaStats(values);
  }

  /** Counts more znodes and bytes, or fewer. */
  add(count: number, bytes: number): void {
    this.#values.set(COUNT, BigInt.asIntN(64, this.value(COUNT) + BigInt(count)));
    this.#values.set(BYTES, BigInt.asIntN(64, this.value(BYTES) + BigInt(bytes)));
  }

  /**
   * Whether so many more znodes and bytes would be above a hard limit. What does
   * not change is not looked at, so that who is above a limit may still change the rest.
   */
  exceeds(limits: QuotaStats, znodes: number, bytes: number): boolean {
    const above = (key: string, limitKey: string, more: number): boolean => {
      const limit = limits.value(limitKey);
      return more !== 0 && limit > UNSET && this.value(key) + BigInt(more) > limit;
    };
    return above(COUNT, COUNT_HARD_LIMIT, znodes) || above(BYTES, BYTE_HARD_LIMIT, bytes);
  }

  toString(): string {
    const newer = [...this.#values.keys()].filter((key) => key !== COUNT && key !== BYTES).sort();
    const rest = newer.map((key) => `;${key}=${String(this.value(key))}`).join("");
    const known = `count=${String(this.value(COUNT))},bytes=${String(this.value(BYTES))}`;
    return newer.length === 0 ? known : `${known}=${rest}`;
  }

  private value(key: string): bigint {
    return this.#values.get(key) ?? UNSET;
  }
}

function parseLong(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const COUNT = "count";
const BYTES = "bytes";
const COUNT_HARD_LIMIT = "countHardLimit";
const BYTE_HARD_LIMIT = "byteHardLimit";

/** What a key counts that is not there. */
const UNSET = -1n;
