/**
 * What clients asked for and were answered, in one order: the history that the
 * checkers of clients' promises judge. Judges nothing.
 */
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

  observe(observation: Observation, { nowMs }: WorldView): void {
    if (observation.kind === "invoke") {
      const { operation: id, client, sid, request } = observation;
      this.#operations.set(id, {
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
      });
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
}
