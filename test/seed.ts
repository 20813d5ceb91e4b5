/**
 * The seed of all random tests. It is the same in every run, so that a change
 * which fails has broken something; `JUTE_SEED=random` looks for what nobody has
 * seen yet, and `JUTE_SEED=N` repeats a run.
 */
export function testSeed(): number {
  const given = process.env["JUTE_SEED"];
  if (given === undefined) {
    return DEFAULT_SEED;
  }
  return given === "random" ? Date.now() % 0x7fff_ffff : Number(given);
}

const DEFAULT_SEED = 20_261_123;
