/** Mutants of servers that serve readers while they have no leader. */
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ClientContext } from "@jute-ts/server/internals/clients/client-context.js";
import type { ClientEvent } from "@jute-ts/server/internals/clients/client-events.js";
import { ClientService } from "@jute-ts/server/internals/clients/client-service.js";
import { LocalSessions } from "@jute-ts/server/internals/clients/local-sessions.js";
import { SessionIds } from "@jute-ts/server/internals/clients/session-ids.js";
import { RequestQueue } from "@jute-ts/server/internals/clients/request-queue.js";
import type { PendingRequest } from "@jute-ts/server/internals/clients/request-queue.js";
import type { Report } from "@jute-ts/quorum";
import { ErrorCode } from "@jute-ts/zookeeper";
import { createSessionChange } from "../../clients/change-requests.js";
import type { Mutant } from "../../runs/mutant.js";
import { FIRST_SOCKET } from "../../world/client-network.js";
import { all, patch } from "../patch.js";

type Handle = (connection: ClientConnection, event: ClientEvent) => void;
type Touch = (sessionId: bigint, timeoutMs: number, nowMs: number) => boolean;
type Hello = Parameters<ClientContext["whyNotAdmitted"]>[0];
type Objection = ReturnType<ClientContext["whyNotAdmitted"]>;

/** A mutant of who is taken for a client. */
function ofAdmission(
  name: string,
  bug: string,
  admits: (hello: Hello, context: ClientContext, original: (hello: Hello) => boolean) => boolean,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientContext,
        "whyNotAdmitted",
        (self: ClientContext, original: (hello: Hello) => Objection, hello): Objection => {
          const isAdmitted = admits(hello, self, (same) => original(same) === undefined);
          return isAdmitted ? undefined : (original(hello) ?? "read-only");
        },
      ),
  };
}

/** A mutant of what reaches a server without a leader: it takes itself for one that has one while this is done. */
function asIfLed(name: string, bug: string, isAffected: (stage: string) => boolean): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientService,
        "onConnectionEvent",
        (self: ClientService, original: Handle, connection, event) => {
          const context = self["context"];
          const { isReadOnly } = context;
          if (isReadOnly && isAffected(connection.stage)) context.isReadOnly = false;
          original(connection, event);
          context.isReadOnly = isReadOnly;
        },
      ),
  };
}

export const readOnlyMutants: readonly Mutant[] = [
  ofAdmission(
    "writers-without-leader",
    "A server without a leader serves whoever comes.",
    (hello, context, original) =>
      original(context.isReadOnly ? { ...hello, readOnly: true } : hello),
  ),
  ofAdmission(
    "readers-turned-away",
    "A server without a leader serves nobody.",
    (hello, context, original) => !context.isReadOnly && original(hello),
  ),
  ofAdmission(
    "readers-go-back",
    "A server without a leader serves readers who have seen more than it has.",
    (hello, context, original) =>
      original(context.isReadOnly ? { ...hello, lastZxidSeen: 0n } : hello),
  ),
  {
    name: "readers-at-once",
    bug: "A server serves readers as soon as it has no leader.",
    apply: () =>
      patch(
        ClientService,
        "onReport",
        (self: ClientService, original: (report: Report) => void, report) => {
          original(report);
          if (report.kind !== "roleChanged" || report.role !== "looking") return;
          const context = self["context"];
          context.isReadOnly = context.options.readOnlyAfterMs < Infinity;
        },
      ),
  },
  {
    name: "readers-stay",
    bug: "Readers stay with a server that has found a leader.",
    apply: () =>
      patch(ClientService, "stopServing", (self: ClientService, original: () => void) => {
        const context = self["context"];
        const readers = context.isReadOnly ? [...context.connections.values()] : [];
        for (const { id } of readers) context.connections.delete(id);
        original();
        for (const reader of readers) context.connections.set(reader.id, reader);
      }),
  },
  asIfLed(
    "ZOOKEEPER-1754",
    "A server without a leader takes changes.",
    (stage) => stage === "open",
  ),
  {
    name: "wrong-refusal-without-leader",
    bug: "A server without a leader says that what it does not do is not known.",
    apply: () =>
      patch(
        RequestQueue,
        "add",
        (_self: RequestQueue, original: (request: PendingRequest) => void, request) => {
          const isRefused =
            request.kind === "decided" && request.decision.err === ErrorCode.NOTREADONLY;
          const decision = { err: ErrorCode.UNIMPLEMENTED };
          original(isRefused ? { ...request, decision } : request);
        },
      ),
  },
  {
    name: "readers-told-to-all",
    bug: "A server that has a leader again has it open the sessions of its readers.",
    apply: () => {
      const readers = new WeakMap<ClientService, readonly bigint[]>();
      return all(
        patch(ClientService, "stopServing", (self: ClientService, original: () => void) => {
          const { isReadOnly, localSessions } = self["context"];
          if (isReadOnly)
            readers.set(
              self,
              Array.from(localSessions.entries(), ([id]) => id),
            );
          original();
        }),
        patch(
          ClientService,
          "onReport",
          (self: ClientService, original: (report: Report) => void, report) => {
            original(report);
            if (report.kind !== "serving") return;
            for (const sessionId of readers.get(self) ?? []) {
              const change = createSessionChange(sessionId, 1000);
              self["context"].ask({ kind: "submit", request: NOBODY, change });
            }
            readers.delete(self);
          },
        ),
      );
    },
  },
  {
    name: "ZOOKEEPER-3863",
    bug: "A server without a leader goes on with sessions of the ensemble.",
    apply: () => {
      let isReadOnly = false;
      return all(
        patch(
          ClientContext,
          "isOfEnsemble",
          (self: ClientContext, original: (sessionId: bigint) => boolean, sessionId) => {
            ({ isReadOnly } = self);
            return !isReadOnly && original(sessionId);
          },
        ),
        patch(SessionIds, "isOfReader", () => true),
        patch(
          LocalSessions,
          "touch",
          (self: LocalSessions, original: Touch, ...session: Parameters<Touch>) => {
            if (isReadOnly) self.add(...session);
            return original(...session);
          },
        ),
      );
    },
  },
  {
    name: "unknown-sessions-over",
    bug: "A server without a leader says of sessions which it does not know that they are over.",
    apply: () => patch(SessionIds, "isOfReader", () => true),
  },
];

/** No connection has this number. */
const NOBODY = FIRST_SOCKET;
