/**
 * CommittedRequests: each committed txn is one request, and says what the
 * documentation makes of it there: done, or refused with the one error that is
 * found first. Carries out each request on a model of the tree, by which other
 * checkers judge answers and trees.
 *
 * A few errors say nothing of the tree: that a session's client talks to another
 * server by now, that a server has too much to do, that a txn would be too long.
 */
import {
  ErrorCode,
  formatZxid,
  OpCode,
  type TxnMessage,
  unpackMultiTxn,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import type { OperationId } from "../clients/client.js";
import type { CommittedTxn, CommittedTxns } from "../model/committed-txns.js";
import { equalBytes } from "../model/equal-bytes.js";
import type { GhostOperations, Operation } from "../model/ghost-operations.js";
import {
  execute,
  type Execution,
  type ExpectedOutcome,
  type ModelOptions,
} from "../model/request-model.js";
import { type TreeChange, TreeModel } from "../model/tree-model.js";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class CommittedRequests implements Checker {
  readonly name = "committed-requests";
  readonly watches = ["changed", "interference"] as const;
  /** What all committed requests have made, by the documentation. */
  readonly tree: TreeModel = new TreeModel();
  readonly #operations: GhostOperations;
  readonly #committed: CommittedTxns;
  readonly #options: ModelOptions;
  readonly #outcomes = new Map<Zxid, ExpectedOutcome>();
  readonly #operationAt = new Map<Zxid, OperationId>();
  readonly #done = new Set<OperationId>();
  #mayBeLost = false;
  #isLost = false;

  constructor(operations: GhostOperations, committed: CommittedTxns, options: ModelOptions) {
    this.#operations = operations;
    this.#committed = committed;
    this.#options = options;
  }

  /** Whether requests came that no client is known to have made: then nothing more is known of the tree. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** What a committed txn should have come to; undefined when it is not committed. */
  outcomeOf(zxid: Zxid): ExpectedOutcome | undefined {
    return this.#outcomes.get(zxid);
  }

  /** The operation of a client that became this txn; undefined for what servers ask themselves. */
  operationOf(zxid: Zxid): OperationId | undefined {
    return this.#operationAt.get(zxid);
  }

  /**
   * A client was told that this txn is what became of its operation. Where it asked
   * for the same more than once under one number, nobody can tell before which of
   * them was carried out. False when it cannot be this one.
   */
  claim(zxid: Zxid, operation: OperationId): boolean {
    const assigned = this.#operationAt.get(zxid);
    if (assigned === operation) return true;
    if (assigned === undefined || this.#done.has(operation)) return false;
    const [one, other] = [this.#operations.get(assigned), this.#operations.get(operation)];
    if (one.answer?.kind === "applied" || !isSameRequest(one, other)) return false;
    this.#done.delete(assigned);
    this.#done.add(operation);
    this.#operationAt.set(zxid, operation);
    return true;
  }

  observe(observation: Observation): void {
    if (observation.kind === "interference") this.#mayBeLost = true;
    if (observation.kind !== "step" || this.#isLost) return;
    for (const txn of this.#committed.fresh) this.#onTxn(txn);
  }

  #onTxn(txn: CommittedTxn): void {
    const { zxid, message } = txn;
    const { clientId, cxid } = message.header;
    if (isOwnFailure(message)) {
      this.#note(zxid, { outcome: { err: errorOf(message) }, change: UNCHANGED });
      return;
    }
    const asked = this.#candidates(txn);
    const found = asked.find(({ execution }) => fits(message, execution.outcome)) ?? asked[0];
    if (found === undefined) {
      if (this.#mayBeLost) {
        this.#isLost = true;
        return;
      }
      const text = `${formatZxid(zxid)} is number ${cxid} of session ${clientId}, which nobody asked for`;
      throw new InvariantViolation("CommittedRequests", text);
    }
    const { operation, execution } = found;
    if (operation !== undefined) {
      this.#done.add(operation.id);
      this.#operationAt.set(zxid, operation.id);
    }
    const err = errorOf(message);
    const excused = operation !== undefined && this.#isExcused(err, operation);
    if (!excused && !fits(message, execution.outcome)) {
      const whose =
        operation === undefined ? "a server's own request" : `operation ${operation.id}`;
      throw new InvariantViolation(
        "CommittedRequests",
        `${formatZxid(zxid)}, ${whose}, comes to ${described(err, pathOf(message))}, where ${described(execution.outcome.err, execution.outcome.path)} is right`,
      );
    }
    this.#note(zxid, excused ? { outcome: { err }, change: UNCHANGED } : execution);
  }

  #note(zxid: Zxid, { outcome, change }: Execution): void {
    this.#outcomes.set(zxid, outcome);
    this.tree.commit(zxid, change);
  }

  /** What this txn can be the outcome of: requests of clients that are not done, oldest first, or one of a server. */
  #candidates({ zxid, message }: CommittedTxn): Candidate[] {
    const { clientId, cxid, time: timeMs } = message.header;
    const executed = (request: ChangeRequest): Execution =>
      execute(this.tree, request, { zxid, timeMs }, this.#options);
    const candidates: Candidate[] = [];
    for (const operation of this.#operations.submitted(clientId, cxid)) {
      const { request } = operation;
      if (request.kind !== "submit" || this.#done.has(operation.id)) continue;
      if (operation.answer?.kind === "refused") continue;
      if (message.type !== OpCode.error && message.type !== request.change.opCode) continue;
      candidates.push({ operation, execution: executed(request.change) });
    }
    const own = candidates.length > 0 || cxid !== 0 ? undefined : ownRequest(message);
    if (own !== undefined) candidates.push({ operation: undefined, execution: executed(own) });
    return candidates;
  }

  /** Whether the error says nothing of the tree, and may be right. */
  #isExcused(err: number, operation: Operation): boolean {
    switch (err) {
      case ErrorCode.SESSIONMOVED:
        return this.#hasMoved(operation);
      case ErrorCode.THROTTLEDOP:
      case ErrorCode.MARSHALLINGERROR:
        return true;
      default:
        return false;
    }
  }

  /** Whether the session was ever heard of at another server. */
  #hasMoved({ request, sid }: Operation): boolean {
    if (request.kind !== "submit") return false;
    const sids = this.#operations.serversOf(request.change.sessionId);
    return sids.size > (sids.has(sid) ? 1 : 0);
  }
}

interface Candidate {
  readonly operation: Operation | undefined;
  readonly execution: Execution;
}

function isSameRequest({ request: one }: Operation, { request: other }: Operation): boolean {
  return (
    one.kind === "submit" &&
    other.kind === "submit" &&
    one.change.sessionId === other.change.sessionId &&
    one.change.cxid === other.change.cxid &&
    one.change.opCode === other.change.opCode &&
    equalBytes(one.change.body, other.change.body)
  );
}

/** A request of a server itself that came too late for what it was about. Which one is not told. */
function isOwnFailure(message: TxnMessage): boolean {
  const { clientId, cxid } = message.header;
  return message.type === OpCode.error && clientId === 0n && cxid === 0;
}

/** What servers ask of themselves: that a session ends, or that a znode goes whose time is over. */
function ownRequest(message: TxnMessage): ChangeRequest | undefined {
  const { clientId: sessionId, cxid } = message.header;
  const request = { sessionId, cxid, authInfo: [] };
  switch (message.type) {
    case OpCode.closeSession:
      return { ...request, opCode: OpCode.closeSession, body: new Uint8Array(0) };
    case OpCode.deleteContainer: {
      const path = message.body.path ?? "";
      return { ...request, opCode: OpCode.deleteContainer, body: textBytes(path) };
    }
    default:
      return undefined;
  }
}

/** A text as records hold it: its length, and one byte a letter. */
function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setInt32(0, text.length);
  for (let at = 0; at < text.length; at += 1) bytes[4 + at] = text.charCodeAt(at);
  return bytes;
}

/** The first error that a txn holds. */
function errorOf(message: TxnMessage): number {
  if (message.type === OpCode.error) return message.body.err;
  if (message.type !== OpCode.multi) return ErrorCode.OK;
  for (const part of unpackMultiTxn(message.body))
    if (part.type === OpCode.error && part.body.err !== ErrorCode.OK) return part.body.err;
  return ErrorCode.OK;
}

function fits(message: TxnMessage, { err, path }: ExpectedOutcome): boolean {
  if (errorOf(message) !== err) return false;
  if (err !== ErrorCode.OK || path === undefined) return true;
  return pathOf(message) === path;
}

function pathOf({ body }: TxnMessage): string | undefined {
  return body !== null && "path" in body ? (body.path ?? undefined) : undefined;
}

function described(err: number, path: string | undefined): string {
  if (err !== ErrorCode.OK) return `error ${err}`;
  return path === undefined ? "success" : `success with ${path}`;
}

const UNCHANGED: TreeChange = { znodes: new Map(), sessions: new Map() };
