/** Mutants of sessions and connections: who gets them, what they are called, and when they end. */
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ClientContext } from "@jute-ts/server/internals/clients/client-context.js";
import type {
  ClientEffect,
  QuorumRequest,
} from "@jute-ts/server/internals/clients/client-effects.js";
import type { ClientEvent } from "@jute-ts/server/internals/clients/client-events.js";
import { ClientService } from "@jute-ts/server/internals/clients/client-service.js";
import { ConnectionThrottle } from "@jute-ts/server/internals/clients/limits/connection-throttle.js";
import { SessionIds } from "@jute-ts/server/internals/clients/session-ids.js";
import type { Answer, RequestId } from "@jute-ts/quorum";
import { OpCode } from "@jute-ts/zookeeper";
import type { Mutant } from "../../runs/mutant.js";
import { patch } from "../patch.js";

interface Hello {
  readonly sessionId: bigint;
}

/** A mutant of what the quorum says of a session that comes over. */
function ofRevalidation(name: string, bug: string, isValid: boolean): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientService,
        "onAnswer",
        (
          _self: ClientService,
          original: (request: RequestId, answer: Answer) => void,
          request,
          answer,
        ) => {
          original(request, answer.kind === "revalidated" ? { ...answer, valid: isValid } : answer);
        },
      ),
  };
}

/** A mutant of the ids of sessions. `idOf`: by the server's next id and how many it has given. */
function ofIds(name: string, bug: string, idOf: (next: bigint, count: bigint) => bigint): Mutant {
  return {
    name,
    bug,
    apply: () => {
      const counts = new WeakMap<SessionIds, bigint>();
      return patch(SessionIds, "next", (self: SessionIds, original: () => bigint) => {
        const count = (counts.get(self) ?? 0n) + 1n;
        counts.set(self, count);
        return idOf(original(), count);
      });
    },
  };
}

export const sessionMutants: readonly Mutant[] = [
  {
    name: "any-password",
    bug: "A session can be had without its password.",
    apply: () => patch(ClientContext, "mayRenew", () => true),
  },
  {
    name: "no-password",
    bug: "No password is right.",
    apply: () => patch(ClientContext, "mayRenew", () => false),
  },
  {
    name: "id-ends-connection",
    bug: "To name a session is enough to end its connection.",
    apply: () =>
      patch(
        ClientContext,
        "mayRenew",
        (self: ClientContext, original: (hello: Hello) => boolean, hello) => {
          const former = self.sessions.get(hello.sessionId);
          if (former !== undefined) self.close(former, "session moved");
          return original(hello);
        },
      ),
  },
  ofIds(
    "ids-repeated",
    "Every session of a server has the same id.",
    (next, count) => next - count + 1n,
  ),
  ofIds(
    "ids-without-server",
    "Servers count their sessions alike.",
    (_next, count) => 0x5000n + count,
  ),
  ofIds(
    "ids-begin-again",
    "A server that starts again gives the ids of its earlier sessions.",
    (next, count) => BigInt.asIntN(64, (next & (0xffn << 56n)) | count),
  ),
  ofRevalidation("ZOOKEEPER-1496", "A session that is over is revived.", true),
  ofRevalidation(
    "moved-session-lost",
    "A session that has moved to another server is over.",
    false,
  ),
  {
    name: "touches-not-told",
    bug: "The leader is not told from which clients a server has heard.",
    apply: () =>
      patch(
        ClientContext,
        "ask",
        (_self: ClientContext, original: (request: QuorumRequest) => void, request) => {
          if (request.kind !== "touch") original(request);
        },
      ),
  },
  {
    name: "connections-outlive-role",
    bug: "Connections stay when a server loses its leader.",
    apply: () =>
      patch(ClientService, "stopServing", (self: ClientService) => {
        const context = self["context"];
        context.isServing = false;
        context.leads = false;
      }),
  },
  {
    name: "session-ends-with-connection",
    bug: "A session is ended when its connection is.",
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
          const { id: request, sessionId, stage } = connection;
          const body = new Uint8Array(0);
          const change = { sessionId, cxid: 0, opCode: OpCode.closeSession, body, authInfo: [] };
          if (event.kind === "disconnected" && stage === "open")
            self["context"].ask({ kind: "submit", request, change });
          original(connection, event);
        },
      ),
  },
  {
    name: "last-words-lost",
    bug: "A connection is closed before what was to be sent on it.",
    apply: () =>
      patch(
        ClientContext,
        "close",
        (self: ClientContext, original: (connection: ClientConnection) => void, connection) => {
          self["written"].delete(connection);
          connection.output = undefined;
          original(connection);
        },
      ),
  },
  {
    name: "ZOOKEEPER-3072",
    bug: "A connection of which nothing was read for a while is never read again.",
    apply: () =>
      patch(
        ClientContext,
        "emit",
        (_self: ClientContext, original: (effect: ClientEffect) => void, effect) => {
          if (effect.kind !== "resumeReading") original(effect);
        },
      ),
  },
  {
    name: "sends-reversed",
    bug: "What is to be done with connections is done in the wrong order.",
    apply: () =>
      patch(
        ClientContext,
        "takeEffects",
        (_self: ClientContext, original: () => readonly ClientEffect[]) =>
          [...original()].reverse(),
      ),
  },
  {
    name: "connections-not-throttled",
    bug: "As many clients may connect as want to.",
    apply: () => patch(ConnectionThrottle, "admits", () => true),
  },
];
