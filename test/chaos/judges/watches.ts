/**
 * Whether watches told of everything, in time and of nothing else: a session hears of a
 * change before it can see it, also when the change was made while it had no
 * connection; once for a watch that was set once; for each change where a persistent
 * watch was set and the connection lasted.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import { type Entry, nameOf, type Operation, type SessionInfo } from "../clients/history.js";
import { describe, hex } from "./writes.js";

export interface WatchVerdict {
  readonly violations: readonly string[];
  /** Events that were told. */
  readonly events: number;
  /** Changes under persistent watches that were counted. */
  readonly counted: number;
}

export function judgeWatches(entries: readonly Entry[]): WatchVerdict {
  const sessions = new Map<SessionInfo, SessionWatches>();
  for (const entry of entries) {
    const watches = sessions.get(entry.session) ?? new SessionWatches(entry.session);
    sessions.set(entry.session, watches);
    watches.take(entry);
  }
  const all = [...sessions.values()];
  return {
    violations: all.flatMap(({ violations }) => violations),
    events: all.reduce((sum, { events }) => sum + events, 0),
    counted: all.reduce((sum, { counted }) => sum + counted, 0),
  };
}

interface Counting {
  version: number;
  events: number;
}

/** What a session knows of its watches. */
class SessionWatches {
  readonly violations: string[] = [];
  events = 0;
  counted = 0;
  readonly #session: SessionInfo;
  /** What was there when the watch was set. */
  readonly #armed = new Map<string, bigint>();
  /** The same of watches that have fired, until the znode is read again. */
  readonly #fired = new Map<string, bigint>();
  readonly #persistent = new Set<string>();
  /** Since a read of this connection. */
  readonly #counting = new Map<string, Counting>();
  readonly #shown = new Map<string, bigint>();

  constructor(session: SessionInfo) {
    this.#session = session;
  }

  take(entry: Entry): void {
    switch (entry.kind) {
      case "operation":
        this.#onAnswer(entry);
        return;
      case "event":
        this.#onEvent(entry.path);
        return;
      case "watching":
        this.#persistent.add(entry.path);
        return;
      case "disconnected":
        this.#counting.clear();
        return;
      case "shown":
        this.#onShown(entry.path, entry.mark);
        return;
      default:
        return;
    }
  }

  #onAnswer(operation: Operation): void {
    const { request } = operation;
    if (!("watches" in request)) return;
    const mark = markOf(operation);
    if (mark === undefined) return;
    const { path, op } = request;
    if (this.#persistent.has(path)) {
      this.#count(operation);
      return;
    }
    const armed = this.#armed.get(path);
    if (armed !== undefined && armed !== mark) {
      this.violations.push(
        `${describe(operation)} shows ${hex(mark)}, but the watch set at ${hex(armed)} did not tell`,
      );
    }
    // What is deleted and made again, or made and deleted, may look as before.
    if (op !== "exists" && this.#fired.get(path) === mark) {
      this.violations.push(`a watch told of ${path}, but ${describe(operation)} shows no change`);
    }
    this.#fired.delete(path);
    if (request.watches) this.#armed.set(path, mark);
  }

  #count(operation: Operation): void {
    const { request, outcome } = operation;
    if (request.op !== "get" || outcome.kind !== "ok" || outcome.found === undefined) return;
    const { version } = outcome.found;
    const counting = this.#counting.get(request.path);
    if (counting !== undefined) {
      const changes = version - counting.version;
      this.counted += changes;
      if (changes !== counting.events) {
        this.violations.push(
          `${describe(operation)} shows ${changes} changes, of which a persistent watch told ${counting.events}`,
        );
      }
    }
    this.#counting.set(request.path, { version, events: 0 });
  }

  #onEvent(path: string): void {
    this.events++;
    const counting = this.#counting.get(path);
    if (counting !== undefined) counting.events++;
    if (this.#persistent.has(path)) return;
    const armed = this.#armed.get(path);
    if (armed === undefined) {
      this.violations.push(`${nameOf(this.#session)} was told of ${path}, which it does not watch`);
      return;
    }
    this.#armed.delete(path);
    this.#fired.set(path, armed);
  }

  /** Only marks that are zxids rise. */
  #onShown(path: string, mark: string): void {
    this.events++;
    if (!/^\d+$/.test(mark)) return;
    const before = this.#shown.get(path) ?? 0n;
    const now = BigInt(mark);
    this.#shown.set(path, now);
    if (now >= before) return;
    this.violations.push(
      `${nameOf(this.#session)} was shown ${path} at ${hex(now)}, after ${hex(before)}`,
    );
  }
}

/** What differs where a watch would have fired; undefined if the answer tells nothing. */
function markOf({ request, outcome }: Operation): bigint | undefined {
  if (outcome.kind === "unknown") return undefined;
  if (outcome.kind === "refused") {
    return request.op === "exists" && outcome.err === ErrorCode.NONODE ? 0n : undefined;
  }
  switch (request.op) {
    case "get":
      return outcome.found?.mzxid;
    case "exists":
      return outcome.found?.czxid;
    case "children":
      return outcome.found?.pzxid;
    default:
      return undefined;
  }
}
