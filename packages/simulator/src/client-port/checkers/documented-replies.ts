/**
 * DocumentedReplies: what clients are shown of the tree is what it is at the txn that
 * the answer names, as the documentation has it, for those that may see it: never
 * half of a multi, never what an access control list hides. And a write is answered
 * with what its txn has come to.
 */
import {
  ErrorCode,
  formatZxid,
  isMultiOpCode,
  OpCode,
  type MultiResult,
  type RequestMessage,
  type ResponseMessage,
  type ResponseOpCode,
  type Stat,
} from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import { judgeRead } from "../../model/read-model.js";
import type { ExpectedOutcome } from "../../model/request-model.js";
import { differenceOfStats } from "../../model/znode-model.js";
import type { FrameEvent, FrameHappening, FrameRequest } from "../frame-event.js";
import { isEagerRefusal } from "./eager-refusals.js";

type Answered = Extract<FrameEvent, { kind: "answered" }>;

export class DocumentedReplies implements Checker {
  readonly name = "documented-replies";
  readonly watches = ["frame"] as const;
  readonly #requests: CommittedRequests;

  constructor(requests: CommittedRequests) {
    this.#requests = requests;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "frame" || this.#requests.isLost) return;
    const { happening } = observation;
    const { event } = happening;
    if (event.kind !== "answered" || event.request === undefined) return;
    // Whether the client may ask at all is another checker's question.
    if (event.request.proof !== undefined || event.request.isRefused === true) return;
    if (happening.isReader === true && !this.#requests.isAgreed(event.zxid)) return;
    const { request } = event;
    const difference =
      request.operation === undefined
        ? this.#differenceOfRead(happening, request, event)
        : this.#differenceOfWrite(happening.sessionId, request, request.operation, event);
    if (difference === undefined) return;
    const { xid, message } = request;
    throw new InvariantViolation(
      "DocumentedReplies",
      `${happening.client}: the answer to request ${xid} (op ${message.type}) at ${formatZxid(event.zxid)} ${difference}`,
    );
  }

  #differenceOfRead(
    { sessionId }: FrameHappening,
    { message, ids, objection = 0 }: FrameRequest,
    { zxid, err, response }: Answered,
  ): string | undefined {
    // What makes no sense is not read.
    if (objection === ErrorCode.MARSHALLINGERROR)
      return err === objection ? undefined : `has error ${err}, where ${objection} is right`;
    const reading = { tree: this.#requests.tree, zxid, sessionId, ids };
    const judged = judgeRead(reading, message, response);
    // Whether its client watches too much is another checker's question.
    if (err === ErrorCode.THROTTLEDOP && mayBeTooMuch(message, judged?.err ?? objection))
      return undefined;
    if (judged !== undefined) {
      if (judged.err !== err) return `has error ${err}, where ${judged.err} is right`;
      return judged.difference;
    }
    // Whether there is such a watch is another checker's question.
    if (message.type === OpCode.removeWatches || message.type === OpCode.checkWatches)
      return undefined;
    if (err !== objection) return `has error ${err}, where ${objection} is right`;
    if (message.type !== OpCode.sync || response?.ok !== true) return undefined;
    const { body } = response;
    const isPath = body !== null && "path" in body && body.path === message.body.path;
    return isPath ? undefined : "names another path";
  }

  #differenceOfWrite(
    sessionId: bigint,
    { message, objection }: FrameRequest,
    operation: number,
    { zxid, err, response }: Answered,
  ): string | undefined {
    const outcome = this.#requests.outcomeOf(zxid);
    if (outcome === undefined || !this.#requests.claim(zxid, operation)) {
      if (message.type === OpCode.closeSession && this.#requests.tree.session(sessionId, zxid))
        return "is no end of the session, which everybody knows";
      // Whether that is right another checker asks.
      if (isEagerRefusal(zxid, err)) return undefined;
      if (objection === undefined) return "is no answer to it: the txn is another one";
      const actual = isMultiOpCode(message.type) ? failureOf(response) : err;
      return actual === objection ? undefined : `has error ${actual}, where ${objection} is right`;
    }
    if (message.type === OpCode.multi) return differenceOfParts(outcome, err, response);
    if (err !== outcome.err) return `has error ${err}, where ${outcome.err} is right`;
    return err === 0 ? differenceOfBody(outcome, response) : undefined;
  }
}

/** Whether somebody asks to watch something, which could be watched. `err`: what comes of it otherwise. */
function mayBeTooMuch({ type, body }: RequestMessage, err: number): boolean {
  switch (type) {
    case OpCode.exists:
      return body.watch && (err === 0 || err === ErrorCode.NONODE);
    case OpCode.getData:
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return body.watch && err === 0;
    case OpCode.addWatch:
    case OpCode.setWatches:
    case OpCode.setWatches2:
      return err === 0;
    default:
      return false;
  }
}

function failureOf(response: ResponseMessage<ResponseOpCode> | undefined): number {
  return response?.ok === false ? response.err : 0;
}

function differenceOfParts(
  { err, parts = [] }: ExpectedOutcome,
  headerErr: number,
  response: ResponseMessage<ResponseOpCode> | undefined,
): string | undefined {
  // A multi that failed says so in its parts; what failed as a whole has none.
  if (parts.length === 0 && err !== 0)
    return headerErr === err || failureOf(response) === err ? undefined : `lacks error ${err}`;
  if (headerErr !== 0) return `has error ${headerErr} as a whole`;
  const results = Array.isArray(response?.body) ? (response.body as MultiResult[]) : [];
  if (results.length !== parts.length)
    return `has ${results.length} results for ${parts.length} parts`;
  for (const [at, expected] of parts.entries()) {
    const result = results[at];
    const actual = result?.ok === false ? result.err : 0;
    if (actual !== expected.err)
      return `has error ${actual} in part ${at}, where ${expected.err} is right`;
    const difference = err === 0 ? differenceOfBody(expected, result) : undefined;
    if (difference !== undefined) return `${difference} in part ${at}`;
  }
  return undefined;
}

/** Path and stat, as far as the answer has a place for them. */
function differenceOfBody(
  { path, stat }: ExpectedOutcome,
  answer: ResponseMessage<ResponseOpCode> | MultiResult | undefined,
): string | undefined {
  // Which fields a body has follows from the op code; those that it lacks are not compared.
  const body = answer?.ok === true ? answer.body : {};
  const shown = (body ?? {}) as { readonly path?: string | null; readonly stat?: Stat };
  if (shown.path !== undefined && shown.path !== path)
    return `names ${shown.path ?? "no path"}, not ${path ?? "none"}`;
  if (shown.stat === undefined || stat === undefined) return undefined;
  const difference = differenceOfStats(stat, shown.stat);
  return difference && `has a wrong stat: ${difference}`;
}
