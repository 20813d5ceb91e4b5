/** SequentialNames: sequential names are unique and rise in the order of their txns, and a client is told the name that its znode got. */
import { formatZxid, OpCode, type TxnMessage, unpackMultiTxn, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { SEQUENCES } from "../clients/paths.js";
import type { CommittedTxns } from "../model/committed-txns.js";

export class SequentialNames implements Checker {
  readonly name = "sequential-names";
  readonly watches = ["changed", "return"] as const;
  readonly #committed: CommittedTxns;
  readonly #pathAt = new Map<Zxid, string>();
  #last = -1;

  constructor(committed: CommittedTxns) {
    this.#committed = committed;
  }

  observe(observation: Observation): void {
    if (observation.kind === "step") {
      for (const { zxid, message } of this.#committed.fresh)
        for (const path of createdIn(message)) this.#judgeName(zxid, path);
    } else if (observation.kind === "return" && observation.answer.kind === "applied") {
      const { txn, result } = observation.answer;
      const path = this.#pathAt.get(txn.zxid);
      if (path === undefined || result.path === undefined || result.path === path) return;
      throw new InvariantViolation(
        "SequentialNames",
        `operation ${observation.operation} is answered with the name ${result.path}, but ${formatZxid(txn.zxid)} made ${path}`,
      );
    }
  }

  #judgeName(zxid: Zxid, path: string): void {
    if (!path.startsWith(`${SEQUENCES}/`)) return;
    this.#pathAt.set(zxid, path);
    const digits = /(\d{10})$/.exec(path)?.[1];
    if (digits === undefined)
      throw new InvariantViolation(
        "SequentialNames",
        `${formatZxid(zxid)} makes ${path}, without ten digits`,
      );
    const number = Number(digits);
    if (number <= this.#last) {
      const text = `${formatZxid(zxid)} makes ${path}, after number ${this.#last}`;
      throw new InvariantViolation("SequentialNames", text);
    }
    this.#last = number;
  }
}

function createdIn(message: TxnMessage): readonly string[] {
  switch (message.type) {
    case OpCode.create:
    case OpCode.create2:
      return [message.body.path ?? ""];
    case OpCode.multi: {
      const parts = unpackMultiTxn(message.body);
      if (parts.some(({ type }) => type === OpCode.error)) return [];
      return parts.flatMap((part) =>
        part.type === OpCode.create || part.type === OpCode.create2 ? [part.body.path ?? ""] : [],
      );
    }
    default:
      return [];
  }
}
