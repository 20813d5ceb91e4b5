/** Paths, data and sessions as applications have them, the same in every run. */
export class SampleValues {
  #state = 1;

  /** A whole number from 0 on. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  sessionId(): bigint {
    return 0x1000_0000_0000_0000n + BigInt(this.below(SESSIONS));
  }

  path(): string {
    return PATHS[this.below(PATHS.length)] ?? "/";
  }

  /** Half of them JSON, the others bytes of any kind; 32 to 400 of them. */
  data(): Uint8Array {
    const source = this.below(2) === 0 ? TEXT : NOISE;
    const length = 32 + this.below(369);
    const start = this.below(source.length - length);
    return source.subarray(start, start + length);
  }
}

const SESSIONS = 500;

/** Fewer than what a summary tells apart. */
const PATHS: readonly string[] = Array.from({ length: 8000 }, (_, index) => {
  const service = ["orders", "payments", "search", "accounts"][index % 4] ?? "";
  return `/services/${service}/instances/node-${String(index).padStart(10, "0")}`;
});

const TEXT: Uint8Array = new TextEncoder().encode(
  JSON.stringify(
    Array.from({ length: 200 }, (_, index) => ({
      host: `10.0.${String(index)}.7`,
      port: 8000 + index,
      state: index % 3 === 0 ? "draining" : "up",
    })),
  ),
);
const NOISE: Uint8Array = Uint8Array.from({ length: TEXT.length }, (_, index) => {
  return Math.imul(index + 1, 0x9e37_79b9) >>> 24;
});
