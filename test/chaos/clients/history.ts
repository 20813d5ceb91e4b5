/**
 * What clients did and saw, in one order: that in which this process sent the requests
 * and heard of the answers and events. A request is on its way for no longer than it
 * seems to be from here, so an order in real time that is found here was one.
 */
export type Maker = "socket" | "apache" | "kazoo";

/** A session, as its client has it. */
export interface SessionInfo {
  /** The order in which sessions were opened, from 0. */
  readonly index: number;
  readonly id: bigint;
  readonly maker: Maker;
  readonly timeoutMs: number;
}

export type Request =
  /** `value` is in no other request. `flags` is a CreateMode. */
  | {
      readonly op: "create";
      readonly path: string;
      readonly value: string;
      readonly flags: number;
    }
  | {
      readonly op: "set";
      readonly path: string;
      readonly value: string;
      readonly version: number;
    }
  | { readonly op: "delete"; readonly path: string }
  | { readonly op: "sync" }
  /** `watches`: with a watch, which a client keeps across connections. */
  | {
      readonly op: "get" | "exists" | "children";
      readonly path: string;
      readonly watches: boolean;
    };

/** What an answer tells of a znode. */
export interface Found {
  readonly version: number;
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly pzxid: bigint;
  /** Of a get. */
  readonly value?: string;
}

export interface Done {
  readonly kind: "ok";
  /** Of a create: with its number where it is a sequential one. */
  readonly path?: string;
  /** Of a create, a set and a read. */
  readonly found?: Found;
  /** The last txn that the server had applied, where a client shows it. */
  readonly zxid?: bigint;
}

export type Outcome =
  | Done
  /** Certainly not done; `err` is ZooKeeper's. */
  | { readonly kind: "refused"; readonly err: number; readonly zxid?: bigint }
  /** Nobody knows. */
  | { readonly kind: "unknown" };

export interface Operation {
  readonly kind: "operation";
  readonly session: SessionInfo;
  readonly request: Request;
  readonly called: number;
  readonly calledMs: number;
  /** Later than all entries before it in the history. */
  readonly returned: number;
  readonly outcome: Outcome;
}

export type Happening =
  /** The connection is there, or lost. */
  | { readonly kind: "connected" | "disconnected" }
  /** A watch has fired, or a persistent one has told of a change. */
  | { readonly kind: "event"; readonly path: string }
  /** From here on a persistent watch is set, for as long as the session lasts. */
  | { readonly kind: "watching"; readonly path: string }
  /** What a client that watches by itself has found last. */
  | { readonly kind: "shown"; readonly path: string; readonly mark: string }
  /** The session is over: its client has closed it, was told so, or went away without a word. */
  | { readonly kind: "closed" | "expired" | "abandoned" };

export type Entry =
  | Operation
  | (Happening & {
      readonly session: SessionInfo;
      readonly position: number;
      readonly atMs: number;
    });

/** A request that has no answer yet. */
export interface Call {
  readonly called: number;
  readonly calledMs: number;
}

export class History {
  /** In the order in which they came; requests by their answers. */
  readonly entries: Entry[] = [];
  #position = 0;

  call(): Call {
    return { called: ++this.#position, calledMs: performance.now() };
  }

  answered(session: SessionInfo, call: Call, request: Request, outcome: Outcome): void {
    const returned = ++this.#position;
    this.entries.push({ kind: "operation", session, request, ...call, returned, outcome });
  }

  happened(session: SessionInfo, happening: Happening): void {
    const position = ++this.#position;
    this.entries.push({ ...happening, session, position, atMs: performance.now() });
  }
}

export function isOperation(entry: Entry): entry is Operation {
  return entry.kind === "operation";
}

/** For messages: who it is. */
export function nameOf({ maker, index, id }: SessionInfo): string {
  return `${maker} session ${index} (0x${BigInt.asUintN(64, id).toString(16)})`;
}
