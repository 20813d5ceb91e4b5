/**
 * SessionOrder: what a session's client asks of one server is carried out in the
 * order in which it asked; and what a client has seen at a server never goes back
 * there, nor after what anyone knew before it asked that server to sync. The
 * latter is judged only where one server led all the while: like ZooKeeper's, a
 * leader that has been replaced and does not know it yet answers a sync.
 */
import { formatZxid, NO_TXN, OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { CommittedRequests } from "./committed-requests.js";
import type { OperationId } from "../clients/client.js";
import type { CommittedTxns } from "../model/committed-txns.js";
import type { GhostOperations } from "../model/ghost-operations.js";

export class SessionOrder implements Checker {
  readonly name = "session-order";
  readonly watches = ["changed", "crash", "invoke", "return"] as const;
  readonly #operations: GhostOperations;
  readonly #committed: CommittedTxns;
  readonly #requests: CommittedRequests;
  /** By session and server: the last operation that was carried out. */
  readonly #last = new Map<string, OperationId>();
  /** By client and server: the last zxid that was seen. */
  readonly #seen = new Map<string, Zxid>();
  readonly #leaders = new Set<Sid>();
  /** Counts changes in who leads. */
  #changes = 0;
  /** For each sync under way: the count of changes when it was asked for. */
  readonly #syncs = new Map<OperationId, number>();

  constructor(operations: GhostOperations, committed: CommittedTxns, requests: CommittedRequests) {
    this.#operations = operations;
    this.#committed = committed;
    this.#requests = requests;
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case "step":
        this.#noteLeader(
          observation.sid,
          observation.after.role === "leading" && observation.after.phase !== "discovery",
        );
        this.#judgeCommitted();
        return;
      case "crash":
        this.#noteLeader(observation.sid, false);
        return;
      case "invoke":
        if (observation.request.kind === "sync" && this.#leaders.size === 1)
          this.#syncs.set(observation.operation, this.#changes);
        return;
      case "return":
        this.#onReturn(observation);
        return;
      default:
        return;
    }
  }

  #noteLeader(sid: Sid, leads: boolean): void {
    if (this.#leaders.has(sid) === leads) return;
    this.#changes++;
    if (leads) this.#leaders.add(sid);
    else this.#leaders.delete(sid);
  }

  #judgeCommitted(): void {
    for (const { zxid, message } of this.#committed.fresh) {
      const id = this.#requests.operationOf(zxid);
      // A refusal may come late, when the client has moved on.
      if (id === undefined || message.type === OpCode.error) continue;
      // Servers ask for sessions, and may do so for what the session's client has asked before.
      if (message.type === OpCode.createSession) continue;
      const { clientId } = message.header;
      const lane = `${clientId} ${this.#operations.get(id).sid}`;
      const last = this.#last.get(lane) ?? 0;
      if (id <= last) {
        throw new InvariantViolation(
          "SessionOrder",
          `session ${clientId}: operation ${id} is carried out as ${formatZxid(zxid)}, after operation ${last}`,
        );
      }
      this.#last.set(lane, id);
    }
  }

  #onReturn(observation: Extract<Observation, { kind: "return" }>): void {
    const { answer, client, sid, operation } = observation;
    const lane = `${client} ${sid}`;
    const seen = this.#seen.get(lane) ?? NO_TXN;
    switch (answer.kind) {
      case "applied":
      case "value": {
        const zxid = answer.kind === "applied" ? answer.txn.zxid : answer.zxid;
        if (zxid < seen) {
          throw new InvariantViolation(
            "SessionOrder",
            `${client} sees ${formatZxid(zxid)} at server ${sid} by operation ${operation}, after ${formatZxid(seen)}`,
          );
        }
        this.#seen.set(lane, zxid);
        return;
      }
      case "synced": {
        const { knownZxid } = this.#operations.get(operation);
        if (this.#syncs.get(operation) === this.#changes && knownZxid > seen)
          this.#seen.set(lane, knownZxid);
        this.#syncs.delete(operation);
        return;
      }
      case "revalidated":
      case "refused":
      case "unknown":
      case "disconnected":
        this.#syncs.delete(operation);
        return;
    }
  }
}
