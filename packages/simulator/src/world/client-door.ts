/**
 * What can be seen of a server's clients from outside: which connections there are, and
 * what came and went on them. It cuts frames by itself and knows nothing of what
 * the server counts.
 */
import { OpCode, Xid } from "@jute-ts/zookeeper";
import type { Clock } from "@jute-ts/quorum";
import type { ClientCloseReason, ClientConnectionId, ClientEvent } from "@jute-ts/server/clients";
import { FrameCutter } from "./frame-cutter.js";
import { SeenReads } from "./seen-reads.js";

/** One connection, as it was seen so far. */
export interface SeenConnection {
  readonly address: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly openedMs: number;
  readonly openedWallMs: number;
  /** Frames that have come in full. */
  readonly framesIn: number;
  /** The bytes of those after the first, with their lengths. */
  readonly requestBytesIn: number;
  readonly framesOut: number;
  /** How many came in, as far as the server had taken them, and went out before its operator began to count again. */
  readonly framesInBefore: number;
  readonly framesOutBefore: number;
  /** How many of those that went out tell of a watched change. */
  readonly eventsOut: number;
  /** Whether the server reads what comes, as far as it has said. */
  readonly isReading: boolean;
  /** Whether bytes wait that could not leave. */
  readonly isCongested: boolean;
  /** As the client was told; undefined before, and where it was refused. */
  readonly session: { readonly id: bigint; readonly timeoutMs: number } | undefined;
  /** The last answer, the one to the first frame aside. */
  readonly lastAnswer: SeenAnswer | undefined;
  /** The op of the last answer, that to the first frame included; undefined since its operator began to count again. */
  readonly lastOpCode: number | undefined;
  /** The number of the last request that was answered and had one of its client's choice; 0 before. */
  readonly lastXid: number;
  readonly latency: SeenLatency;
}

export interface SeenAnswer {
  readonly type: number;
  readonly err: number;
  /** Of an answer to one who has named an ensemble. */
  readonly claim?: EnsembleClaim | undefined;
  readonly zxid: bigint;
}

/** How long answers took, in milliseconds of the server's clock, that to the first frame included. */
export interface SeenLatency {
  readonly count: number;
  /** The most that the last one, and all together, can have taken: since the requests were here. */
  readonly lastMs: number;
  readonly totalMs: number;
  /** The least and the most that one can have taken. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Whether the last one, and whether each, was taken when it came and sent when it was made: then these are exact. */
  readonly isLastExact: boolean;
  readonly isExact: boolean;
}

/** What was seen since the process began, connections that are gone included. */
export interface SeenTotals {
  readonly opened: number;
  /** Without a certificate. */
  readonly openedPlain: number;
  /** Ended by the client, or by the network; and those of which the server may have given up meanwhile. */
  readonly dropped: number;
  readonly perhapsClosed: number;
  readonly framesIn: number;
  readonly requestBytesIn: number;
  readonly framesOut: number;
  readonly bytesOut: number;
  /** Events, and their bytes without headers; those of no txn aside, by their type. */
  readonly eventBytesOut: number;
  readonly eventsOut: ReadonlyMap<number, number>;
  /** Connections that the server has ended, or would have, by the reason that it gave. */
  readonly closed: ReadonlyMap<ClientCloseReason, number>;
  /** Clients that were told that they have a session. */
  readonly sessionsGiven: number;
  /** Answers to requests; and of those, to such as change nothing, and to such as have changed something. */
  readonly answers: number;
  readonly readAnswers: number;
  readonly updateAnswers: number;
  /** Requests by which clients say who they are: those that came, and those that were taken and refused. */
  readonly authsIn: number;
  readonly authsAccepted: number;
  readonly authsRefused: number;
  /** Of those that name an ensemble, or leave its name out: how many came, and how many were taken. */
  readonly ensembles: Readonly<Record<EnsembleClaim, SeenClaims>>;
  /** Without a certificate, and from the server's own machine. */
  readonly openedOwn: number;
}

export type EnsembleClaim = "named" | "unnamed";

export interface SeenClaims {
  readonly came: number;
  readonly taken: number;
}

export interface SeenClients {
  readonly reads: Pick<SeenReads, "namespaces" | "isComplete">;
  readonly connections: Iterable<SeenConnection>;
  readonly totals: SeenTotals;
}

export class ClientDoor implements SeenClients {
  readonly #connections = new Map<ClientConnectionId, Connection>();
  readonly #events = new Map<number, number>();
  readonly #closed = new Map<ClientCloseReason, number>();
  readonly #ensembles = { named: { came: 0, taken: 0 }, unnamed: { came: 0, taken: 0 } };
  readonly reads: SeenReads = new SeenReads();
  #unsentBytes = 0;
  readonly totals: { -readonly [K in keyof SeenTotals]: SeenTotals[K] } = {
    opened: 0,
    openedPlain: 0,
    dropped: 0,
    perhapsClosed: 0,
    framesIn: 0,
    requestBytesIn: 0,
    framesOut: 0,
    bytesOut: 0,
    eventBytesOut: 0,
    eventsOut: this.#events,
    closed: this.#closed,
    sessionsGiven: 0,
    answers: 0,
    readAnswers: 0,
    updateAnswers: 0,
    authsIn: 0,
    authsAccepted: 0,
    authsRefused: 0,
    openedOwn: 0,
    ensembles: this.#ensembles,
  };

  get connections(): Iterable<SeenConnection> {
    return this.#connections.values();
  }

  /** The server learns of something, and handles it. `isAtRest`: whether it has nothing to do from before. */
  happened(event: ClientEvent, clock: Clock, isAtRest: boolean): void {
    switch (event.kind) {
      case "opened":
        this.totals.opened += 1;
        if (event.certificateSubject === undefined) {
          this.totals.openedPlain += 1;
          if (isOwnAddress(event.address)) this.totals.openedOwn += 1;
        }
        this.#connections.set(event.connection, new Connection(event, clock));
        return;
      case "received":
        this.#cameIn(event.connection, event.bytes, clock.nowMs);
        return;
      case "congested":
      case "drained": {
        const connection = this.#connections.get(event.connection);
        if (connection !== undefined) connection.isCongested = event.kind === "congested";
        return;
      }
      case "disconnected":
        this.totals.dropped += 1;
        if (!isAtRest) this.totals.perhapsClosed += 1;
        this.#connections.delete(event.connection);
        return;
      case "deadline":
        return;
    }
  }

  /** The server wants a connection to end; it may have ended already. */
  willClose(reason: ClientCloseReason): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }

  /** The server ends a connection. */
  closed(id: ClientConnectionId): void {
    this.#connections.delete(id);
  }

  /** `isPrompt`: whether it leaves at the time at which it was made. */
  wentOut(id: ClientConnectionId, bytes: Uint8Array, nowMs: number, isPrompt: boolean): void {
    this.totals.bytesOut += bytes.length;
    const connection = this.#connections.get(id);
    let answerBytes = 0;
    connection?.cutterOut.push(bytes, (frame) => {
      this.totals.framesOut += 1;
      switch (connection.onFrameOut(frame, nowMs, isPrompt, this.reads)) {
        case "session":
          if (connection.session !== undefined) this.totals.sessionsGiven += 1;
          return;
        case "event":
          this.#noteEvent(frame);
          return;
        case "answer":
          this.totals.answers += 1;
          this.#noteAnswer(connection.lastAnswer);
          this.#unsentBytes = Math.max(this.#unsentBytes, answerBytes);
          answerBytes += LENGTH_BYTES + frame.length;
      }
    });
  }

  #noteAnswer(answer: SeenAnswer | undefined): void {
    if (answer === undefined) return;
    const { type, err, claim } = answer;
    const { totals } = this;
    if (!CHANGES.has(type)) totals.readAnswers += 1;
    // What is refused may never have been handed on, and the end of a session that only its server knows is not.
    else if (err === 0 && !MAY_STAY_HERE.has(type)) totals.updateAnswers += 1;
    if (type !== OpCode.auth) return;
    if (err === 0 && claim !== undefined) this.#ensembles[claim].taken += 1;
    if (err === 0) totals.authsAccepted += 1;
    else totals.authsRefused += 1;
  }

  /** The most that was written for one connection when an answer was added to it, since this was asked. */
  takeUnsentBytes(): number {
    const bytes = this.#unsentBytes;
    this.#unsentBytes = 0;
    return bytes;
  }

  /** The lengths of requests that the server has certainly taken and not answered. */
  unansweredLengths(): number[] {
    const lengths: number[] = [];
    for (const connection of this.#connections.values()) connection.addUnansweredTo(lengths);
    return lengths;
  }

  /** The server begins to count again on all connections, of which it had taken so many frames. */
  reset(framesTaken: readonly number[]): void {
    let index = 0;
    for (const connection of this.#connections.values())
      connection.reset(framesTaken[index++] ?? 0);
  }

  isRead(id: ClientConnectionId, isReading: boolean, nowMs: number): void {
    this.#connections.get(id)?.onReading(isReading, nowMs);
  }

  #cameIn(id: ClientConnectionId, bytes: Uint8Array, nowMs: number): void {
    const connection = this.#connections.get(id);
    connection?.cutterIn.push(bytes, (frame) => {
      this.totals.framesIn += 1;
      if (connection.framesIn > 0) this.totals.requestBytesIn += LENGTH_BYTES + frame.length;
      if (connection.framesIn > 0 && typeOf(frame) === OpCode.auth) {
        this.totals.authsIn += 1;
        const claim = claimIn(frame);
        if (claim !== undefined) this.#ensembles[claim].came += 1;
      }
      connection.onFrameIn(frame, nowMs);
    });
  }

  #noteEvent(frame: Uint8Array): void {
    this.totals.eventBytesOut += frame.length - REPLY_HEADER_BYTES;
    const view = viewOf(frame);
    if (view.getBigInt64(4) < 0n) return;
    const type = view.getInt32(REPLY_HEADER_BYTES);
    this.#events.set(type, (this.#events.get(type) ?? 0) + 1);
  }
}

interface SeenRequest {
  readonly type: number;
  readonly length: number;
  readonly atMs: number;
  /** Of one that reads. */
  readonly frame: Uint8Array | undefined;
  readonly claim?: EnsembleClaim | undefined;
  /** Whether the server has certainly taken it at once. */
  isTaken: boolean;
}

class Connection implements SeenConnection {
  readonly cutterIn = new FrameCutter();
  readonly cutterOut = new FrameCutter();
  readonly address: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly openedMs: number;
  readonly openedWallMs: number;
  framesIn = 0;
  requestBytesIn = 0;
  framesOut = 0;
  framesInBefore = 0;
  framesOutBefore = 0;
  eventsOut = 0;
  isReading = true;
  isCongested = false;
  session: SeenConnection["session"];
  lastAnswer: SeenAnswer | undefined;
  lastOpCode: number | undefined;
  lastXid = 0;
  latency = noLatency();
  readonly #unanswered: SeenRequest[] = [];

  constructor(opened: ClientEvent & { kind: "opened" }, { nowMs, wallMs }: Clock) {
    this.address = opened.address;
    this.port = opened.port;
    this.isSecure = opened.isSecure ?? false;
    this.openedMs = nowMs;
    this.openedWallMs = wallMs;
  }

  onFrameIn(frame: Uint8Array, atMs: number): void {
    const isFirst = this.framesIn === 0;
    this.framesIn += 1;
    if (!isFirst) this.requestBytesIn += LENGTH_BYTES + frame.length;
    // What comes before the first frame is answered has to wait.
    const isTaken = isFirst || (this.isReading && this.framesOut > 0);
    const type = isFirst ? OpCode.createSession : typeOf(frame);
    const length = isFirst ? 0 : frame.length;
    const kept = SeenReads.counts(type) ? frame.slice() : undefined;
    const claim = type === OpCode.auth ? claimIn(frame) : undefined;
    this.#unanswered.push({ type, length, atMs, frame: kept, claim, isTaken });
  }

  onFrameOut(
    frame: Uint8Array,
    nowMs: number,
    isPrompt: boolean,
    reads: SeenReads,
  ): "session" | "event" | "answer" {
    const isFirst = this.framesOut === 0;
    this.framesOut += 1;
    const view = viewOf(frame);
    if (isFirst) {
      this.#onAnswered(nowMs, isPrompt);
      const timeoutMs = view.getInt32(4);
      if (timeoutMs > 0) this.session = { id: view.getBigInt64(8), timeoutMs };
      return "session";
    }
    const xid = view.getInt32(0);
    if (xid === Xid.notification) {
      this.eventsOut += 1;
      return "event";
    }
    const { type, frame: request, claim } = this.#onAnswered(nowMs, isPrompt);
    const err = view.getInt32(12);
    if (err !== 0) reads.noteError(type, err);
    else if (request !== undefined) reads.note(request, frame);
    this.lastAnswer = { type, zxid: view.getBigInt64(4), err, claim };
    if (xid > 0) this.lastXid = xid;
    return "answer";
  }

  addUnansweredTo(lengths: number[]): void {
    for (const { isTaken, length } of this.#unanswered) if (isTaken) lengths.push(length);
  }

  reset(framesTaken: number): void {
    this.framesInBefore += framesTaken;
    this.framesOutBefore = this.framesOut;
    this.lastOpCode = undefined;
    this.latency = noLatency();
  }

  onReading(isReading: boolean, nowMs: number): void {
    this.isReading = isReading;
    if (isReading) return;
    // The server may have made up its mind before these came.
    for (const request of this.#unanswered) if (request.atMs === nowMs) request.isTaken = false;
  }

  #onAnswered(nowMs: number, isPrompt: boolean): SeenRequest {
    const request = this.#unanswered.shift() ?? NOTHING;
    const { type, atMs, isTaken } = request;
    this.lastOpCode = type;
    const { latency } = this;
    latency.count += 1;
    latency.lastMs = nowMs - atMs;
    latency.totalMs += latency.lastMs;
    latency.minMs = Math.min(latency.minMs, latency.lastMs);
    latency.maxMs = Math.max(latency.maxMs, latency.lastMs);
    latency.isLastExact = isTaken && isPrompt;
    latency.isExact &&= latency.isLastExact;
    return request;
  }
}

/** An answer to no request: others complain of it. */
const NOTHING: SeenRequest = { type: 0, length: 0, atMs: 0, frame: undefined, isTaken: false };

function noLatency() {
  const none = { count: 0, lastMs: 0, totalMs: 0, minMs: Infinity, maxMs: 0 };
  return { ...none, isLastExact: true, isExact: true };
}

/** What an auth packet says of an ensemble, after its header: a number, the scheme, and a name. */
function claimIn(frame: Uint8Array): EnsembleClaim | undefined {
  const start = REQUEST_HEADER_BYTES + LENGTH_BYTES;
  const name = start + LENGTH_BYTES + ENSEMBLE.length;
  if (frame.length < name + LENGTH_BYTES) return undefined;
  const isIt =
    viewOf(frame).getInt32(start) === ENSEMBLE.length &&
    ENSEMBLE === String.fromCharCode(...frame.subarray(start + LENGTH_BYTES, name));
  if (!isIt) return undefined;
  return viewOf(frame).getInt32(name) > 0 ? "named" : "unnamed";
}

/** Addresses that no other machine has: 127.0.0.0/8 and ::1. */
function isOwnAddress(address: string): boolean {
  return address.split(".")[0] === "127" || address === "0:0:0:0:0:0:0:1";
}

/** 0 where there is none. */
function typeOf(frame: Uint8Array): number {
  return frame.length < REQUEST_HEADER_BYTES ? 0 : viewOf(frame).getInt32(4);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** What may become a txn. */
const CHANGES: ReadonlySet<number> = new Set([
  ...[OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.createTTL, OpCode.delete],
  ...[OpCode.setData, OpCode.setACL, OpCode.multi, OpCode.reconfig, OpCode.closeSession],
]);

/** Of those, what may have been answered without having changed anything. */
const MAY_STAY_HERE: ReadonlySet<number> = new Set([OpCode.multi, OpCode.closeSession]);

const ENSEMBLE = "ensemble";
const LENGTH_BYTES = 4;
/** xid and op code. */
const REQUEST_HEADER_BYTES = 8;
/** xid, zxid and error code. */
const REPLY_HEADER_BYTES = 16;
