/** Mutants of requests: in which order they are answered, with what, in whose name they are carried out. */
import { ClientAuthentication } from "@jute-ts/server/internals/clients/authentication/authenticator.js";
import { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ClientContext } from "@jute-ts/server/internals/clients/client-context.js";
import type { QuorumRequest } from "@jute-ts/server/internals/clients/client-effects.js";
import { ClientService } from "@jute-ts/server/internals/clients/client-service.js";
import { RequestThrottle } from "@jute-ts/server/internals/clients/limits/request-throttle.js";
import { PeerTurns } from "@jute-ts/server/internals/clients/peer-turns.js";
import {
  type PendingRequest,
  RequestQueue,
} from "@jute-ts/server/internals/clients/request-queue.js";
import { DataTree } from "@jute-ts/data-tree/internals/data-tree.js";
import { Quotas } from "@jute-ts/data-tree/internals/quotas.js";
import type {
  Answer,
  ChangeRequest,
  Clock,
  Effect,
  TxnResult,
  UntimedEvent,
} from "@jute-ts/quorum";
import { type ACL, Perms, Stat } from "@jute-ts/zookeeper";
import type { AuthInfo } from "../../client-port/frame-event.js";
import type { Mutant } from "../../runs/mutant.js";
import { patch, patchGetter } from "../patch.js";

type Add = (request: PendingRequest) => void;

/** A mutant of what is noted of a request when it comes. */
function ofAdding(
  name: string,
  bug: string,
  change: (request: PendingRequest) => PendingRequest,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(RequestQueue, "add", (_self: RequestQueue, original: Add, request) => {
        original(change(request));
      }),
  };
}

/** A mutant of what the quorum is asked: all that is returned. */
function ofSubmitting(
  name: string,
  bug: string,
  change: (request: ChangeRequest) => readonly ChangeRequest[],
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientContext,
        "ask",
        (
          _self: ClientContext,
          original: (request: QuorumRequest) => void,
          request: QuorumRequest,
        ) => {
          if (request.kind !== "submit") {
            original(request);
            return;
          }
          for (const changed of change(request.change)) original({ ...request, change: changed });
        },
      ),
  };
}

/** A mutant of what comes of an answer of the quorum. `original`: what the server does with one. */
function ofAnswering(
  name: string,
  bug: string,
  onAnswer: (
    answer: Answer,
    connection: ClientConnection,
    original: (answer: Answer) => void,
  ) => void,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientService,
        "onRequestAnswer",
        (
          _self: ClientService,
          original: (connection: ClientConnection, answer: Answer) => void,
          connection,
          answer,
        ) => {
          onAnswer(answer, connection, (changed) => {
            original(connection, changed);
          });
        },
      ),
  };
}

/** A mutant of what a write is said to have come to. */
function ofResult(name: string, bug: string, change: (result: TxnResult) => TxnResult): Mutant {
  return ofAnswering(name, bug, (answer, _connection, original) => {
    original(answer.kind === "applied" ? { ...answer, result: change(answer.result) } : answer);
  });
}

/** A mutant of who may do what. */
function ofPermission(
  name: string,
  bug: string,
  isGranted: (permission: number) => boolean,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        DataTree,
        "isPermitted",
        (
          _self: DataTree,
          original: (acl: readonly ACL[], permission: number, ids: AuthInfo) => boolean,
          acl,
          permission,
          ids,
        ) => isGranted(permission) || original(acl, permission, ids),
      ),
  };
}

/** A mutant of when requests are taken from a connection: in this stage, too. */
function ofTaking(name: string, bug: string, stage: ClientConnection["stage"]): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientService,
        "mayTake",
        (_self: ClientService, original: (connection: ClientConnection) => boolean, connection) =>
          connection.stage === stage || original(connection),
      ),
  };
}

function earlier(stat: Stat): Stat {
  const copy = Stat.decode(Stat.encode(stat));
  copy.version -= 1;
  return copy;
}

const SUPER: AuthInfo = [{ scheme: "super", id: "" }];

export const requestMutants: readonly Mutant[] = [
  {
    name: "ZOOKEEPER-1863",
    bug: "A read overtakes what was asked before it on its connection.",
    apply: () =>
      patch(RequestQueue, "add", (self: RequestQueue, original: Add, request) => {
        original(request);
        if (request.kind !== "local") return;
        const requests = self["requests"];
        requests.splice(self["answered"], 0, ...requests.splice(-1));
      }),
  },
  {
    name: "newest-write-answered",
    bug: "A txn answers the newest write of its connection that waits, not the oldest.",
    apply: () =>
      patch(RequestQueue, "waitingWrite", (self: RequestQueue) =>
        self["requests"]
          .slice(self["answered"])
          .filter(
            (request: PendingRequest) => request.kind === "write" && request.outcome === undefined,
          )
          .at(-1),
      ),
  },
  ofAdding(
    "sync-not-awaited",
    "A sync is answered before the leader has answered it.",
    (request) => (request.kind === "sync" ? { ...request, isSynced: true } : request),
  ),
  ofAdding("reads-as-super", "Access control lists do not hold for reads.", (request) =>
    request.kind === "local" ? { ...request, ids: SUPER } : request,
  ),
  ofAdding(
    "logins-unknown-to-reads",
    "Reads are carried out in the name of an address only.",
    (request) =>
      request.kind === "local" ? { ...request, ids: request.ids.slice(0, 1) } : request,
  ),
  ofAdding(
    "xid-of-another",
    "A sync is answered under the number of another request.",
    (request) => (request.kind === "sync" ? { ...request, xid: request.xid + 1 } : request),
  ),
  ofSubmitting("writes-as-super", "Access control lists do not hold for writes.", (change) => [
    { ...change, authInfo: SUPER },
  ]),
  ofSubmitting(
    "logins-not-forwarded",
    "Writes are carried out in the name of an address only.",
    (change) => [{ ...change, authInfo: change.authInfo.slice(0, 1) }],
  ),
  ofSubmitting("submitted-twice", "A write is handed to the leader twice.", (change) => [
    change,
    change,
  ]),
  ofSubmitting(
    "cxid-of-another",
    "A write is handed on under another number than its client's.",
    (change) => [{ ...change, cxid: change.cxid + 1 }],
  ),
  ofResult(
    "sequence-cut",
    "A sequential znode is answered under the name that was asked for.",
    (result) => ({
      ...result,
      ...(result.path !== undefined && { path: result.path.replace(/\d{10}$/u, "") }),
    }),
  ),
  ofResult("stat-of-before", "A write is answered with a version that is too low.", (result) => ({
    ...result,
    ...(result.stat && { stat: earlier(result.stat) }),
  })),
  ofResult(
    "failed-parts-look-fine",
    "A multi that failed is answered as if its parts had not.",
    (result) => ({
      ...result,
      ...(result.parts && { parts: result.parts.map((part) => ({ ...part, err: 0 })) }),
    }),
  ),
  ofResult("failure-hidden", "A write that failed is answered as if it had not.", (result) => ({
    ...result,
    err: 0,
  })),
  ofAnswering(
    "refusal-skipped",
    "What the quorum has refused is not answered, and what follows it is.",
    (answer, connection, original) => {
      if (answer.kind === "refused" || answer.kind === "unknown") connection.queue.shift();
      else original(answer);
    },
  ),
  {
    name: "requests-reversed",
    bug: "Requests that come together are carried out in the wrong order.",
    apply: () =>
      patch(
        PeerTurns,
        "add",
        (_self: PeerTurns, original: (events: readonly UntimedEvent[]) => void, events) => {
          original([...events].reverse());
        },
      ),
  },
  ofTaking(
    "ZOOKEEPER-1208",
    "What comes after the end of a session, or after what ends a connection, is carried out.",
    "ending",
  ),
  ofTaking(
    "early-requests-taken",
    "Requests are carried out before it is known whether the session exists.",
    "connecting",
  ),
  {
    name: "events-after-answers",
    bug: "A server notices what a txn has changed only with the next thing that its peer does.",
    apply: () => {
      const kept = new WeakMap<ClientService, Effect>();
      return patch(
        ClientService,
        "observe",
        (self: ClientService, original: (effect: Effect, clock: Clock) => void, effect, clock) => {
          const late = kept.get(self);
          kept.delete(self);
          if (effect.kind === "applied") kept.set(self, effect);
          else original(effect, clock);
          if (late !== undefined) original(late, clock);
        },
      );
    },
  },
  {
    name: "login-ignored",
    bug: "A login is answered with success, and changes nothing.",
    apply: () =>
      patch(ClientAuthentication, "authenticate", () => ({ kind: "reply", err: 0, closes: false })),
  },
  {
    name: "ZOOKEEPER-4839",
    bug: "Who has logged in on one connection is there on all.",
    apply: () => {
      let shared: AuthInfo = [{ scheme: "ip", id: "10.0.0.1" }];
      const undo = patch(
        ClientAuthentication,
        "add",
        (_self: ClientAuthentication, original: (ids: AuthInfo) => boolean, ids) => {
          shared = [...shared, ...ids];
          return original(ids);
        },
      );
      const undoIds = patchGetter(ClientConnection, "ids", () => shared);
      return () => {
        undoIds();
        undo();
      };
    },
  },
  ofPermission(
    "reads-permitted",
    "Everybody may read everything.",
    (permission) => permission === Perms.READ,
  ),
  ofPermission(
    "ZOOKEEPER-1392",
    "Digests are shown to those who may only read.",
    (permission) => permission === Perms.ADMIN,
  ),
  {
    name: "descendants-count-their-ancestor",
    bug: "The number of descendants counts the znode itself.",
    apply: () =>
      patch(
        DataTree,
        "countDescendants",
        (_self: DataTree, original: (path: string) => number | undefined, path) => {
          const count = original(path);
          return count === undefined ? undefined : count + 1;
        },
      ),
  },
  {
    name: "answers-make-room-for-two",
    bug: "A request that is answered makes room for two others.",
    apply: () =>
      patch(
        RequestThrottle<unknown>,
        "ended",
        (_self: RequestThrottle<unknown>, original: (count: number) => void, count = 1) => {
          original(count + 1);
        },
      ),
  },
  {
    name: "quota-not-enforced",
    bug: "A hard quota is advice, though the leader should enforce it.",
    apply: () => patch(Quotas, "judge", () => "within"),
  },
];
