/**
 * LocalSessions: a session that only its server knows stays there. The ensemble has none
 * of which no client has asked for an ephemeral, and then under the same id and with the same
 * timeout. No other server takes it over; it ends with the leader that its server has, or after the
 * timeout in which nothing was heard of its client; and until then its client finds it again.
 */
import { OpCode, type Sid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { CommittedTxns } from "../../model/committed-txns.js";
import type { SocketId } from "../../world/client-network.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { needsEnsemble } from "../local-session.js";
import type { SessionBounds } from "./kept-sessions.js";
import { latestMs, soonestMs } from "./server-times.js";

export interface LocalBounds extends SessionBounds {
  /** How much faster or slower than the world's a clock may run; 0.01 is 1 %. */
  readonly clockDrift: number;
}

/** A connection: what its client said first, and what its server has made of it. */
interface Link {
  readonly sid: Sid;
  hello: Extract<FrameEvent, { kind: "connecting" }> | undefined;
  session: Session | undefined;
  /** In which of its server's times with one role it was answered; undefined when that changed meanwhile. */
  era: number | undefined;
  heardMs: number;
  answeredMs: number | undefined;
  isOpen: boolean;
  /** How many requests were not answered. */
  outstanding: number;
  hasAsked: boolean;
  isMisused: boolean;
  /** Whether its client has ended it, or knows that it has ended. */
  isLeft: boolean;
}

/** A session that began as one that only its server knows. */
interface Session {
  readonly id: bigint;
  readonly sid: Sid;
  readonly era: number | undefined;
  readonly timeoutMs: number;
  readonly isUpgraded: boolean;
  /** Whether its client has asked for an ephemeral: from then on, only its server knows what it is. */
  wantsEnsemble: boolean;
  isEnding: boolean;
  /** When its client was certainly heard from, and when that may have been at the latest. */
  heardMs: number;
  lastMs: number;
}

export class LocalSessions implements Checker {
  readonly name = "local-sessions";
  readonly watches: readonly Watch[] = [
    ...(["connection", "frame", "changed", "counted"] as const),
    ...(["crash", "resume"] as const),
  ];
  readonly #committed: CommittedTxns;
  readonly #requests: CommittedRequests;
  readonly #bounds: LocalBounds;
  readonly #eras = new Map<Sid, number>();
  readonly #links = new Map<SocketId, Link>();
  readonly #sessions = new Map<bigint, Session>();

  constructor(committed: CommittedTxns, requests: CommittedRequests, bounds: LocalBounds) {
    this.#committed = committed;
    this.#requests = requests;
    this.#bounds = bounds;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "connection":
        this.#onConnection(observation, world.nowMs);
        return;
      case "frame":
        this.#onFrame(observation.sid, observation.happening, world);
        return;
      case "step": {
        const { sid, before, after } = observation;
        if (before.role !== after.role || before.serving !== after.serving) this.#nextEra(sid);
        this.#judgeCommitted();
        return;
      }
      case "counted":
        this.#judgeShown(observation, world.nowMs);
        return;
      case "crash":
        this.#nextEra(observation.sid);
        for (const link of this.#links.values())
          if (link.sid === observation.sid) link.isOpen = false;
        return;
      case "resume":
        // Its clock may have stood still.
        for (const session of this.#sessions.values())
          if (session.sid === observation.sid) session.lastMs = world.nowMs;
        return;
      default:
        return;
    }
  }

  #era(sid: Sid): number {
    return this.#eras.get(sid) ?? 0;
  }

  #nextEra(sid: Sid): void {
    this.#eras.set(sid, this.#era(sid) + 1);
  }

  #judgeCommitted(): void {
    for (const { message } of this.#committed.fresh) {
      if (message.type !== OpCode.createSession) continue;
      const { clientId } = message.header;
      // That of the write which proves the healing is no server's.
      if (BigInt.asUintN(64, clientId) >> SERVER_BITS === 0n) continue;
      const session = this.#sessions.get(clientId);
      if (session?.wantsEnsemble !== true || !session.isUpgraded)
        throw violation(`the ensemble has ${hex(clientId)}, which only its server should know`);
      if (message.body.timeOut !== session.timeoutMs)
        throw violation(
          `the ensemble has ${hex(clientId)} for ${message.body.timeOut} ms, and its client for ${session.timeoutMs} ms`,
        );
    }
  }

  // What servers do.

  #onConnection(
    { sid, connection, change }: Extract<Observation, { kind: "connection" }>,
    nowMs: number,
  ): void {
    const link = this.#links.get(connection) ?? newLink(sid);
    if (change === "admitted") this.#links.set(connection, link);
    switch (change) {
      case "admitted":
      case "heard":
        link.heardMs = nowMs;
        if (link.answeredMs === undefined) link.era = this.#era(sid);
        else if (link.session !== undefined) hear(link.session, nowMs, link.isMisused);
        return;
      case "answered":
        link.answeredMs = nowMs;
        this.#noteRenewed(link, nowMs);
        if (link.era !== this.#era(sid)) link.era = undefined;
        return;
      case "closed":
        this.#judgeClosed(connection, link, nowMs);
        this.#end(connection, link, nowMs);
        return;
      case "ended":
        this.#end(connection, link, nowMs);
        return;
      case "refused":
        return;
    }
  }

  /** The client may never hear of the answer. */
  #noteRenewed({ hello }: Link, nowMs: number): void {
    if (hello?.isThief !== false) return;
    const session = this.#sessions.get(hello.sessionId);
    if (session !== undefined) session.lastMs = Math.max(session.lastMs, nowMs);
  }

  /** Requests that waited were looked at before the end, if ever. */
  #end(connection: SocketId, link: Link, nowMs: number): void {
    const { session, outstanding, isLeft } = link;
    if (outstanding > 0 && session !== undefined) session.lastMs = Math.max(session.lastMs, nowMs);
    link.isOpen = false;
    if (isLeft) this.#links.delete(connection);
  }

  #judgeClosed(connection: SocketId, link: Link, nowMs: number): void {
    const { sid, session, era, heardMs } = link;
    if (session === undefined || isKnownToOthers(session) || session.isEnding) return;
    if (link.hasAsked || link.isMisused || era === undefined || era !== this.#era(sid)) return;
    const silentMs = nowMs - heardMs;
    if (silentMs >= soonestMs(session.timeoutMs, this.#bounds.clockDrift)) return;
    if (this.#isClaimed(link)) return;
    throw violation(
      `server ${sid} closes connection ${connection} after ${silentMs.toFixed(0)} ms of silence, though its session lasts for ${session.timeoutMs} ms`,
    );
  }

  /** Whether somebody else has said at this server that the session is theirs. */
  #isClaimed(link: Link): boolean {
    for (const other of this.#links.values()) {
      if (other === link || !other.isOpen || other.sid !== link.sid) continue;
      if (other.hello?.sessionId === link.session?.id) return true;
    }
    return false;
  }

  /** What a server says that it alone knows. */
  #judgeShown({ sid, shown }: Extract<Observation, { kind: "counted" }>, nowMs: number): void {
    const local = new Set<bigint>();
    for (const { sessionId } of shown.sessions().local ?? []) {
      local.add(sessionId);
      if (this.#requests.tree.session(sessionId) !== undefined)
        throw violation(`server ${sid} calls ${hex(sessionId)} its own, which the ensemble has`);
      const session = this.#sessions.get(sessionId);
      if (session === undefined || isKnownToOthers(session)) continue;
      if (session.sid !== sid)
        throw violation(`server ${sid} has ${hex(sessionId)} of server ${session.sid}`);
      if (session.era !== undefined && session.era !== this.#era(sid))
        throw violation(`server ${sid} has ${hex(sessionId)} from before it lost its leader`);
      if (!this.#isConnected(session) && nowMs > this.#overMs(session))
        throw violation(
          `server ${sid} has ${hex(sessionId)}, of which nothing was heard for ${(nowMs - session.lastMs).toFixed(0)} ms`,
        );
    }
    for (const { sid: at, session, era, isOpen } of this.#links.values()) {
      if (at !== sid || !isOpen || session === undefined || era !== this.#era(sid)) continue;
      if (isKnownToOthers(session) || session.isEnding) continue;
      if (!local.has(session.id))
        throw violation(`server ${sid} has lost ${hex(session.id)} of a client that it has`);
    }
  }

  #isConnected(session: Session): boolean {
    return [...this.#links.values()].some((link) => link.isOpen && link.session === session);
  }

  // What clients learn.

  #onFrame(sid: Sid, { connection, event }: FrameHappening, { nowMs, peers }: WorldView): void {
    const link = this.#links.get(connection) ?? newLink(sid);
    switch (event.kind) {
      case "connecting":
        // A server that is paused has not taken the connection yet.
        this.#links.set(connection, link);
        link.hello = event;
        return;
      case "connected": {
        const { sessionId, timeoutMs } = event;
        this.#judgeConnected(link, sessionId);
        const heardMs = link.answeredMs ?? nowMs;
        if (link.hello?.sessionId === 0n) {
          const isUpgraded = peers.get(sid)?.clientRules?.upgradesLocalSessions === true;
          const { era } = link;
          const now = { wantsEnsemble: false, isEnding: false, heardMs, lastMs: nowMs };
          const session = { id: sessionId, sid, era, timeoutMs, isUpgraded, ...now };
          this.#sessions.set(sessionId, session);
        }
        link.session = this.#sessions.get(sessionId);
        if (link.session !== undefined) hear(link.session, heardMs, false);
        return;
      }
      case "expired":
        this.#judgeExpired(link, event.sessionId);
        return;
      case "asked":
        link.hasAsked = true;
        link.outstanding += 1;
        if (link.session === undefined) return;
        if (needsEnsemble(event.request.message)) link.session.wantsEnsemble = true;
        if (event.request.message.type === OpCode.closeSession) link.session.isEnding = true;
        return;
      case "answered":
        link.outstanding -= 1;
        if (link.session !== undefined) link.session.lastMs = nowMs;
        return;
      case "misused":
        link.isMisused = true;
        return;
      case "event":
        return;
      case "closed":
        // Its server may still be at what was asked before.
        link.isLeft = true;
        if (!link.isOpen) this.#links.delete(connection);
        return;
    }
  }

  #judgeConnected({ sid, hello, era, answeredMs = 0 }: Link, sessionId: bigint): void {
    if (hello === undefined || hello.sessionId === 0n) return;
    const session = this.#sessions.get(sessionId);
    if (session === undefined || isKnownToOthers(session)) return;
    if (session.sid !== sid)
      throw violation(
        `server ${sid} takes over ${hex(sessionId)}, which only ${session.sid} knows`,
      );
    if (era !== undefined && session.era !== undefined && era !== session.era)
      throw violation(`server ${sid} renews ${hex(sessionId)} from before it lost its leader`);
    if (answeredMs > this.#overMs(session))
      throw violation(
        `server ${sid} renews ${hex(sessionId)}, of which nothing was heard for ${(answeredMs - session.lastMs).toFixed(0)} ms`,
      );
  }

  #judgeExpired({ sid, hello, era, answeredMs }: Link, sessionId: bigint): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || isKnownToOthers(session) || session.isEnding) return;
    if (hello?.isThief !== false || session.sid !== sid || answeredMs === undefined) return;
    if (era === undefined || era !== session.era) return;
    const silentMs = answeredMs - session.heardMs;
    if (silentMs < soonestMs(session.timeoutMs, this.#bounds.clockDrift))
      throw violation(
        `server ${sid} says after ${silentMs.toFixed(0)} ms that ${hex(sessionId)} is over, which lasts for ${session.timeoutMs} ms`,
      );
  }

  /** When a session is certainly over, unless something more is heard of its client. */
  #overMs({ lastMs, timeoutMs }: Session): number {
    return lastMs + latestMs(timeoutMs, this.#bounds.clockDrift);
  }
}

function newLink(sid: Sid): Link {
  return {
    sid,
    hello: undefined,
    session: undefined,
    era: undefined,
    heardMs: 0,
    answeredMs: undefined,
    isOpen: true,
    outstanding: 0,
    hasAsked: false,
    isMisused: false,
    isLeft: false,
  };
}

/** `isLast`: what comes of the connection means nothing any more. */
function hear(session: Session, nowMs: number, isLast: boolean): void {
  if (!isLast) session.heardMs = Math.max(session.heardMs, nowMs);
  session.lastMs = Math.max(session.lastMs, nowMs);
}

/** Whether others may know it. */
function isKnownToOthers({ wantsEnsemble, isUpgraded }: Session): boolean {
  return wantsEnsemble && isUpgraded;
}

function hex(sessionId: bigint): string {
  return `session ${BigInt.asUintN(64, sessionId).toString(16)}`;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("LocalSessions", text);
}

/** Below the number of the server at which a session began. */
const SERVER_BITS = 56n;
