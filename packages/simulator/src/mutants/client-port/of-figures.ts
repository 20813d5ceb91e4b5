/** Mutants of what a server tells its operators of its clients, and writes into its audit log. */
import { AuditTrail } from "@jute-ts/server/internals/clients/audit/audit-trail.js";
import type { Answer } from "@jute-ts/quorum";
import type { ClientConnectionId } from "@jute-ts/server/clients";
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import {
  type AnsweredRequest,
  ConnectionStatistics,
} from "@jute-ts/server/internals/clients/connection-statistics.js";
import { Watches } from "@jute-ts/server/internals/clients/watches/watches.js";
import type { Mutant } from "../../runs/mutant.js";
import { patch } from "../patch.js";

export const figureMutants: readonly Mutant[] = [
  {
    name: "answers-not-counted",
    bug: "Operators do not see which requests of a connection are answered.",
    apply: () => patch(ConnectionStatistics, "onAnswered", () => undefined),
  },
  {
    name: "no-latency",
    bug: "Every answer seems to take no time.",
    apply: () =>
      patch(
        ConnectionStatistics,
        "onAnswered",
        (
          _self: ConnectionStatistics,
          original: (request: AnsweredRequest) => void,
          request: AnsweredRequest,
        ) => {
          original({ ...request, takenMs: request.answeredMs });
        },
      ),
  },
  {
    name: "events-not-counted",
    bug: "Events are no packets that were sent.",
    apply: () => patch(ConnectionStatistics, "onSent", () => undefined),
  },
  {
    name: "watches-of-the-gone",
    bug: "The watches of connections that are gone stay.",
    apply: () =>
      patch(
        Watches<ClientConnection>,
        "removeConnection",
        (_self: Watches<ClientConnection>) => undefined,
      ),
  },
  {
    name: "changes-not-audited",
    bug: "The audit log says only what the server has refused by itself.",
    apply: () => patch(AuditTrail, "answered", () => undefined),
  },
  {
    name: "audited-for-good",
    bug: "A server remembers each connection of which it has audited something.",
    apply: () =>
      patch(
        AuditTrail,
        "answered",
        (
          self: AuditTrail,
          original: (connection: ClientConnectionId, answer: Answer) => void,
          connection,
          answer,
        ) => {
          original(connection, answer);
          self.asked(connection);
        },
      ),
  },
  {
    name: "refusals-not-audited",
    bug: "The audit log does not say what the server has refused by itself.",
    apply: () => patch(AuditTrail, "refused", () => undefined),
  },
  {
    name: "ephemerals-not-audited",
    bug: "The audit log does not say which ephemerals go with their sessions.",
    apply: () => patch(AuditTrail, "sessionClosed", () => undefined),
  },
];
