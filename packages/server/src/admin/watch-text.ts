/** `wchs`, `wchc` and `wchp`: the watches on data, as Java's table of them is asked. */
import { hex } from "./java-format.js";
import type { ClientsView, WatchView } from "./server-view.js";

export interface WatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

export function watchSummary(clients: ClientsView): WatchSummary {
  const sessions = new Set<bigint>();
  const paths = new Set<string>();
  let watches = 0;
  for (const { sessionId, path } of clients.dataWatches()) {
    sessions.add(sessionId);
    paths.add(path);
    watches++;
  }
  return { connections: sessions.size, paths: paths.size, watches };
}

export function watchSummaryText(clients: ClientsView): string {
  const { connections, paths, watches } = watchSummary(clients);
  return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`;
}

export function pathsBySession(clients: ClientsView): ReadonlyMap<bigint, readonly string[]> {
  return grouped(
    clients.dataWatches(),
    ({ sessionId }) => sessionId,
    ({ path }) => path,
  );
}

export function sessionsByPath(clients: ClientsView): ReadonlyMap<string, readonly bigint[]> {
  return grouped(
    clients.dataWatches(),
    ({ path }) => path,
    ({ sessionId }) => sessionId,
  );
}

export function watchesBySessionText(clients: ClientsView): string {
  return groupsText(pathsBySession(clients), hex, (path) => path);
}

export function watchesByPathText(clients: ClientsView): string {
  return groupsText(sessionsByPath(clients), (path) => path, hex);
}

function groupsText<K, V>(
  groups: ReadonlyMap<K, readonly V[]>,
  keyText: (key: K) => string,
  valueText: (value: V) => string,
): string {
  const lines = [...groups].flatMap(([key, values]) => [
    keyText(key),
    ...values.map((value) => `\t${valueText(value)}`),
  ]);
  return `${lines.join("\n")}${lines.length > 0 ? "\n" : ""}\n`;
}

function grouped<K, V>(
  watches: Iterable<WatchView>,
  keyOf: (watch: WatchView) => K,
  valueOf: (watch: WatchView) => V,
): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const watch of watches) {
    const key = keyOf(watch);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [valueOf(watch)]);
    else group.push(valueOf(watch));
  }
  return groups;
}
