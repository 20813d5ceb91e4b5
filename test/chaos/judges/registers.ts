/**
 * Whether any order at all explains what became of the sets of each register, and what
 * was read after one's own: a search that knows nothing of zxids.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import {
  checkLinearizability,
  type TimedOperation,
} from "../../../packages/simulator/src/model/linearizability.js";
import {
  registerModel,
  type RegisterOperation,
  type RegisterOutcome,
} from "../../../packages/simulator/src/model/register-model.js";
import { type Entry, isOperation, type Outcome } from "../clients/history.js";
import { REGISTERS } from "../clients/znodes.js";

export interface RegisterVerdict {
  readonly violations: readonly string[];
  /** How many registers had a history for which the search was given up. */
  readonly undecided: number;
}

export function judgeRegisters(entries: readonly Entry[]): RegisterVerdict {
  const violations: string[] = [];
  let undecided = 0;
  for (const path of REGISTERS) {
    const history = setsOf(entries, path);
    const result = checkLinearizability(registerModel, history, MAX_CONFIGURATIONS);
    if (result.kind === "undecided") undecided++;
    if (result.kind !== "violated") continue;
    violations.push(
      `no order of ${history.length} sets of ${path} explains ${JSON.stringify(result.stuck)}; ${result.explained.length} are explained before it`,
    );
  }
  return { violations, undecided };
}

function setsOf(entries: readonly Entry[], path: string): TimedOperation<RegisterOperation>[] {
  const made = { kind: "create", value: "", outcome: { kind: "ok" } } as const;
  const sets = entries.filter(isOperation).flatMap((entry) => {
    const { request, outcome, called, returned } = entry;
    if (request.op !== "set" || request.path !== path) return [];
    const { value, version: expectedVersion } = request;
    const operation = { kind: "set", value, expectedVersion, outcome: asked(outcome) } as const;
    return [{ operation, called, returned: outcome.kind === "unknown" ? undefined : returned }];
  });
  return [{ operation: made, called: -2, returned: -1 }, ...sets];
}

function asked(outcome: Outcome): RegisterOutcome {
  if (outcome.kind === "unknown") return { kind: "unknown" };
  if (outcome.kind === "ok") {
    return { kind: "ok", ...(outcome.found && { version: outcome.found.version }) };
  }
  if (outcome.err === ErrorCode.BADVERSION) return { kind: "badVersion" };
  return { kind: "missing" };
}

const MAX_CONFIGURATIONS = 200_000;
