/**
 * How hard a test tries. `npm test` takes the quick of two numbers, so that it stays
 * something to run after every change; `npm run test:all` takes the full one.
 */

/** `full` under `npm run test:all`, `quick` otherwise; both count the same thing: runs, seeds, rows. */
export function effort(full: number, quick: number): number {
  return process.env["JUTE_TESTS"] === "all" ? full : quick;
}

/** All rows of a table under `npm run test:all`, otherwise about `quick` of them, from all of its parts. */
export function rowsOf<T>(table: readonly T[], quick: number): readonly T[] {
  const step = Math.ceil(table.length / effort(table.length, quick));
  return table.filter((_, index) => index % step === 0);
}
