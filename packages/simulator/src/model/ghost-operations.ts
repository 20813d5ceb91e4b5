/**
 * What clients asked for and were answered, in one order: the history that the
 * checkers of clients' promises judge. Judges nothing.
 */
import type { ChangeRequest } from "@jute-ts/quorum";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation, WorldView } from "../checkers/checker.js";
import type { ClientAnswer, ClientRequest, OperationId } from "../clients/client.js";

export interface Operation {
  readonly id: OperationId;
  readonly client: string;
  readonly sid: Sid;
  readonly request: ClientRequest;
  /** Positions on the time line of the run: later observations have greater ones. */
  readonly invoked: number;
  readonly invokedMs: number;
  /** The greatest zxid that any client had been told of when this one asked. */
  readonly knownZxid: Zxid;
  returned: number | undefined;
  returnedMs: number | undefined;
  answer: ClientAnswer | undefined;
}

export class GhostOperations implements Checker {
  readonly name = "ghost-operations";
  readonly watches = ["invoke", "return"] as const;
  readonly #operations = new Map<OperationId, Operation>();
  /** What was submitted, by session and number. */
  readonly #submitted = new Map<string, Operation[]>();
  readonly #servers = new Map<bigint, Set<Sid>>();
  #position = 0;
  #knownZxid: Zxid = 0n;

  /** All operations, in the order of their invocations. */
  get all(): Iterable<Operation> {
    return this.#operations.values();
  }

  /** An operation by its id. Throws for one that was never invoked. */
  get(id: OperationId): Operation {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw new RangeError(`operation ${id} was never invoked`);
    return operation;
  }

  /** What a session asked for under a number, oldest first. Clients may use a number more than once. */
  submitted(sessionId: bigint, cxid: number): readonly Operation[] {
    return this.#submitted.get(keyOf(sessionId, cxid)) ?? NONE;
  }

  /** The servers that were ever asked something by this session, or asked to take it over. */
  serversOf(sessionId: bigint): ReadonlySet<Sid> {
    return this.#servers.get(sessionId) ?? NOBODY;
  }

  observe(observation: Observation, { nowMs }: WorldView): void {
    if (observation.kind === "invoke") {
      const { operation: id, client, sid, request } = observation;
      const operation: Operation = {
        id,
        client,
        sid,
        request,
        invoked: ++this.#position,
        invokedMs: nowMs,
        knownZxid: this.#knownZxid,
        returned: undefined,
        returnedMs: undefined,
        answer: undefined,
      };
      this.#operations.set(id, operation);
      if (request.kind === "submit") this.#noteSubmitted(request.change, operation);
      const sessionId = sessionOf(request);
      if (sessionId !== undefined) this.#noteServer(sessionId, sid);
    } else if (observation.kind === "return") {
      const operation = this.#operations.get(observation.operation);
      if (operation === undefined) return;
      const { answer } = observation;
      operation.returned = ++this.#position;
      operation.returnedMs = nowMs;
      operation.answer = answer;
      const zxid =
        answer.kind === "applied" ? answer.txn.zxid : answer.kind === "value" ? answer.zxid : 0n;
      if (zxid > this.#knownZxid) this.#knownZxid = zxid;
    }
  }

  #noteSubmitted({ sessionId, cxid }: ChangeRequest, operation: Operation): void {
    const key = keyOf(sessionId, cxid);
    const known = this.#submitted.get(key);
    if (known === undefined) this.#submitted.set(key, [operation]);
    else known.push(operation);
  }

  #noteServer(sessionId: bigint, sid: Sid): void {
    const servers = this.#servers.get(sessionId);
    if (servers === undefined) this.#servers.set(sessionId, new Set([sid]));
    else servers.add(sid);
  }
}

function sessionOf(request: ClientRequest): bigint | undefined {
  switch (request.kind) {
    case "submit":
      return request.change.sessionId;
    case "sync":
    case "revalidate":
      return request.sessionId;
    case "read":
      return undefined;
  }
}

function keyOf(sessionId: bigint, cxid: number): string {
  return `${sessionId} ${cxid}`;
}

const NONE: readonly Operation[] = [];
const NOBODY: ReadonlySet<Sid> = new Set();
