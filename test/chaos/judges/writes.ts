/**
 * Whether writes took place one after the other, each between its call and its return,
 * in the order of their zxids; and those of one session in the order in which they were
 * asked for. Knows zxids and real time, and no znodes but their versions.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import {
  type Entry,
  isOperation,
  nameOf,
  type Operation,
  type SessionInfo,
} from "../clients/history.js";
import { isTurn } from "../clients/znodes.js";

/** A write that was acknowledged, and whose zxid is known. */
export interface Write {
  readonly operation: Operation;
  readonly path: string;
  readonly zxid: bigint;
}

/** By zxid. */
export function writesOf(entries: readonly Entry[]): readonly Write[] {
  return entries
    .filter(isOperation)
    .flatMap((operation): Write[] => {
      const zxid = zxidOf(operation);
      const { request, outcome } = operation;
      if (zxid === undefined || outcome.kind !== "ok" || !("path" in request)) return [];
      return [{ operation, path: outcome.path ?? request.path, zxid }];
    })
    .sort((a, b) => (a.zxid < b.zxid ? -1 : a.zxid > b.zxid ? 1 : 0));
}

/** What is wrong with the writes, a line each. */
export function judgeWrites(entries: readonly Entry[]): readonly string[] {
  const operations = entries.filter(isOperation);
  const writes = writesOf(entries);
  return [
    ...judgeRefusals(operations),
    ...judgeUniqueness(writes),
    ...judgeRealTime(operations),
    ...judgeSessions(operations),
    ...judgeVersions(writes),
  ];
}

/** The zxid of a write that was done, where its answer tells it. */
export function zxidOf({ request, outcome }: Operation): bigint | undefined {
  if (outcome.kind !== "ok") return undefined;
  switch (request.op) {
    case "create":
      return outcome.found?.czxid;
    case "set":
      return outcome.found?.mzxid;
    case "delete":
      return outcome.zxid;
    default:
      return undefined;
  }
}

/** The newest txn of which an answer tells; 0n for none. */
export function newestIn({ outcome }: Operation): bigint {
  if (outcome.kind === "unknown") return 0n;
  const zxids = [outcome.zxid ?? 0n];
  if (outcome.kind === "ok" && outcome.found !== undefined) {
    const { czxid, mzxid, pzxid } = outcome.found;
    zxids.push(czxid, mzxid, pzxid);
  }
  return zxids.reduce((a, b) => (a > b ? a : b));
}

export function describe({ session, request }: Operation): string {
  const path = "path" in request ? ` ${request.path}` : "";
  return `${request.op}${path} of ${nameOf(session)}`;
}

export function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}

/** Nothing is refused but what the load makes fail. */
function judgeRefusals(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((operation) => {
    const { request, outcome } = operation;
    if (outcome.kind !== "refused" || mayFail(request, outcome.err)) return [];
    return [`${describe(operation)} was refused with ${outcome.err}`];
  });
}

function mayFail(request: Operation["request"], err: number): boolean {
  switch (request.op) {
    case "set":
      return request.version !== -1 && err === ErrorCode.BADVERSION;
    case "create":
      return isTurn(request.path) && err === ErrorCode.NODEEXISTS;
    case "delete":
    case "exists":
      return isTurn(request.path) && err === ErrorCode.NONODE;
    default:
      return false;
  }
}

function judgeUniqueness(writes: readonly Write[]): readonly string[] {
  return writes.flatMap((write, index) => {
    const next = writes[index + 1];
    if (next?.zxid !== write.zxid) return [];
    return [
      `${describe(write.operation)} and ${describe(next.operation)} are both ${hex(write.zxid)}`,
    ];
  });
}

/** A write that begins after anyone was told of a txn comes after that txn. */
function judgeRealTime(operations: readonly Operation[]): readonly string[] {
  const events = operations
    .flatMap((operation) => [
      { position: operation.called, operation, isCall: true },
      { position: operation.returned, operation, isCall: false },
    ])
    .sort((a, b) => a.position - b.position);
  const violations: string[] = [];
  const knownBefore = new Map<Operation, bigint>();
  let known = 0n;
  for (const { operation, isCall } of events) {
    if (isCall) {
      knownBefore.set(operation, known);
      continue;
    }
    const zxid = zxidOf(operation);
    const before = knownBefore.get(operation) ?? 0n;
    if (zxid !== undefined && zxid <= before) {
      violations.push(
        `${describe(operation)} is ${hex(zxid)}, but ${hex(before)} was known before it was asked for`,
      );
    }
    const newest = newestIn(operation);
    if (newest > known) known = newest;
  }
  return violations;
}

/** What a session asks for is done in the order in which it asked. */
function judgeSessions(operations: readonly Operation[]): readonly string[] {
  const last = new Map<SessionInfo, { readonly zxid: bigint; readonly operation: Operation }>();
  return [...operations]
    .sort((a, b) => a.called - b.called)
    .flatMap((operation) => {
      const zxid = zxidOf(operation);
      if (zxid === undefined) return [];
      const before = last.get(operation.session);
      last.set(operation.session, { zxid, operation });
      if (before === undefined || before.zxid < zxid) return [];
      return [
        `${describe(operation)} is ${hex(zxid)}, but ${describe(before.operation)}, which was asked for before, is ${hex(before.zxid)}`,
      ];
    });
}

/** The versions of a znode rise with the zxids, and a set that expects one makes the next. */
function judgeVersions(writes: readonly Write[]): readonly string[] {
  const violations: string[] = [];
  const versions = new Map<string, number>();
  for (const { operation, path } of writes) {
    const { request, outcome } = operation;
    if (outcome.kind !== "ok" || outcome.found === undefined) continue;
    const { version } = outcome.found;
    if (request.op === "set" && request.version !== -1 && version !== request.version + 1) {
      violations.push(`${describe(operation)} expected ${request.version} and made ${version}`);
    }
    if (request.op === "set" && version <= (versions.get(path) ?? 0)) {
      violations.push(
        `${describe(operation)} made version ${version}, but ${versions.get(path) ?? 0} was there before`,
      );
    }
    versions.set(path, version);
  }
  return violations;
}
