/**
 * ConsistentRegisters: writes are linearizable, and reads show what a prefix of the writes has
 * made. Two checks that know different things: one compares zxids with real time
 * and reads with the committed txns as they happen; the other, in the end, knows
 * nothing of zxids and searches for an order that explains what clients saw.
 */
import { formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { CommittedTxns } from "../model/committed-txns.js";
import type { GhostOperations } from "../model/ghost-operations.js";
import { checkLinearizability } from "../model/linearizability.js";
import { RegisterHistory } from "../model/register-history.js";
import { asciiText } from "../clients/change-requests.js";
import { isRegister } from "../clients/paths.js";
import { isZnodeRead } from "../clients/reads.js";
import { registerModel, type RegisterState } from "../model/register-model.js";
import { registerOperations } from "../model/register-operations.js";

export class ConsistentRegisters implements Checker {
  readonly name = "consistent-registers";
  readonly watches = ["changed", "return"] as const;
  readonly #operations: GhostOperations;
  readonly #committed: CommittedTxns;
  readonly #registers = new RegisterHistory();

  constructor(operations: GhostOperations, committed: CommittedTxns) {
    this.#operations = operations;
    this.#committed = committed;
  }

  observe(observation: Observation): void {
    if (observation.kind === "step") {
      for (const { zxid, message } of this.#committed.fresh) this.#registers.add(zxid, message);
    } else if (observation.kind === "return") {
      const { request, answer } = observation;
      if (answer.kind === "applied") this.#judgeRealTime(observation.operation, answer.txn.zxid);
      else if (answer.kind === "value" && request.kind === "read" && isRegister(request.what))
        judgeRead(request.what, answer, this.#registers.at(request.what, answer.zxid));
    }
  }

  atEnd(): void {
    for (const [path, history] of registerOperations(this.#operations.all)) {
      const result = checkLinearizability(registerModel, history, MAX_CONFIGURATIONS);
      // A search that was given up shows nothing; the check of zxids has judged these operations too.
      if (result.kind !== "violated") continue;
      const stuck = JSON.stringify(result.stuck);
      const text = `no order of ${history.length} operations on ${path} explains ${stuck}; ${result.explained.length} can be explained before it`;
      throw new InvariantViolation("ConsistentRegisters", text);
    }
  }

  /** A write that begins after another has returned comes after it. */
  #judgeRealTime(id: number, zxid: bigint): void {
    const { knownZxid } = this.#operations.get(id);
    if (zxid > knownZxid) return;
    throw new InvariantViolation(
      "ConsistentRegisters",
      `operation ${id} was carried out as ${formatZxid(zxid)}, but ${formatZxid(knownZxid)} was known before it was asked for`,
    );
  }
}

function judgeRead(
  path: string,
  { value, zxid }: { readonly value: unknown; readonly zxid: bigint },
  expected: RegisterState,
): void {
  const znode = isZnodeRead(value) ? value.znode : undefined;
  const found: RegisterState = znode && {
    value: asciiText(znode.data),
    version: znode.stat.version,
  };
  if (found?.value === expected?.value && found?.version === expected?.version) return;
  throw new InvariantViolation(
    "ConsistentRegisters",
    `a read of ${path} at ${formatZxid(zxid)} finds ${described(found)}, but the committed txns made ${described(expected)}`,
  );
}

function described(state: RegisterState): string {
  return state === undefined ? "nothing" : `${state.value} of version ${state.version}`;
}

/** Enough for nearly all histories: those with many writes of unknown outcome at once are given up. */
const MAX_CONFIGURATIONS = 20_000;
