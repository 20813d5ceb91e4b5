/**
 * DocumentedAnswers: what a client is told is what the documentation says of its
 * request at that place of the history: error code, path with its number, every
 * field of the stat, every part of a multi; and a read shows the znode as it is
 * after what was committed then, with its access control list.
 */
import { formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { isZnodeRead, type ReadZnode } from "../clients/reads.js";
import { differenceOfOutcomes } from "../model/outcome-comparison.js";
import { differenceOfZnodes } from "../model/tree-comparison.js";
import type { CommittedRequests } from "./committed-requests.js";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

type Return = Extract<Observation, { kind: "return" }>;

export class DocumentedAnswers implements Checker {
  readonly name = "documented-answers";
  readonly watches = ["return"] as const;
  readonly #requests: CommittedRequests;

  constructor(requests: CommittedRequests) {
    this.#requests = requests;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "return" || this.#requests.isLost) return;
    const difference = this.#differenceOf(observation);
    if (difference === undefined) return;
    throw new InvariantViolation(
      "DocumentedAnswers",
      `operation ${observation.operation} of ${observation.client} at server ${observation.sid} is answered wrongly: ${difference}`,
    );
  }

  #differenceOf({ operation, request, answer }: Return): string | undefined {
    if (answer.kind === "applied") return this.#differenceOfResult(operation, answer);
    if (answer.kind !== "value" || request.kind !== "read") return undefined;
    const { value, zxid } = answer;
    return isZnodeRead(value) ? this.#differenceOfRead(request.what, value.znode, zxid) : undefined;
  }

  #differenceOfResult(
    operation: number,
    { txn, result }: Extract<Return["answer"], { kind: "applied" }>,
  ): string | undefined {
    const expected = this.#requests.outcomeOf(txn.zxid);
    // What is not committed is judged elsewhere.
    if (expected === undefined) return undefined;
    if (!this.#requests.claim(txn.zxid, operation)) {
      const other = this.#requests.operationOf(txn.zxid);
      return `${formatZxid(txn.zxid)} is what became of operation ${other ?? "none"}`;
    }
    return differenceOfOutcomes(expected, result);
  }

  #differenceOfRead(path: string, found: ReadZnode | undefined, zxid: Zxid): string | undefined {
    const expected = this.#requests.tree.znode(path, zxid);
    const difference = differenceOfZnodes(expected, found);
    return difference === undefined
      ? undefined
      : `at ${formatZxid(zxid)} it finds that ${path} ${difference}`;
  }
}
