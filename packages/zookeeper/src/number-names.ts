/** Tables of names and numbers, read from the number to the name. */

export function numberNames<Name extends string>(
  table: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Name> {
  const entries = Object.entries(table) as [Name, number][];
  return new Map(entries.map(([name, number]) => [number, name]));
}
