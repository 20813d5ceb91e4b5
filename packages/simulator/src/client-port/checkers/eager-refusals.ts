/**
 * EagerRefusals: a server that checks access control eagerly refuses, without a txn, what a
 * client may not do by the tree as it is there, and hands on nothing else of that kind; other
 * servers refuse nothing so. Which tree that was is known only so far as it lies between the
 * one when the client asked and the one when it was answered.
 */
import { ErrorCode, OpCode, Perms, type RequestMessage, type Zxid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";
import { isPermitted } from "../../model/access-model.js";
import { storedAcl } from "../../model/stored-acl.js";
import { parentOf } from "../../model/znode-model.js";
import type { FrameEvent, FrameHappening, FrameRequest } from "../frame-event.js";

type Answered = Extract<FrameEvent, { kind: "answered" }>;

/** What a request needs. */
interface Need {
  /** Undefined where there is no such path. */
  readonly path: string | undefined;
  readonly permission: number;
  readonly hasStorableList: boolean;
}

export class EagerRefusals implements Checker {
  readonly name = "eager-refusals";
  readonly watches = ["frame"] as const;
  readonly #requests: CommittedRequests;
  readonly #knowsLogins: boolean;
  /** Where its server was when a request was asked, and whether that life of it checks eagerly. */
  readonly #asked = new WeakMap<FrameRequest, { readonly from: Zxid; readonly isEager: boolean }>();

  /** `knowsLogins`: whether lists may name users of SASL and of certificates. */
  constructor(requests: CommittedRequests, knowsLogins: boolean) {
    this.#requests = requests;
    this.#knowsLogins = knowsLogins;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "frame" || this.#requests.isLost) return;
    const { happening, sid } = observation;
    const { event } = happening;
    if (event.kind === "asked") {
      const { tree, clientRules } = world.peers.get(sid) ?? {};
      if (tree === undefined) return;
      const isEager = clientRules?.checksEagerly === true;
      this.#asked.set(event.request, { from: tree.lastProcessedZxid, isEager });
    } else if (event.kind === "answered" && event.request?.operation !== undefined)
      this.#judge(happening, event, event.request);
  }

  #judge({ client }: FrameHappening, { err, zxid }: Answered, request: FrameRequest): void {
    const asked = this.#asked.get(request);
    if (asked === undefined) return;
    const { from, isEager } = asked;
    const need = this.#needOf(request);
    const isRefused = isEagerRefusal(zxid, err);
    const isHandedOn = this.#requests.operationOf(zxid) === request.operation;
    if (!isRefused && !(isEager && isHandedOn && need !== undefined)) return;
    const errors = need === undefined ? NONE : this.#errorsSince(from, need, request);
    if (isRefused && !(isEager && errors.has(err)))
      throw violation(`${client} is refused request ${request.xid} with ${err}, and may do that`);
    if (!isRefused && !errors.has(ErrorCode.OK))
      throw violation(`${client} is not refused request ${request.xid}, and may not do that`);
  }

  /** What it may come to, by each tree since then. */
  #errorsSince(from: Zxid, { path, permission, hasStorableList }: Need, { ids }: FrameRequest) {
    const errors = new Set<number>();
    if (!hasStorableList) return errors.add(ErrorCode.INVALIDACL);
    for (const zxid of [from, ...this.#requests.committedAfter(from)]) {
      const znode = path === undefined ? undefined : this.#requests.tree.znode(path, zxid);
      const isFree = znode === undefined || isPermitted(znode.acl, permission, ids);
      errors.add(isFree ? ErrorCode.OK : ErrorCode.NOAUTH);
    }
    return errors;
  }

  /** Undefined for what is not checked eagerly. */
  #needOf({ message, ids }: FrameRequest): Need | undefined {
    const isStorable = (acl: Parameters<typeof storedAcl>[0]): boolean =>
      storedAcl(acl, ids, this.#knowsLogins) !== undefined;
    const { type, body } = message;
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
        return needFor(message, Perms.CREATE, isStorable(body.acl));
      case OpCode.delete:
        return needFor(message, Perms.DELETE, true);
      case OpCode.setData:
        return needFor(message, Perms.WRITE, true);
      case OpCode.setACL:
        return needFor(message, Perms.ADMIN, isStorable(body.acl));
      default:
        return undefined;
    }
  }
}

/** Whether an answer is a refusal of this kind: it names no txn. */
export function isEagerRefusal(zxid: Zxid, err: number): boolean {
  return zxid === 0n && (err === ErrorCode.NOAUTH || err === ErrorCode.INVALIDACL);
}

/** Children are the business of their parents. */
function needFor({ body }: RequestMessage, permission: number, hasStorableList: boolean): Need {
  const named = body !== null && "path" in body ? (body.path ?? undefined) : undefined;
  const isOfParent = permission === Perms.CREATE || permission === Perms.DELETE;
  const path = isOfParent && named !== undefined ? parentIn(named) : named;
  return { path, permission, hasStorableList };
}

function parentIn(path: string): string | undefined {
  return path.includes("/") ? parentOf(path) : undefined;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("EagerRefusals", text);
}

const NONE: ReadonlySet<number> = new Set();
