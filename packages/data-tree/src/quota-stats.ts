/**
 * The text in a `zookeeper_stats` znode: how many znodes and bytes a subtree with
 * a quota has, such as `count=3,bytes=120`. Newer keys follow behind an extra
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

  /** Reads the text; undefined when it is none that a server would write. */
  static parse(text: string): QuotaStats | undefined {
    const values = new Map<string, bigint>();
    const pairs = text.replace(/[,;]+$/, "");
    for (const pair of pairs === "" ? [] : pairs.split(/[,;]+/)) {
      const [, key, value] = /^([^=]+)=([+-]?\d*)=*$/.exec(pair) ?? [];
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

/** What a key counts that is not there. */
const UNSET = -1n;
