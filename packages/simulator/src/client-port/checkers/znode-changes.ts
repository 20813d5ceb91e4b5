/**
 * What committed txns have done to znodes, change by change, as watches see it: each
 * with the access control lists that decide who hears of it. Judges nothing.
 */
import { OpCode, type TxnMessage, unpackMultiTxn, type Zxid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import type { Checker, Observation } from "../../checkers/checker.js";
import type { CommittedTxns } from "../../model/committed-txns.js";
import { type AclModel, parentOf } from "../../model/znode-model.js";

export interface ChangeOfZnode {
  readonly kind: "created" | "changed" | "deleted";
  readonly path: string;
  /** The znode's own: as it was before, if it is gone. */
  readonly acl: readonly AclModel[];
  readonly parentAcl: readonly AclModel[];
}

export interface ChangesOfTxn {
  readonly zxid: Zxid;
  readonly changes: readonly ChangeOfZnode[];
  /** Whether the changes may come in any order. */
  readonly isUnordered: boolean;
}

type Part = Pick<TxnMessage, "type" | "body"> | ReturnType<typeof unpackMultiTxn>[number];

export class GhostZnodeChanges implements Checker {
  readonly name = "ghost-znode-changes";
  readonly watches = ["changed"] as const;
  readonly #committed: CommittedTxns;
  readonly #requests: CommittedRequests;
  readonly #txns: ChangesOfTxn[] = [];

  constructor(committed: CommittedTxns, requests: CommittedRequests) {
    this.#committed = committed;
    this.#requests = requests;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step" || this.#requests.isLost) return;
    for (const { zxid, message } of this.#committed.fresh) {
      const changes = this.#changesOf(zxid, message);
      const isUnordered = message.type === OpCode.closeSession;
      if (changes.length > 0) this.#txns.push({ zxid, changes, isUnordered });
    }
  }

  /** The txns that changed znodes, from the nth on up to a zxid. */
  *between(from: number, zxid: Zxid): Generator<ChangesOfTxn, void, undefined> {
    for (let at = from; at < this.#txns.length; at += 1) {
      const txn = this.#txns[at];
      if (txn === undefined || txn.zxid > zxid) return;
      yield txn;
    }
  }

  /** How many of them there are up to a zxid. */
  countUpTo(zxid: Zxid): number {
    let [low, high] = [0, this.#txns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#txns[middle]?.zxid ?? 0n) <= zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #changesOf(zxid: Zxid, message: TxnMessage): readonly ChangeOfZnode[] {
    const { tree } = this.#requests;
    switch (message.type) {
      case OpCode.multi: {
        const parts = unpackMultiTxn(message.body);
        if (parts.some(({ type }) => type === OpCode.error)) return NONE;
        // What one part creates another may delete, so lists are those of the moment.
        const created = new Map<string, readonly AclModel[]>();
        return parts.flatMap((part) => this.#changeOf(zxid, part, created));
      }
      case OpCode.closeSession: {
        const gone = [...(tree.changeOf(zxid)?.znodes ?? [])].filter(
          ([, znode]) => znode === undefined,
        );
        return gone.map(([path]) => this.#change("deleted", zxid, path, new Map()));
      }
      default:
        return this.#changeOf(zxid, message, new Map());
    }
  }

  #changeOf(
    zxid: Zxid,
    part: Part,
    created: Map<string, readonly AclModel[]>,
  ): readonly ChangeOfZnode[] {
    const { type, body } = part;
    const path = body !== null && "path" in body ? (body.path ?? "") : "";
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        created.set(path, aclOf(body));
        return [this.#change("created", zxid, path, created)];
      case OpCode.setData:
        return [this.#change("changed", zxid, path, created)];
      case OpCode.delete:
      case OpCode.deleteContainer:
        return [this.#change("deleted", zxid, path, created)];
      default:
        return NONE;
    }
  }

  #change(
    kind: ChangeOfZnode["kind"],
    zxid: Zxid,
    path: string,
    created: ReadonlyMap<string, readonly AclModel[]>,
  ): ChangeOfZnode {
    const listOf = (of: string): readonly AclModel[] =>
      created.get(of) ?? this.#requests.tree.znode(of, zxid - 1n)?.acl ?? [];
    return { kind, path, acl: listOf(path), parentAcl: listOf(parentOf(path)) };
  }
}

function aclOf(body: Part["body"]): readonly AclModel[] {
  if (body === null || !("acl" in body)) return [];
  return (body.acl ?? []).map(({ perms, id }) => ({
    perms,
    scheme: id.scheme ?? "",
    id: id.id ?? "",
  }));
}

const NONE: readonly ChangeOfZnode[] = [];
