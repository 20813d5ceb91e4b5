/** Mutants of sessions that only one server knows. */
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ClientContext } from "@jute-ts/server/internals/clients/client-context.js";
import type { QuorumRequest } from "@jute-ts/server/internals/clients/client-effects.js";
import type { ClientEvent } from "@jute-ts/server/internals/clients/client-events.js";
import { ClientService } from "@jute-ts/server/internals/clients/client-service.js";
import { LocalSessions } from "@jute-ts/server/internals/clients/local-sessions.js";
import type { ChangeRequest } from "@jute-ts/quorum";
import { OpCode } from "@jute-ts/zookeeper";
import { createSessionChange } from "../../clients/change-requests.js";
import type { Mutant } from "../../runs/mutant.js";
import { all, patch } from "../patch.js";

type Submitted = Extract<QuorumRequest, { kind: "submit" }>;
type Ask = (request: QuorumRequest) => void;
type Add = (sessionId: bigint, timeoutMs: number, nowMs: number) => void;
type Touch = (sessionId: bigint, timeoutMs: number, nowMs: number) => boolean;
type Handle = (connection: ClientConnection, event: ClientEvent) => void;

/** A mutant of how a session becomes one of the ensemble: by what the quorum is asked then. */
function ofUpgrades(
  name: string,
  bug: string,
  onUpgrade: (request: Submitted, context: ClientContext, original: Ask) => void,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(ClientContext, "ask", (self: ClientContext, original: Ask, request) => {
        if (request.kind === "submit" && isUpgrade(request.change))
          onUpgrade(request, self, original);
        else original(request);
      }),
  };
}

/** A session that begins has no client yet whose ids are known. */
function isUpgrade({ opCode, authInfo }: ChangeRequest): boolean {
  return opCode === OpCode.createSession && authInfo.length > 0;
}

/** A mutant of whether sessions may become ones of the ensemble. */
function ofUpgrading(name: string, bug: string, upgradesLocalSessions: boolean): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientService,
        "onConnectionEvent",
        (self: ClientService, original: Handle, connection, event) => {
          Object.assign(self["context"].options, { upgradesLocalSessions });
          original(connection, event);
        },
      ),
  };
}

export const localSessionMutants: readonly Mutant[] = [
  {
    name: "local-sessions-told",
    bug: "The ensemble is told of sessions that only their server should know.",
    apply: () =>
      patch(
        ClientService,
        "onConnectionEvent",
        (self: ClientService, original: Handle, connection, event) => {
          const wasOpen = connection.stage === "open";
          original(connection, event);
          if (wasOpen || connection.stage !== "open" || !connection.isLocal) return;
          const { id: request, sessionId, timeoutMs } = connection;
          const change = createSessionChange(sessionId, timeoutMs);
          self["context"].ask({ kind: "submit", request, change });
        },
      ),
  },
  {
    name: "local-sessions-outlive-leader",
    bug: "Sessions that only their server knows stay when it loses its leader.",
    apply: () => patch(LocalSessions, "clear", () => undefined),
  },
  {
    name: "local-sessions-too-long",
    bug: "Sessions that only their server knows last ten times as long as their clients are told.",
    apply: () =>
      all(
        patch(LocalSessions, "add", (_self: LocalSessions, original: Add, id, timeoutMs, nowMs) => {
          original(id, 10 * timeoutMs, nowMs);
        }),
        patch(
          LocalSessions,
          "touch",
          (_self: LocalSessions, original: Touch, id, timeoutMs, nowMs) =>
            original(id, 10 * timeoutMs, nowMs),
        ),
      ),
  },
  {
    name: "local-sessions-not-touched",
    bug: "A session that only its server knows is over after its timeout, whatever is heard of its client.",
    apply: () =>
      patch(
        LocalSessions,
        "touch",
        (self: LocalSessions, _original: Touch, sessionId, _timeoutMs, _nowMs) =>
          [...self.entries()].some(([id]) => id === sessionId),
      ),
  },
  {
    name: "local-sessions-move",
    bug: "A server takes any session for its own that it does not know.",
    apply: () =>
      patch(
        LocalSessions,
        "touch",
        (self: LocalSessions, original: Touch, ...session: Parameters<Touch>) => {
          if (!original(...session)) self.add(...session);
          return true;
        },
      ),
  },
  {
    name: "local-sessions-lost-with-connection",
    bug: "A session that only its server knows ends with its connection.",
    apply: () =>
      patch(
        ClientContext,
        "forget",
        (
          self: ClientContext,
          original: (connection: ClientConnection) => void,
          connection: ClientConnection,
        ) => {
          if (connection.isLocal) self.localSessions.remove(connection.sessionId);
          original(connection);
        },
      ),
  },
  {
    name: "local-sessions-without-session-timeout",
    bug: "The connection of a session that only its server knows is closed as if it had none.",
    apply: () =>
      patch(ClientService, "closeSilent", (self: ClientService, original: () => void) => {
        const { connections, clock, options } = self["context"];
        for (const connection of [...connections.values()])
          if (
            connection.isLocal &&
            connection.openedMs + options.sessionlessTimeoutMs <= clock.nowMs
          )
            self["context"].close(connection, "no session");
        original();
      }),
  },
  ofUpgrading(
    "local-sessions-upgraded",
    "A session becomes one of the ensemble though it must not.",
    true,
  ),
  ofUpgrading("local-sessions-not-upgraded", "No session becomes one of the ensemble.", false),
  ofUpgrades(
    "upgraded-under-another-id",
    "A session gets another id when it becomes one of the ensemble.",
    (request, _, original) => {
      const { change } = request;
      original({ ...request, change: { ...change, sessionId: change.sessionId + 0x1000n } });
    },
  ),
  ofUpgrades(
    "upgraded-too-long",
    "A session that becomes one of the ensemble has a timeout of its own there.",
    (request, _, original) => {
      const { body } = createSessionChange(request.change.sessionId, 1_000_000);
      original({ ...request, change: { ...request.change, body } });
    },
  ),
  ofUpgrades(
    "upgrade-forgotten",
    "A session never becomes one of the ensemble, though its server takes it for one.",
    () => undefined,
  ),
  {
    name: "ZOOKEEPER-2725",
    bug: "A session stays one that only its server knows when a multi creates an ephemeral.",
    apply: () => {
      const waiting = new WeakMap<ClientContext, QuorumRequest>();
      return patch(ClientContext, "ask", (self: ClientContext, original: Ask, request) => {
        if (request.kind === "submit" && isUpgrade(request.change)) {
          waiting.set(self, request);
          return;
        }
        const upgrade = waiting.get(self);
        waiting.delete(self);
        const isMulti = request.kind === "submit" && request.change.opCode === OpCode.multi;
        if (upgrade !== undefined && !isMulti) original(upgrade);
        original(request);
      });
    },
  },
  ofUpgrades(
    "ZOOKEEPER-3471",
    "A session that has become one of the ensemble ends where it began, and nobody is told.",
    (request, { connections }, original) => {
      original(request);
      const connection = connections.get(request.request);
      if (connection !== undefined) connection.isLocal = true;
    },
  ),
];
