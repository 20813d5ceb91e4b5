/**
 * CommittedRequests: each committed txn is one request, and says what the
 * documentation makes of it there: done, or refused with the one error that is
 * found first. Carries out each request on a model of the tree, by which other
 * checkers judge answers and trees.
 *
 * Two errors say nothing of the tree: that a session's client talks to another
 * server by now, and that a server has too much to do.
 */
import {
  counterOf,
  DeleteTxn,
  ErrorCode,
  formatZxid,
  NO_TXN,
  OpCode,
  type Sid,
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
  type Moment,
} from "../model/request-model.js";
import { type TreeChange, TreeModel } from "../model/tree-model.js";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export interface CommittedOptions extends ModelOptions {
  /** Where sessions may be known to one server alone: who made a txn. Undefined: all servers know all sessions. */
  readonly leaderOf?: ((zxid: Zxid) => Sid | undefined) | undefined;
}

export class CommittedRequests implements Checker {
  readonly name = "committed-requests";
  readonly watches = ["changed", "interference"] as const;
  /** What all committed requests have made, by the documentation. */
  readonly tree: TreeModel = new TreeModel();
  readonly #operations: GhostOperations;
  readonly #committed: CommittedTxns;
  readonly #options: CommittedOptions;
  readonly #outcomes = new Map<Zxid, ExpectedOutcome>();
  /** The txns that have outcomes, oldest first. */
  readonly #order: Zxid[] = [];
  readonly #operationAt = new Map<Zxid, OperationId>();
  readonly #done = new Set<OperationId>();
  /** What leaders had applied when they made each txn: the last one before that step, and the last one after it. */
  readonly #appliedAt = new Map<Zxid, readonly [Zxid, Zxid]>();
  #mayBeLost = false;
  #isLost = false;

  constructor(operations: GhostOperations, committed: CommittedTxns, options: CommittedOptions) {
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

  /** Whether the state at this txn is one that the ensemble agrees on, as far as is known. */
  isAgreed(zxid: Zxid): boolean {
    return zxid === NO_TXN || this.#outcomes.has(zxid);
  }

  /** The txns after this one that are committed, oldest first. */
  committedAfter(zxid: Zxid): readonly Zxid[] {
    let first = this.#order.length;
    // From the latest back: whoever asks knows all but few.
    while ((this.#order[first - 1] ?? zxid) > zxid) first -= 1;
    return this.#order.slice(first);
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
    if (this.#options.enforcesQuotas) this.#noteProposed(observation);
    for (const txn of this.#committed.fresh) this.#onTxn(txn);
  }

  #noteProposed({ before, after }: Extract<Observation, { kind: "step" }>): void {
    const { lastLoggedZxid: last } = after;
    if (before.role !== "leading" || last <= before.lastLoggedZxid) return;
    const applied = [before.lastProcessedZxid, after.lastProcessedZxid] as const;
    const isNew = (zxid: Zxid): boolean => zxid > before.lastLoggedZxid && counterOf(zxid) > 0;
    for (let zxid = last; isNew(zxid); zxid -= 1n) this.#appliedAt.set(zxid, applied);
  }

  /** All that the leader may have applied when it made a txn; undefined stands for everything before it. */
  #appliedBefore(zxid: Zxid): readonly (Zxid | undefined)[] {
    const [first, last] = this.#appliedAt.get(zxid) ?? [];
    if (first === undefined || last === undefined) return [undefined];
    return [first, ...this.committedAfter(first).filter((each) => each <= last)];
  }

  #onTxn(txn: CommittedTxn): void {
    const { zxid, message } = txn;
    const { clientId, cxid } = message.header;
    if (isOwnFailure(message)) {
      this.#note(zxid, { outcome: { err: errorOf(message) }, change: UNCHANGED });
      return;
    }
    const found = this.#find(txn);
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
    this.#order.push(zxid);
    this.tree.commit(zxid, change);
  }

  /** The first candidate that comes to this txn, or else the first of all. */
  #find(txn: CommittedTxn): Found | undefined {
    let first: Found | undefined;
    for (const { operation, request, moment } of this.#candidates(txn)) {
      const execution = execute(this.tree, request, moment, this.#options);
      if (fits(txn.message, execution.outcome)) return { operation, execution };
      first ??= { operation, execution };
    }
    return first;
  }

  /** What this txn can be the outcome of: requests of clients that are not done, oldest first, or one of a server. */
  #candidates({ zxid, message }: CommittedTxn): Candidate[] {
    const { clientId, cxid, time: timeMs } = message.header;
    const moments = this.#appliedBefore(zxid).flatMap((appliedZxid) =>
      this.#waysToKnow(clientId, zxid).map((mayBeLocal) => ({
        zxid,
        timeMs,
        mayBeLocal,
        ...(appliedZxid === undefined ? {} : { appliedZxid }),
      })),
    );
    const candidates: Candidate[] = [];
    const add = (operation: Operation | undefined, request: ChangeRequest): void => {
      for (const moment of moments) candidates.push({ operation, request, moment });
    };
    for (const operation of this.#operations.submitted(clientId, cxid)) {
      const { request } = operation;
      if (request.kind !== "submit" || this.#done.has(operation.id)) continue;
      if (operation.answer?.kind === "refused") continue;
      if (message.type !== OpCode.error && message.type !== request.change.opCode) continue;
      add(operation, request.change);
    }
    const own = candidates.length > 0 || cxid !== 0 ? undefined : ownRequest(message);
    if (own !== undefined) add(undefined, own);
    return candidates;
  }

  /**
   * Whether the leader may have taken a session for one that only another server knows: one that it
   * has never heard of, and one that has ended, as soon as it is forgotten. Its own it remembers by
   * their number.
   */
  #waysToKnow(sessionId: bigint, zxid: Zxid): readonly boolean[] {
    const { leaderOf } = this.#options;
    if (leaderOf === undefined || this.tree.session(sessionId) !== undefined) return [false];
    if (!this.tree.hadSession(sessionId)) return [true];
    return BigInt.asIntN(64, sessionId) >> SERVER_BITS === leaderOf(zxid) ? [false] : [false, true];
  }

  /** Whether the error says nothing of the tree, and may be right. */
  #isExcused(err: number, operation: Operation): boolean {
    switch (err) {
      case ErrorCode.SESSIONMOVED:
        return this.#hasMoved(operation);
      case ErrorCode.THROTTLEDOP:
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
  readonly request: ChangeRequest;
  readonly moment: Moment;
}

interface Found {
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
      return { ...request, opCode: OpCode.deleteContainer, body: DeleteTxn.encode({ path }) };
    }
    default:
      return undefined;
  }
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

/** Below the number of the server at which a session began. */
const SERVER_BITS = 56n;

const UNCHANGED: TreeChange = { znodes: new Map(), sessions: new Map() };
