/**
 * Whether a server's tree is what clients were told: every acknowledged write is there and
 * nothing that nobody asked for, each register was set as often as it can have been, and
 * the ephemerals are those of the sessions that live.
 */
import { CreateMode } from "@jute-ts/zookeeper";
import {
  type Entry,
  isOperation,
  nameOf,
  type Operation,
  type SessionInfo,
} from "../clients/history.js";
import { EPHEMERALS, isRegister, isTurn, LINE, MADE, REGISTERS } from "../clients/znodes.js";
import { describe, hex, zxidOf } from "./writes.js";

export interface TreeZnode {
  readonly path: string;
  readonly value: string;
  readonly version: number;
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ephemeralOwner: bigint;
}

export interface TreeMoment {
  /** By `performance.now()`, when the tree was asked for. */
  readonly atMs: number;
  /** Since when the same leader leads: sessions of dead clients last for as long as they may from then on. */
  readonly calmSinceMs: number;
}

/** What is wrong with a tree after this history, of which every request is answered. */
export function judgeTree(
  entries: readonly Entry[],
  znodes: readonly TreeZnode[],
  moment: TreeMoment,
): readonly string[] {
  const tree = new Map(znodes.map((znode) => [znode.path, znode]));
  const operations = entries.filter(isOperation);
  const asked = new Asked(operations);
  const ends = endsOf(entries);
  return [
    ...asked.made.flatMap((operation) => judgeMade(operation, tree, asked, ends, moment)),
    ...znodes.flatMap((znode) => judgeOrigin(znode, asked, ends, moment)),
    ...REGISTERS.flatMap((path) => judgeRegister(path, tree.get(path), operations)),
  ];
}

/** How long after its last sign a dead session's ephemerals may be seen, besides its timeout. */
export const EXPIRY_SLACK_MS = 2000;

/** Creates and deletes of the znodes that one session each makes. */
class Asked {
  /** Creates that were acknowledged. */
  readonly made: Operation[] = [];
  /** Creates that may have happened, by what they would have written. */
  readonly creates = new Map<string, Operation>();
  readonly #deletes = new Map<string, "done" | "unknown">();

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) {
      const { request, outcome } = operation;
      if (!("path" in request)) continue;
      // Those change hands: other judges look at them.
      if (isTurn(request.path) || isRegister(request.path)) continue;
      if (request.op === "create" && outcome.kind !== "refused") {
        this.creates.set(request.value, operation);
        if (outcome.kind === "ok") this.made.push(operation);
      } else if (request.op === "delete" && outcome.kind !== "refused") {
        this.#deletes.set(request.path, outcome.kind === "ok" ? "done" : "unknown");
      }
    }
  }

  deleted(path: string): "done" | "unknown" | undefined {
    return this.#deletes.get(path);
  }
}

interface End {
  readonly kind: "closed" | "expired" | "abandoned";
  readonly atMs: number;
}

function endsOf(entries: readonly Entry[]): ReadonlyMap<SessionInfo, End> {
  const ends = new Map<SessionInfo, End>();
  for (const entry of entries) {
    if (entry.kind === "closed" || entry.kind === "expired" || entry.kind === "abandoned") {
      ends.set(entry.session, entry);
    }
  }
  return ends;
}

/** Whether a session's ephemerals must be there, must not, or either. */
function stateOf(
  session: SessionInfo,
  ends: ReadonlyMap<SessionInfo, End>,
  { atMs, calmSinceMs }: TreeMoment,
): "lives" | "gone" | "ending" {
  const end = ends.get(session);
  if (end === undefined) return "lives";
  if (end.kind !== "abandoned") return "gone";
  const goneMs = Math.max(end.atMs, calmSinceMs) + session.timeoutMs + EXPIRY_SLACK_MS;
  return atMs > goneMs ? "gone" : "ending";
}

function judgeMade(
  operation: Operation,
  tree: ReadonlyMap<string, TreeZnode>,
  asked: Asked,
  ends: ReadonlyMap<SessionInfo, End>,
  moment: TreeMoment,
): readonly string[] {
  const { request, outcome, session } = operation;
  if (request.op !== "create" || outcome.kind !== "ok") return [];
  const path = outcome.path ?? request.path;
  const znode = tree.get(path);
  const what = `${path}, ${describe(operation)}`;
  if (isEphemeral(request.flags)) {
    if (stateOf(session, ends, moment) !== "lives") return [];
    if (znode === undefined) return [`GONE: ${what}, whose session lives`];
    if (znode.ephemeralOwner !== session.id) return [`${what} has another owner`];
  }
  switch (asked.deleted(path)) {
    case "done":
      return znode === undefined ? [] : [`THERE AGAIN: ${what}, which was deleted`];
    case "unknown":
      return [];
    case undefined:
      break;
  }
  if (znode === undefined) return [`LOST: ${what}`];
  const zxid = zxidOf(operation);
  if (zxid !== undefined && znode.czxid !== zxid) {
    return [`${what} was made at ${hex(znode.czxid)}, not ${hex(zxid)}`];
  }
  return znode.value === request.value ? [] : [`${what} has another value: ${znode.value}`];
}

/** A znode of the load was asked for, once. */
function judgeOrigin(
  { path, value, ephemeralOwner }: TreeZnode,
  asked: Asked,
  ends: ReadonlyMap<SessionInfo, End>,
  moment: TreeMoment,
): readonly string[] {
  if (![MADE, LINE, EPHEMERALS].some((root) => path.startsWith(`${root}/`))) return [];
  const operation = asked.creates.get(value);
  if (operation?.request.op !== "create") return [`${path} holds ${value}: nobody asked for it`];
  const { outcome, request, session } = operation;
  const expected = outcome.kind === "ok" ? (outcome.path ?? request.path) : path;
  if (expected !== path) return [`MADE TWICE: ${path} and ${expected}, ${describe(operation)}`];
  if (!isEphemeral(request.flags)) return [];
  if (ephemeralOwner !== session.id) return [`${path} has another owner`];
  if (stateOf(session, ends, moment) !== "gone") return [];
  return [`LEFT: ${path} of ${nameOf(session)}, which is ${ends.get(session)?.kind ?? "over"}`];
}

function judgeRegister(
  path: string,
  znode: TreeZnode | undefined,
  operations: readonly Operation[],
): readonly string[] {
  if (znode === undefined) return [`LOST: ${path}`];
  const sets = operations.filter(({ request }) => request.op === "set" && request.path === path);
  const done = sets.filter(({ outcome }) => outcome.kind === "ok");
  const unknown = sets.filter(({ outcome }) => outcome.kind === "unknown");
  const { version, mzxid, value } = znode;
  const violations: string[] = [];
  if (version < done.length || version > done.length + unknown.length) {
    violations.push(
      `${path} has version ${version} after ${done.length} acknowledged sets and ${unknown.length} of which nobody knows`,
    );
  }
  const last = done.find((operation) => (zxidOf(operation) ?? 0n) >= mzxid);
  if (last !== undefined) {
    const isIt =
      zxidOf(last) === mzxid && last.request.op === "set" && last.request.value === value;
    if (!isIt) violations.push(`LOST: ${describe(last)}; ${path} is ${value} of ${hex(mzxid)}`);
  }
  return violations;
}

function isEphemeral(flags: number): boolean {
  return flags === CreateMode.EPHEMERAL || flags === CreateMode.EPHEMERAL_SEQUENTIAL;
}
