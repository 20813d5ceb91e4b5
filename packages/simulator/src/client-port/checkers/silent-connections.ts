/**
 * SilentConnections: a server closes a connection that has no session when its time for
 * that is over, whatever has come of its first message; and one with a session on which
 * nothing has come for as long as that lasts, though the session may go on elsewhere.
 * It closes neither earlier, unless it has a reason: the session is over or has come
 * back to this server, the client broke the protocol, or there is no leader any more.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { SocketId } from "../../world/client-network.js";
import type { FrameHappening } from "../frame-event.js";
import type { SessionBounds } from "./kept-sessions.js";
import { latestMs, soonestMs } from "./server-times.js";

export interface SilenceBounds extends SessionBounds {
  /** How long a connection may be without a session. Silences are rounded up to multiples of it. */
  readonly sessionlessMs: number;
  /** How much faster or slower than the world's a clock may run; 0.01 is 1 %. */
  readonly clockDrift: number;
}

/** What a client has said and learned. */
interface Client {
  readonly sessionId: bigint;
  /** As the server must negotiate it. */
  readonly timeoutMs: number;
  /** Whether the server has said that the client has the session. */
  isConnected: boolean;
  /** Whether it has asked for something: from when on it is silent, only the server knows. */
  hasAsked: boolean;
  /** Whether the server may close its connection at any time. */
  mayLose: boolean;
}

/** A connection that a server has. */
interface Connection {
  readonly id: SocketId;
  readonly openedMs: number;
  /** When something has come of it, the last time. */
  heardMs: number;
  /** When its first message was answered. */
  answeredMs: number | undefined;
  /** How long the server was paused since it has come. */
  pausedMs: number;
  /** Whether the server has had a reason to close it. */
  mayClose: boolean;
}

interface Server {
  readonly connections: Map<SocketId, Connection>;
  pausedSinceMs: number | undefined;
  /** Nothing is overdue before. */
  nextDueMs: number;
}

export class SilentConnections implements Checker {
  readonly name = "silent-connections";
  readonly watches: readonly Watch[] = [
    ...(["connection", "frame", "settled", "changed"] as const),
    ...(["pause", "resume", "crash"] as const),
  ];
  readonly #requests: CommittedRequests;
  readonly #bounds: SilenceBounds;
  readonly #servers = new Map<Sid, Server>();
  readonly #clients = new Map<SocketId, Client>();
  /** Connections whose clients have broken the protocol before they had a session. */
  readonly #misused = new Set<SocketId>();

  constructor(requests: CommittedRequests, bounds: SilenceBounds) {
    this.#requests = requests;
    this.#bounds = bounds;
  }

  observe(observation: Observation, { nowMs }: WorldView): void {
    switch (observation.kind) {
      case "connection":
        this.#onConnection(observation, nowMs);
        return;
      case "frame":
        this.#onFrame(observation.happening);
        return;
      case "settled":
        this.#judgeOverdue(observation.sid, nowMs);
        return;
      case "step": {
        const { sid, before, after } = observation;
        if (before.role === after.role && before.serving === after.serving) return;
        for (const connection of this.#server(sid).connections.values()) connection.mayClose = true;
        return;
      }
      case "pause":
        this.#server(observation.sid).pausedSinceMs = nowMs;
        return;
      case "resume":
        this.#onResumed(this.#server(observation.sid), nowMs);
        return;
      case "crash":
        this.#servers.delete(observation.sid);
        return;
      default:
        return;
    }
  }

  atEnd({ nowMs }: WorldView): void {
    for (const sid of this.#servers.keys()) this.#judgeOverdue(sid, nowMs);
  }

  #server(sid: Sid): Server {
    let server = this.#servers.get(sid);
    if (server === undefined) {
      server = { connections: new Map(), pausedSinceMs: undefined, nextDueMs: Infinity };
      this.#servers.set(sid, server);
    }
    return server;
  }

  #onResumed(server: Server, nowMs: number): void {
    const pausedMs = nowMs - (server.pausedSinceMs ?? nowMs);
    server.pausedSinceMs = undefined;
    for (const connection of server.connections.values()) connection.pausedMs += pausedMs;
  }

  #onConnection(
    { sid, connection: id, change }: Extract<Observation, { kind: "connection" }>,
    nowMs: number,
  ): void {
    const server = this.#server(sid);
    const { connections } = server;
    if (change === "admitted") {
      const connection: Connection = {
        id,
        openedMs: nowMs,
        heardMs: nowMs,
        answeredMs: undefined,
        pausedMs: 0,
        mayClose: false,
      };
      connections.set(id, connection);
      this.#expect(server, connection);
      return;
    }
    const connection = connections.get(id);
    if (connection === undefined) return;
    switch (change) {
      case "heard":
        connection.heardMs = nowMs;
        return;
      case "answered":
        connection.answeredMs = nowMs;
        this.#expect(server, connection);
        return;
      case "closed":
        this.#judgeClosed(sid, connection, nowMs);
        connections.delete(id);
        return;
      case "ended":
        connections.delete(id);
        return;
      case "refused":
        return;
    }
  }

  #onFrame({ connection: id, event }: FrameHappening): void {
    switch (event.kind) {
      case "connecting": {
        const { minTimeoutMs, maxTimeoutMs } = this.#bounds;
        const timeoutMs = Math.min(Math.max(event.timeoutMs, minTimeoutMs), maxTimeoutMs);
        const { sessionId, isThief: mayLose } = event;
        this.#clients.set(id, {
          sessionId,
          timeoutMs,
          isConnected: false,
          hasAsked: false,
          mayLose,
        });
        return;
      }
      case "connected":
        this.#onConnected(id, event.sessionId);
        return;
      case "asked": {
        const client = this.#clients.get(id);
        if (client !== undefined) client.hasAsked = true;
        return;
      }
      case "misused": {
        const client = this.#clients.get(id);
        if (client !== undefined) client.mayLose = true;
        this.#misused.add(id);
        return;
      }
      default:
        return;
    }
  }

  #onConnected(id: SocketId, sessionId: bigint): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    this.#clients.set(id, { ...client, sessionId, isConnected: true });
  }

  #judgeClosed(sid: Sid, connection: Connection, nowMs: number): void {
    const { id, openedMs, heardMs, mayClose } = connection;
    const client = this.#clients.get(id);
    if (client === undefined) {
      // Its first message is not whole, so the server knows nothing of it, and no leader is needed for it.
      const aliveMs = nowMs - openedMs;
      if (
        !this.#misused.has(id) &&
        aliveMs < soonestMs(this.#bounds.sessionlessMs, this.#bounds.clockDrift)
      )
        throw violation(
          `server ${sid} closes connection ${id} after ${text(aliveMs)}, which has said nothing yet`,
        );
      return;
    }
    const { sessionId, timeoutMs, isConnected, hasAsked, mayLose } = client;
    const silentMs = nowMs - heardMs;
    if (!isConnected || hasAsked || mayLose || mayClose) return;
    if (silentMs >= soonestMs(timeoutMs, this.#bounds.clockDrift)) return;
    if (this.#requests.isLost || this.#requests.tree.session(sessionId) === undefined) return;
    if (this.#hasAnother(sid, id, sessionId)) return;
    throw violation(
      `server ${sid} closes connection ${id} after ${text(silentMs)} of silence, though its session lasts for ${timeoutMs} ms`,
    );
  }

  /** Whether somebody else has said at this server that the session is theirs. */
  #hasAnother(sid: Sid, id: SocketId, sessionId: bigint): boolean {
    return [...this.#server(sid).connections.keys()].some(
      (other) => other !== id && this.#clients.get(other)?.sessionId === sessionId,
    );
  }

  #judgeOverdue(sid: Sid, nowMs: number): void {
    const server = this.#servers.get(sid);
    if (server === undefined || nowMs <= server.nextDueMs) return;
    if (server.pausedSinceMs !== undefined) return;
    server.nextDueMs = Infinity;
    for (const connection of server.connections.values()) {
      const dueMs = this.#dueMs(connection);
      if (nowMs > dueMs) {
        const silentMs = nowMs - connection.heardMs;
        const what = connection.answeredMs === undefined ? "has no session" : "has a session";
        throw violation(
          `server ${sid} keeps connection ${connection.id}, which ${what} and was silent for ${text(silentMs)}`,
        );
      }
      server.nextDueMs = Math.min(server.nextDueMs, dueMs);
    }
  }

  #expect(server: Server, connection: Connection): void {
    server.nextDueMs = Math.min(server.nextDueMs, this.#dueMs(connection));
  }

  /** By when a connection must be closed, as it is now; Infinity where only the server knows. */
  #dueMs({ id, openedMs, heardMs, answeredMs, pausedMs }: Connection): number {
    const { sessionlessMs, clockDrift } = this.#bounds;
    if (answeredMs === undefined) return openedMs + latestMs(sessionlessMs, clockDrift) + pausedMs;
    const client = this.#clients.get(id);
    if (client === undefined || client.hasAsked || client.mayLose) return Infinity;
    const sinceMs = Math.max(heardMs, answeredMs);
    return sinceMs + latestMs(client.timeoutMs + sessionlessMs, clockDrift) + pausedMs;
  }
}

function text(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("SilentConnections", text);
}
