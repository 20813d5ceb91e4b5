/** Mutants of how many connections there may be, and how long they may be silent. */
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ClientContext } from "@jute-ts/server/internals/clients/client-context.js";
import type { ClientCloseReason } from "@jute-ts/server/internals/clients/client-effects.js";
import type { ClientEvent } from "@jute-ts/server/internals/clients/client-events.js";
import { ClientService } from "@jute-ts/server/internals/clients/client-service.js";
import { ConnectionCounts } from "@jute-ts/server/internals/clients/limits/connection-counts.js";
import { IdleConnections } from "@jute-ts/server/internals/clients/limits/idle-connections.js";
import type { Mutant } from "../../runs/mutant.js";
import { all, patch } from "../patch.js";

type Handle = (connection: ClientConnection, event: ClientEvent) => void;
type Close = (connection: ClientConnection, reason: ClientCloseReason) => void;
type Touch = (connection: ClientConnection, nowMs: number, timeoutMs?: number) => void;

/** A mutant of when a connection is overdue that has a session. */
function ofIdleness(
  name: string,
  bug: string,
  touch: (original: Touch, ...args: Parameters<Touch>) => void,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        IdleConnections,
        "touch",
        (_self: IdleConnections<ClientConnection>, original: Touch, ...args: Parameters<Touch>) => {
          touch(original, ...args);
        },
      ),
  };
}

/** Has the time of a connection that has no session begin at another moment. */
function beginAt(connection: ClientConnection, openedMs: number): void {
  Object.assign(connection, { openedMs });
}

export const connectionMutants: readonly Mutant[] = [
  {
    name: "closed-as-soon-as-congested",
    bug: "A client that has not read all at once loses its connection, however little waits for it.",
    apply: () =>
      patch(
        ClientService,
        "onConnectionEvent",
        (self: ClientService, original: Handle, connection, event) => {
          original(connection, event);
          if (event.kind === "congested") self["context"].close(connection, "client does not read");
        },
      ),
  },
  {
    name: "wrong-reason",
    bug: "A server says of the connections that it loses with its leader that their clients were silent.",
    apply: () =>
      patch(ClientContext, "close", (_self: ClientContext, original: Close, connection, reason) => {
        original(connection, reason === "not serving" ? "silence" : reason);
      }),
  },
  {
    name: "connections-not-limited",
    bug: "As many connections are taken as come.",
    apply: () => patch(ConnectionCounts, "add", () => true),
  },
  {
    name: "ended-connections-counted",
    bug: "Connections that have ended count as if they were there.",
    apply: () => patch(ConnectionCounts, "remove", () => undefined),
  },
  {
    name: "refused-connections-make-room",
    bug: "A connection that is refused is taken off the count, and makes room for another one.",
    apply: () =>
      patch(
        ConnectionCounts,
        "add",
        (self: ConnectionCounts, original: (address: string) => boolean, address) => {
          const isAdmitted = original(address);
          if (!isAdmitted) self.remove(address);
          return isAdmitted;
        },
      ),
  },
  {
    name: "addresses-share-a-limit",
    bug: "What one address may have, all have together.",
    apply: () => {
      const ofOneAddress = (
        _self: ConnectionCounts,
        original: (address: string) => unknown,
      ): unknown => original("");
      return all(
        patch(ConnectionCounts, "add", ofOneAddress),
        patch(ConnectionCounts, "remove", ofOneAddress),
      );
    },
  },
  {
    name: "half-a-message-gives-time",
    bug: "Whoever sends parts of its first message may take as long as it wants to.",
    apply: () =>
      patch(
        ClientService,
        "onConnectionEvent",
        (
          self: ClientService,
          original: (connection: ClientConnection, event: ClientEvent) => void,
          connection,
          event,
        ) => {
          if (event.kind === "received" && connection.stage === "fresh")
            beginAt(connection, self["context"].clock.nowMs);
          original(connection, event);
        },
      ),
  },
  {
    name: "sessionless-too-early",
    bug: "A connection without a session is closed after half of its time.",
    apply: () =>
      patch(
        ClientService,
        "open",
        (
          self: ClientService,
          original: (event: Extract<ClientEvent, { kind: "opened" }>) => void,
          event,
        ) => {
          original(event);
          const { connections, clock, options } = self["context"];
          const connection = connections.get(event.connection);
          if (connection !== undefined)
            beginAt(connection, clock.nowMs - options.sessionlessTimeoutMs / 2);
        },
      ),
  },
  ofIdleness(
    "idle-too-early",
    "A connection is closed that has been silent for a part of its session's timeout.",
    (original, connection, nowMs, timeoutMs) => {
      original(connection, nowMs, timeoutMs === undefined ? undefined : -timeoutMs);
    },
  ),
  ofIdleness(
    "silence-not-noticed",
    "A silent connection stays as long as its session, wherever that goes on.",
    () => undefined,
  ),
  ofIdleness(
    "silence-noticed-late",
    "A silent connection is closed after twice its session's timeout.",
    (original, connection, nowMs, timeoutMs) => {
      original(connection, nowMs, timeoutMs === undefined ? undefined : 2 * timeoutMs);
    },
  ),
];
