/**
 * The operations of clients on registers, as the sequential model of a register
 * knows them: what was asked, and what the answer told. A multi on several
 * registers is an operation on each; that they happen at once is not told here.
 */
import {
  CreateRequest,
  DeleteRequest,
  ErrorCode,
  type MultiOperation,
  OpCode,
  SetDataRequest,
} from "@jute-ts/zookeeper";
import type { ChangeRequest, TxnResult } from "@jute-ts/quorum";
import type { ClientAnswer } from "../clients/client.js";
import { asciiText } from "../clients/change-requests.js";
import { isRegister } from "../clients/paths.js";
import { readRequest } from "./asked.js";
import type { Operation } from "./ghost-operations.js";
import type { TimedOperation } from "./linearizability.js";
import type { RegisterOperation, RegisterOutcome } from "./register-model.js";

type Write = Exclude<RegisterOperation, { kind: "read" }>;

/** For each register, the history of the operations on it. Those that surely had no effect and told nothing are left out. */
export function registerOperations(
  operations: Iterable<Operation>,
): ReadonlyMap<string, readonly TimedOperation<RegisterOperation>[]> {
  const histories = new Map<string, TimedOperation<RegisterOperation>[]>();
  for (const { request, answer, invoked, returned } of operations) {
    if (request.kind !== "submit") continue;
    for (const { path, operation } of partsOf(request.change, answer)) {
      if (!isRegister(path)) continue;
      const isUnknown = operation.kind !== "read" && operation.outcome.kind === "unknown";
      const timed = { operation, called: invoked, returned: isUnknown ? undefined : returned };
      const history = histories.get(path);
      if (history === undefined) histories.set(path, [timed]);
      else history.push(timed);
    }
  }
  return histories;
}

interface Part {
  readonly path: string;
  readonly operation: RegisterOperation;
}

function partsOf(change: ChangeRequest, answer: ClientAnswer | undefined): readonly Part[] {
  if (answer?.kind === "refused") return [];
  const result = answer?.kind === "applied" ? answer.result : undefined;
  if (change.opCode !== OpCode.multi) return partOf(change.opCode, change.body, result);
  const operations = multiOperations(change.body);
  // Parts of one multi that share a register happen one after the other at once, which the model of single operations cannot say.
  const paths = operations.map(({ body }) => body.path ?? "");
  return operations.flatMap((operation, index) => {
    const path = paths[index] ?? "";
    if (paths.indexOf(path) !== paths.lastIndexOf(path)) return unknownWrite(path, operation);
    const part = result?.parts?.[index];
    if (result !== undefined && part === undefined) return [];
    return multiPart(path, operation, part);
  });
}

function partOf(opCode: number, body: Uint8Array, result: TxnResult | undefined): readonly Part[] {
  switch (opCode) {
    case OpCode.create2: {
      const { path, data } = CreateRequest.decode(body);
      return write(
        path ?? "",
        { kind: "create", value: asciiText(data), outcome: UNKNOWN },
        result,
      );
    }
    case OpCode.setData: {
      const { path, data, version } = SetDataRequest.decode(body);
      const value = asciiText(data);
      return write(
        path ?? "",
        { kind: "set", value, expectedVersion: version, outcome: UNKNOWN },
        result,
      );
    }
    case OpCode.delete: {
      const { path, version } = DeleteRequest.decode(body);
      return write(
        path ?? "",
        { kind: "delete", expectedVersion: version, outcome: UNKNOWN },
        result,
      );
    }
    default:
      return [];
  }
}

function multiPart(
  path: string,
  operation: MultiOperation,
  result: TxnResult | undefined,
): readonly Part[] {
  const asked = writeOf(operation);
  return asked === undefined ? [] : write(path, asked, result);
}

/** An operation that may have happened as often as the multi has it: as an unknown one it constrains nothing, but explains what is seen. */
function unknownWrite(path: string, operation: MultiOperation): readonly Part[] {
  const asked = writeOf(operation);
  return asked === undefined || asked.kind === "check" ? [] : [{ path, operation: asked }];
}

function writeOf(operation: MultiOperation): Write | undefined {
  switch (operation.type) {
    case OpCode.create:
      return { kind: "create", value: asciiText(operation.body.data), outcome: UNKNOWN };
    case OpCode.setData:
      return {
        kind: "set",
        value: asciiText(operation.body.data),
        expectedVersion: operation.body.version,
        outcome: UNKNOWN,
      };
    case OpCode.delete:
      return { kind: "delete", expectedVersion: operation.body.version, outcome: UNKNOWN };
    case OpCode.check:
      return { kind: "check", expectedVersion: operation.body.version, outcome: UNKNOWN };
    default:
      return undefined;
  }
}

/** The write with what the result tells. A failure that does not speak of the znode tells nothing and did nothing. */
function write(path: string, asked: Write, result: TxnResult | undefined): readonly Part[] {
  if (result === undefined) return [{ path, operation: asked }];
  const outcome = outcomeOf(result);
  // What a create misses is the parent: nobody has made it yet.
  const saysNothing = asked.kind === "create" && outcome?.kind === "missing";
  return outcome === undefined || saysNothing ? [] : [{ path, operation: { ...asked, outcome } }];
}

function outcomeOf({ err, type, stat }: TxnResult): RegisterOutcome | undefined {
  switch (err) {
    case ErrorCode.OK:
      // In a failed multi, the parts before the culprit have no error and did nothing.
      if (type === OpCode.error) return undefined;
      return stat === undefined || type === OpCode.delete
        ? { kind: "ok" }
        : { kind: "ok", version: stat.version };
    case ErrorCode.NODEEXISTS:
      return { kind: "exists" };
    case ErrorCode.NONODE:
      return { kind: "missing" };
    case ErrorCode.BADVERSION:
      return { kind: "badVersion" };
    default:
      return undefined;
  }
}

function multiOperations(body: Uint8Array): readonly MultiOperation[] {
  const request = readRequest({ cxid: 0, opCode: OpCode.multi, body });
  return typeof request === "object" && request.type === OpCode.multi ? request.body : [];
}

const UNKNOWN = { kind: "unknown" } as const;
