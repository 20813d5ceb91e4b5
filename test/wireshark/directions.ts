/** Messages as tshark and as `@jute-ts/inspect` show them, in a form in which both can be compared. */
import type { Item } from "@jute-ts/inspect";
import type { Shown } from "./tshark.js";

/** Messages of each direction between two ports, in order. */
export function byDirection(shown: readonly Shown[]): ReadonlyMap<string, readonly string[]> {
  const directions = new Map<string, string[]>();
  for (const { sourcePort, destinationPort, kind, name, length } of shown) {
    const key = `${String(sourcePort)}>${String(destinationPort)}`;
    const list = directions.get(key) ?? [];
    directions.set(key, list);
    list.push(`${kind} ${name} ${String(length)}`);
  }
  return directions;
}

/** The same of items. */
export function directionsOf(items: readonly Item[]): ReadonlyMap<string, readonly string[]> {
  const portOf = (end: string | undefined): number => Number(/\d+$/.exec(end ?? "")?.[0]);
  return byDirection(
    items.map(({ connection, sender, kind, name, length }) => {
      const isOpener = sender === "client" || sender === "learner" || sender === "opener";
      const [opener, acceptor] = [portOf(connection?.opener), portOf(connection?.acceptor)];
      const [sourcePort, destinationPort] = isOpener ? [opener, acceptor] : [acceptor, opener];
      return { frame: 0, sourcePort, destinationPort, kind, name, length };
    }),
  );
}
