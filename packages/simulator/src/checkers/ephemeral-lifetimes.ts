/**
 * EphemeralLifetimes: an ephemeral znode lives as long as its session: only an open session makes
 * one, the session's end takes exactly those that are left, once, and in the end
 * no member has one of a session that is closed.
 */
import { formatZxid, OpCode, type TxnMessage, unpackMultiTxn, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { CommittedTxn, CommittedTxns } from "../model/committed-txns.js";

type Change = Pick<TxnMessage, "type" | "body"> | ReturnType<typeof unpackMultiTxn>[number];

export class EphemeralLifetimes implements Checker {
  readonly name = "ephemeral-lifetimes";
  readonly watches = ["changed"] as const;
  readonly #committed: CommittedTxns;
  readonly #open = new Map<bigint, Set<string>>();
  readonly #closed = new Set<bigint>();
  readonly #owners = new Map<string, bigint>();

  readonly #maxTxnBytes: number;

  constructor(committed: CommittedTxns, maxTxnBytes: number = Infinity) {
    this.#committed = committed;
    this.#maxTxnBytes = maxTxnBytes;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const txn of this.#committed.fresh) this.#onTxn(txn);
  }

  atEnd(world: WorldView): void {
    for (const { sid, tree } of world.peers.values()) {
      if (tree === undefined) continue;
      for (const sessionId of this.#closed) {
        const [path] = tree.ephemeralsOf(sessionId);
        if (path !== undefined)
          throw violation(`${sid} has ${path} of session ${sessionId}, which is closed`);
      }
      for (const [path, owner] of this.#owners) {
        if (tree.getNode(path)?.stat.ephemeralOwner !== owner)
          throw violation(`${sid} lacks ${path} of session ${owner}, which is open`);
      }
    }
  }

  #onTxn({ zxid, message }: CommittedTxn): void {
    const { header } = message;
    switch (message.type) {
      case OpCode.createSession:
        this.#closed.delete(header.clientId);
        if (!this.#open.has(header.clientId)) this.#open.set(header.clientId, new Set());
        return;
      case OpCode.closeSession:
        this.#onClose(zxid, header.clientId, message.body?.paths2Delete ?? []);
        return;
      case OpCode.multi: {
        const parts = unpackMultiTxn(message.body);
        if (parts.some(({ type }) => type === OpCode.error)) return;
        for (const part of parts) this.#onChange(zxid, header.clientId, part);
        return;
      }
      default:
        this.#onChange(zxid, header.clientId, message);
    }
  }

  #onChange(zxid: Zxid, sessionId: bigint, change: Change): void {
    if (change.type === OpCode.create || change.type === OpCode.create2) {
      const { path, ephemeral } = change.body as { path: string | null; ephemeral?: boolean };
      if (ephemeral !== true || path === null) return;
      const paths = this.#open.get(sessionId);
      if (paths === undefined)
        throw violation(
          `${formatZxid(zxid)} makes ${path} for session ${sessionId}, which is not open`,
        );
      paths.add(path);
      this.#owners.set(path, sessionId);
    } else if (change.type === OpCode.delete) {
      const path = (change.body as { path: string | null }).path ?? "";
      const owner = this.#owners.get(path);
      if (owner !== undefined) this.#open.get(owner)?.delete(path);
      this.#owners.delete(path);
    }
  }

  #onClose(zxid: Zxid, sessionId: bigint, listed: readonly (string | null)[]): void {
    const left = this.#open.get(sessionId) ?? new Set<string>();
    const taken = new Set(listed.map((path) => path ?? ""));
    const missed = [...left].find((path) => !taken.has(path));
    if (missed !== undefined && this.#hasRoom([...taken, missed]))
      throw violation(`${formatZxid(zxid)} closes session ${sessionId}, but leaves ${missed}`);
    const foreign = [...taken].find((path) => !left.has(path));
    if (foreign !== undefined)
      throw violation(
        `${formatZxid(zxid)} closes session ${sessionId} and takes ${foreign}, which it does not have`,
      );
    for (const path of left) this.#owners.delete(path);
    this.#open.delete(sessionId);
    this.#closed.add(sessionId);
  }

  /** Whether a closeSession may list these. What it has no room for goes too, as `atEnd` sees to. */
  #hasRoom(paths: readonly string[]): boolean {
    const listBytes = paths.reduce((bytes, path) => bytes + 4 + path.length, 0);
    return CLOSE_SESSION_BYTES + listBytes <= this.#maxTxnBytes;
  }
}

/** Header, count and digest. */
const CLOSE_SESSION_BYTES = 32 + 4 + 12;

function violation(text: string): InvariantViolation {
  return new InvariantViolation("EphemeralLifetimes", text);
}
