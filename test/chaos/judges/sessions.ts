/**
 * What one session sees: it never goes back, also not when the session moves to another
 * server; a read shows everything up to what was seen before, and nothing that no write
 * has made; and nobody's session expires before its time.
 */
import {
  type Entry,
  type Found,
  isOperation,
  nameOf,
  type Operation,
  type SessionInfo,
} from "../clients/history.js";
import { isRegister } from "../clients/znodes.js";
import { describe, hex, newestIn, type Write, writesOf } from "./writes.js";

export function judgeSessions(entries: readonly Entry[], tickMs: number): readonly string[] {
  const operations = entries.filter(isOperation);
  const writes = new WritesByPath(writesOf(entries));
  const seen = new Map<SessionInfo, bigint>();
  const violations: string[] = [];
  // By their answers: the order in which a session hears of things.
  for (const operation of operations) {
    const before = seen.get(operation.session) ?? 0n;
    const { zxid = 0n } = operation.outcome.kind === "unknown" ? {} : operation.outcome;
    if (zxid > 0n && zxid < before) {
      violations.push(`${describe(operation)} was answered at ${hex(zxid)}, after ${hex(before)}`);
    }
    const newest = newestIn(operation);
    const now = newest > before ? newest : before;
    seen.set(operation.session, now);
    violations.push(...judgeRead(operation, now, writes));
  }
  return [...violations, ...judgeValues(operations, writes), ...judgeExpiries(entries, tickMs)];
}

function judgeRead(operation: Operation, seen: bigint, writes: WritesByPath): readonly string[] {
  const { request, outcome } = operation;
  if (request.op !== "get" || outcome.kind !== "ok" || outcome.found === undefined) return [];
  const { mzxid } = outcome.found;
  const latest = writes.latest(request.path, seen);
  if (latest === undefined || latest.zxid <= mzxid) return [];
  return [
    `${describe(operation)} shows ${hex(mzxid)}, but the session has seen ${hex(seen)}, and ${hex(latest.zxid)} is a later ${describe(latest.operation)}`,
  ];
}

/** A value that is read was written by the write with its zxid, or by one of which nobody knows. */
function judgeValues(operations: readonly Operation[], writes: WritesByPath): readonly string[] {
  const unknown = new Set<string>();
  for (const { request, outcome } of operations) {
    if (request.op === "set" && outcome.kind === "unknown") unknown.add(request.value);
  }
  const found = new Map<string, Found>();
  return operations.flatMap((operation) => {
    const { request, outcome } = operation;
    if (request.op !== "get" || !isRegister(request.path)) return [];
    if (outcome.kind !== "ok" || outcome.found?.value === undefined) return [];
    const { value, version, mzxid } = outcome.found;
    if (version === 0) return [];
    const read = `${describe(operation)} shows ${value} of version ${version} at ${hex(mzxid)}`;
    const other = found.get(value);
    found.set(value, outcome.found);
    if (other !== undefined && (other.version !== version || other.mzxid !== mzxid)) {
      return [`${read}, but it was of version ${other.version} at ${hex(other.mzxid)} before`];
    }
    const write = writes.at(request.path, mzxid);
    if (write === undefined) return unknown.has(value) ? [] : [`${read}, which nobody has written`];
    const { request: asked, outcome: done } = write.operation;
    const isSame =
      asked.op === "set" &&
      asked.value === value &&
      done.kind === "ok" &&
      done.found?.version === version;
    return isSame ? [] : [`${read}, which is ${describe(write.operation)}`];
  });
}

/** A server has heard of a session when the session is answered, and every later leader waits for as long again. */
function judgeExpiries(entries: readonly Entry[], tickMs: number): readonly string[] {
  const heardMs = new Map<SessionInfo, number>();
  return entries.flatMap((entry) => {
    const { session } = entry;
    if (isOperation(entry)) {
      if (entry.outcome.kind !== "unknown") heardMs.set(session, entry.calledMs);
      return [];
    }
    const since = entry.kind === "expired" ? heardMs.get(session) : undefined;
    if (since === undefined) return [];
    const silentMs = entry.atMs - since;
    // A leader hears of sessions that others serve once in half a tick.
    if (silentMs >= session.timeoutMs - 2 * tickMs) return [];
    return [`${nameOf(session)} expired ${Math.round(silentMs)} ms after a request was answered`];
  });
}

/** Acknowledged writes of each znode, by zxid. */
class WritesByPath {
  readonly #writes = new Map<string, Write[]>();

  constructor(writes: readonly Write[]) {
    for (const write of writes) {
      const list = this.#writes.get(write.path);
      if (list === undefined) this.#writes.set(write.path, [write]);
      else list.push(write);
    }
  }

  /** The last that is not after this txn. */
  latest(path: string, zxid: bigint): Write | undefined {
    const list = this.#writes.get(path) ?? [];
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle]?.zxid ?? 0n) <= zxid) low = middle + 1;
      else high = middle;
    }
    return list[low - 1];
  }

  at(path: string, zxid: bigint): Write | undefined {
    const write = this.latest(path, zxid);
    return write?.zxid === zxid ? write : undefined;
  }
}
