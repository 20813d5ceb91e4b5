/** `dump`: sessions, ephemerals and connections, in groups of those that expire together. */
import { socketAddress } from "./connection-lines.js";
import { hex, javaDate } from "./java-format.js";
import type { ConnectionView, ServerView, SessionView } from "./server-view.js";

/** `nowMs` and `wallMs` are the same moment on both clocks. */
export function dumpText(view: ServerView, nowMs: number, wallMs: number): string {
  const toDate = (ms: number): string => javaDate(wallMs + (ms - nowMs));
  const lines = [
    "SessionTracker dump:",
    ...sessionLines(view, toDate),
    "ephemeral nodes dump:",
    ...ephemeralLines(view),
    "Connections dump:",
    ...connectionLines(view, toDate),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Sessions in groups by the time at which they expire, rounded up to the tick as Java does; soonest first. */
export function sessionsByExpiry(
  sessions: readonly SessionView[],
  view: ServerView,
): ReadonlyMap<number, readonly SessionView[]> {
  const expiries = view.sessionExpiries();
  return groupByTime(sessions, ({ sessionId }) =>
    roundUp(expiries.get(sessionId) ?? 0, view.settings.tickTimeMs),
  );
}

function sessionLines(view: ServerView, toDate: (ms: number) => string): string[] {
  const { decidesExpiry, global, local } = view.clients.sessions();
  const sets = (title: string, sessions: readonly SessionView[]): string[] =>
    setLines(title, sessionsByExpiry(sessions, view), toDate, ({ sessionId }) => hex(sessionId));
  const locals = local === undefined ? [] : sets("Local Session Sets", local);
  if (decidesExpiry) {
    return [
      ...locals,
      ...sets(local === undefined ? "Session Sets" : "Global Session Sets", global),
    ];
  }
  const sorted = [...global].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  return [
    ...locals,
    `Global Sessions(${sorted.length}):`,
    ...sorted.map(({ sessionId, timeoutMs }) => `${hex(sessionId)}\t${timeoutMs}ms`),
  ];
}

function ephemeralLines({ tree }: ServerView): string[] {
  const sessions = [...tree.ephemerals()];
  return [
    `Sessions with Ephemerals (${sessions.length}):`,
    ...sessions.flatMap(([sessionId, paths]) => [
      `${hex(sessionId)}:`,
      ...paths.map((path) => `\t${path}`),
    ]),
  ];
}

function connectionLines({ clients }: ServerView, toDate: (ms: number) => string): string[] {
  const connections = groupByTime(clients.connections(), ({ expiresMs }) =>
    roundUp(expiresMs, CONNECTIONS_TICK_MS),
  );
  const describe = (connection: ConnectionView): string =>
    `ip: /${socketAddress(connection)} sessionId: ${hex(connection.session?.sessionId ?? 0n)}`;
  return setLines("Connections Sets", connections, toDate, describe);
}

function setLines<T>(
  title: string,
  groups: ReadonlyMap<number, readonly T[]>,
  toDate: (ms: number) => string,
  describe: (item: T) => string,
): string[] {
  const total = [...groups.values()].reduce((sum, { length }) => sum + length, 0);
  return [
    `${title} (${groups.size})/(${total}):`,
    ...[...groups].flatMap(([ms, items]) => [
      `${items.length} expire at ${toDate(ms)}:`,
      ...items.map((item) => `\t${describe(item)}`),
    ]),
  ];
}

function groupByTime<T>(items: Iterable<T>, timeOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const time = timeOf(item);
    const group = groups.get(time);
    if (group === undefined) groups.set(time, [item]);
    else group.push(item);
  }
  return new Map([...groups].sort(([a], [b]) => a - b));
}

/** To a later multiple. */
function roundUp(ms: number, stepMs: number): number {
  return (Math.floor(ms / stepMs) + 1) * stepMs;
}

/** Java looks for connections without a sign of life this often. */
const CONNECTIONS_TICK_MS = 10_000;
