/**
 * Histories of which it is known that they are as they must be: one request after the
 * other, carried out on a tree of a few lines, with watches that tell at once.
 */
import { CreateMode, ErrorCode } from "@jute-ts/zookeeper";
import {
  type Found,
  type Happening,
  History,
  type Maker,
  type Outcome,
  type Request,
  type SessionInfo,
} from "../clients/history.js";
import type { TreeZnode } from "./trees.js";

interface Znode extends TreeZnode {
  readonly pzxid: bigint;
}

export class Story {
  readonly history = new History();
  readonly #tree = new Map<string, Znode>();
  readonly #watches = new Map<string, Set<SessionInfo>>();
  readonly #persistent = new Map<string, Set<SessionInfo>>();
  #zxid = 0x1_0000_0000n;
  #lastIndex = 0;
  #lastNumber = 0;

  session(maker: Maker): SessionInfo {
    const index = this.#lastIndex++;
    const session = { index, id: BigInt(index + 1) << 56n, maker, timeoutMs: 10_000 };
    this.happened(session, { kind: "connected" });
    return session;
  }

  /** Asks, and is answered. */
  ask(session: SessionInfo, request: Request): Outcome {
    const [outcome] = this.askAtOnce([session, request]);
    if (outcome === undefined) throw new Error("no answer");
    return outcome;
  }

  /** Asks for all of it before the first answer. */
  askAtOnce(...asked: readonly (readonly [SessionInfo, Request])[]): readonly Outcome[] {
    const calls = asked.map(() => this.history.call());
    return asked.map(([session, request], nth) => {
      const outcome = this.#perform(session, request);
      const call = calls[nth] ?? this.history.call();
      this.history.answered(session, call, request, outcome);
      return outcome;
    });
  }

  /** It is done or not, but the answer is lost. */
  askInVain(session: SessionInfo, request: Request, isDone: boolean): void {
    const call = this.history.call();
    if (isDone) this.#perform(session, request);
    this.history.answered(session, call, request, { kind: "unknown" });
  }

  watchPersistently(session: SessionInfo, path: string): void {
    add(this.#persistent, path, session);
    this.happened(session, { kind: "watching", path });
  }

  happened(session: SessionInfo, happening: Happening): void {
    this.history.happened(session, happening);
  }

  /** The session ends, and its ephemerals with it. */
  close(session: SessionInfo): void {
    for (const { path, ephemeralOwner } of [...this.#tree.values()]) {
      if (ephemeralOwner === session.id) this.#tree.delete(path);
    }
    this.happened(session, { kind: "closed" });
  }

  get tree(): readonly TreeZnode[] {
    return [...this.#tree.values()];
  }

  #perform(session: SessionInfo, request: Request): Outcome {
    if (request.op === "sync") return { kind: "ok", zxid: this.#zxid };
    if (request.op === "create") return this.#create(session, request);
    const znode = this.#tree.get(request.path);
    if ("watches" in request && request.watches) add(this.#watches, request.path, session);
    if (znode === undefined) {
      return { kind: "refused", err: ErrorCode.NONODE, zxid: this.#zxid };
    }
    switch (request.op) {
      case "delete":
        this.#tree.delete(request.path);
        this.#changed(request.path, parentOf(request.path), ++this.#zxid);
        return { kind: "ok", zxid: this.#zxid };
      case "set":
        return this.#set(znode, request);
      case "get":
        return { kind: "ok", zxid: this.#zxid, found: { ...foundOf(znode), value: znode.value } };
      case "exists":
      case "children":
        return { kind: "ok", zxid: this.#zxid, found: foundOf(znode) };
    }
  }

  #create(session: SessionInfo, request: Extract<Request, { op: "create" }>): Outcome {
    const { flags, value } = request;
    const isSequential = flags === CreateMode.PERSISTENT_SEQUENTIAL;
    const number = String(this.#lastNumber).padStart(10, "0");
    const path = isSequential ? `${request.path}${number}` : request.path;
    if (isSequential) this.#lastNumber++;
    const zxid = ++this.#zxid;
    if (this.#tree.has(path)) return { kind: "refused", err: ErrorCode.NODEEXISTS, zxid };
    const ephemeralOwner = flags === CreateMode.EPHEMERAL ? session.id : 0n;
    const zxids = { czxid: zxid, mzxid: zxid, pzxid: zxid };
    const znode = { path, value, version: 0, ...zxids, ephemeralOwner };
    this.#tree.set(path, znode);
    this.#changed(path, parentOf(path), zxid);
    return { kind: "ok", zxid, path, found: foundOf(znode) };
  }

  #set(znode: Znode, { path, value, version }: Extract<Request, { op: "set" }>): Outcome {
    const zxid = ++this.#zxid;
    if (version !== -1 && version !== znode.version) {
      return { kind: "refused", err: ErrorCode.BADVERSION, zxid };
    }
    const next = { ...znode, value, version: znode.version + 1, mzxid: zxid };
    this.#tree.set(path, next);
    this.#tell(path);
    return { kind: "ok", zxid, found: foundOf(next) };
  }

  #changed(path: string, parent: string, pzxid: bigint): void {
    const znode = this.#tree.get(parent);
    if (znode !== undefined) this.#tree.set(parent, { ...znode, pzxid });
    this.#tell(path);
    this.#tell(parent);
  }

  #tell(path: string): void {
    for (const session of this.#watches.get(path) ?? []) {
      this.happened(session, { kind: "event", path });
    }
    this.#watches.delete(path);
    for (const session of this.#persistent.get(path) ?? []) {
      this.happened(session, { kind: "event", path });
    }
  }
}

function foundOf({ version, czxid, mzxid, pzxid }: Znode): Found {
  return { version, czxid, mzxid, pzxid };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function add(map: Map<string, Set<SessionInfo>>, path: string, session: SessionInfo): void {
  const sessions = map.get(path) ?? new Set();
  map.set(path, sessions);
  sessions.add(session);
}
