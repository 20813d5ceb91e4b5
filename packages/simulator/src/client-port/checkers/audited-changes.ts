/**
 * AuditedChanges: of each change that a client was told of, the audit log of its server has
 * said before who asked for what, and how it ended; and of each session's end, which of its
 * ephemerals went with it. Written from the page on audit logging of Apache's documentation;
 * which request is called what is written down here again on purpose, so that the judge
 * shares no mistake with the server.
 */
import type { AuditEvent } from "@jute-ts/server/clients";
import {
  type ACL,
  CreateMode,
  OpCode,
  Perms,
  type RequestMessage,
  type Sid,
} from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { ExpectedOutcome } from "../../model/request-model.js";
import type { AuthInfo, FrameEvent, FrameHappening } from "../frame-event.js";

type Answered = Extract<FrameEvent, { kind: "answered" }>;
/** What is known of committed txns. */
type Outcomes = Pick<CommittedRequests, "isLost" | "tree" | "operationOf" | "outcomeOf">;

export class AuditedChanges implements Checker {
  readonly name = "audited-changes";
  readonly watches = ["audited", "applied", "frame", "crash"] as const;
  readonly #requests: Outcomes;
  /** By server: what was said of clients' changes, and no client was told of since. */
  readonly #changes = new Map<Sid, Map<string, number>>();
  /** By server: which ephemerals went with their sessions, in the step that is under way. */
  readonly #ephemerals = new Map<Sid, string[]>();
  /** By server: what was wrong with its last step, unless a crash came in the middle of it, after events were told. */
  readonly #wrong = new Map<Sid, string>();

  constructor(requests: Outcomes) {
    this.#requests = requests;
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case "audited":
        this.atEnd();
        this.#note(observation.sid, observation.event);
        return;
      case "step":
        this.atEnd();
        this.#judgeEphemerals(observation);
        return;
      case "frame":
        this.#judgeAnswer(observation.sid, observation.happening);
        return;
      case "crash":
        this.#ephemerals.delete(observation.sid);
        this.#wrong.delete(observation.sid);
        return;
      default:
        return;
    }
  }

  atEnd(): void {
    for (const [sid, wrong] of this.#wrong) throw violation(sid, wrong);
  }

  #note(sid: Sid, event: AuditEvent): void {
    if (event.operation === EPHEMERAL_GONE) {
      const gone = this.#ephemerals.get(sid) ?? [];
      this.#ephemerals.set(sid, gone);
      gone.push(textOf(event));
      return;
    }
    const changes = this.#changes.get(sid) ?? new Map<string, number>();
    this.#changes.set(sid, changes);
    const text = textOf(event);
    changes.set(text, (changes.get(text) ?? 0) + 1);
  }

  /** Which of a session's ephemerals went with it, the model of the tree knows. */
  #judgeEphemerals({ sid, effects }: Extract<Observation, { kind: "step" }>): void {
    const said = this.#ephemerals.get(sid) ?? [];
    this.#ephemerals.delete(sid);
    if (this.#requests.isLost) return;
    for (const effect of effects) {
      if (effect.kind !== "applied" || !effect.committed) continue;
      const { zxid, header } = effect.txn;
      if (header.type !== OpCode.closeSession) continue;
      for (const [path, znode] of this.#requests.tree.changeOf(zxid)?.znodes ?? []) {
        if (znode !== undefined) continue;
        const text = textOf({
          sessionId: header.clientId,
          user: SERVER_USER,
          operation: EPHEMERAL_GONE,
          znode: path,
          result: "success",
        });
        const at = said.indexOf(text);
        if (at === -1) throw violation(sid, `says nothing of ${text}`);
        said.splice(at, 1);
      }
    }
    const [wrong] = said;
    if (wrong !== undefined) this.#wrong.set(sid, `says ${wrong}, which has not happened`);
  }

  #judgeAnswer(sid: Sid, { sessionId, isReader, event }: FrameHappening): void {
    // Where there is no leader, nothing can be changed, and nothing is said of it.
    if (isReader === true) return;
    if (event.kind !== "answered" || this.#requests.isLost) return;
    for (const expected of this.#eventsOf(sessionId, event)) {
      const text = textOf(expected);
      const changes = this.#changes.get(sid);
      const count = changes?.get(text) ?? 0;
      if (count === 0) throw violation(sid, `has said nothing of ${text}`);
      if (count === 1) changes?.delete(text);
      else changes?.set(text, count - 1);
    }
  }

  #eventsOf(sessionId: bigint, { request, zxid }: Answered): readonly AuditEvent[] {
    if (request?.operation === undefined) return [];
    const { message, ids, operation } = request;
    const own = { sessionId, user: usersOf(ids), ip: ids[0]?.id };
    const isTxn = this.#requests.operationOf(zxid) === operation;
    const outcome = isTxn ? this.#requests.outcomeOf(zxid) : undefined;
    return changesOf(message, outcome).map((change) => ({ ...own, ...change }));
  }
}

/** What is said of a request that came to this; undefined where the server has refused it by itself. */
function changesOf(
  message: RequestMessage,
  outcome: ExpectedOutcome | undefined,
): readonly Omit<AuditEvent, "sessionId" | "user" | "ip">[] {
  const operation = OPERATIONS.get(message.type);
  if (operation === undefined) return [];
  if (message.type === OpCode.multi) {
    if (outcome?.err !== 0) return [{ operation, result: "failure" }];
    return message.body.flatMap((part, at) => {
      const ofPart = OPERATIONS.get(part.type);
      if (ofPart === undefined) return [];
      const znode = outcome.parts?.[at]?.path ?? pathOf(part);
      return [{ operation: ofPart, znode, znodeType: modeOf(part), result: "success" as const }];
    });
  }
  const acl = message.type === OpCode.setACL ? aclText(message.body.acl ?? []) : undefined;
  const isDone = outcome?.err === 0;
  const znode = (isDone ? outcome.path : undefined) ?? pathOf(message);
  return [
    {
      operation,
      znode,
      znodeType: modeOf(message),
      acl,
      result: isDone ? "success" : "failure",
    },
  ];
}

function pathOf({ body }: { readonly body: object | null }): string | undefined {
  return body !== null && "path" in body && typeof body.path === "string" ? body.path : undefined;
}

function modeOf({ body }: { readonly body: object | null }): string | undefined {
  if (body === null || !("flags" in body)) return undefined;
  return MODES.find(([, flags]) => flags === body.flags)?.[0];
}

function aclText(acl: readonly ACL[]): string {
  return acl
    .map(({ perms, id }) => {
      const letters = LETTERS.filter(([, bit]) => (perms & bit) > 0).map(([letter]) => letter);
      return `${id.scheme ?? ""}:${id.id ?? ""}:${letters.join("")}`;
    })
    .join("");
}

/** Addresses, and the names of those who have a password, without it. That somebody is a superuser is no name. */
function usersOf(ids: AuthInfo): string {
  return ids
    .filter(({ scheme }) => scheme !== "super")
    .map(({ scheme, id }) => (scheme === "digest" ? id.split(":")[0] : id))
    .join(",");
}

function textOf({
  sessionId,
  user,
  ip,
  operation,
  znode,
  znodeType,
  acl,
  result,
}: AuditEvent): string {
  return [
    `${operation} of ${znode ?? "no path"}: ${result}`,
    `session ${sessionId ?? "-"}, user ${user ?? "-"}, ip ${ip ?? "-"}`,
    `type ${znodeType ?? "-"}, list ${acl ?? "-"}`,
  ].join("; ");
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("AuditedChanges", `the audit log of server ${sid} ${text}`);
}

/** In whose name simulated servers do what no client asks for. */
export const SERVER_USER = "server";

const EPHEMERAL_GONE = "ephemeralZNodeDeletionOnSessionCloseOrExpire";

const OPERATIONS: ReadonlyMap<number, AuditEvent["operation"]> = new Map([
  [OpCode.create, "create"],
  [OpCode.create2, "create"],
  [OpCode.createContainer, "create"],
  [OpCode.createTTL, "create"],
  [OpCode.delete, "delete"],
  [OpCode.setData, "setData"],
  [OpCode.setACL, "setAcl"],
  [OpCode.multi, "multiOperation"],
  [OpCode.reconfig, "reconfig"],
]);

const MODES: readonly (readonly [string, number])[] = [
  ["persistent", CreateMode.PERSISTENT],
  ["ephemeral", CreateMode.EPHEMERAL],
  ["persistent_sequential", CreateMode.PERSISTENT_SEQUENTIAL],
  ["ephemeral_sequential", CreateMode.EPHEMERAL_SEQUENTIAL],
  ["container", CreateMode.CONTAINER],
  ["persistent_with_ttl", CreateMode.PERSISTENT_WITH_TTL],
  ["persistent_sequential_with_ttl", CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL],
];

const LETTERS: readonly (readonly [string, number])[] = [
  ["c", Perms.CREATE],
  ["d", Perms.DELETE],
  ["r", Perms.READ],
  ["w", Perms.WRITE],
  ["a", Perms.ADMIN],
];
