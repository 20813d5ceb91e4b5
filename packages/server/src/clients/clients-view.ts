/** What operators' commands ask of the client side. Looks when it is asked, and keeps nothing. */
import type {
  ClientsView,
  ConnectionView,
  SessionsView,
  SessionView,
  WatchView,
} from "../admin/server-view.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";

export class ServedClientsView implements ClientsView {
  readonly #context: ClientContext;
  readonly #decidesExpiry: () => boolean;

  constructor(context: ClientContext, decidesExpiry: () => boolean) {
    this.#context = context;
    this.#decidesExpiry = decidesExpiry;
  }

  *connections(): Generator<ConnectionView, void, undefined> {
    const { connections, options } = this.#context;
    for (const connection of connections.values()) {
      yield viewOf(connection, options.sessionlessTimeoutMs);
    }
  }

  get connectionCount(): number {
    return this.#context.connections.size;
  }

  get outstandingRequests(): number {
    return this.#context.outstanding;
  }

  sessions(): SessionsView {
    const global: SessionView[] = [];
    for (const [sessionId, timeoutMs] of this.#context.tree.sessions) {
      global.push({ sessionId, timeoutMs });
    }
    return { decidesExpiry: this.#decidesExpiry(), global, local: this.localSessions() };
  }

  private localSessions(): readonly SessionView[] | undefined {
    const { options, isReadOnly, localSessions } = this.#context;
    if (!options.localSessions && !isReadOnly) return undefined;
    return Array.from(localSessions.entries(), ([sessionId, timeoutMs, expiresMs]) => ({
      sessionId,
      timeoutMs,
      expiresMs,
    }));
  }

  *dataWatches(): Generator<WatchView, void, undefined> {
    for (const [{ sessionId }, paths] of this.#context.watches.data.byConnection()) {
      for (const path of paths) yield { sessionId, path };
    }
  }

  get isReadOnly(): boolean {
    return this.#context.isReadOnly;
  }

  get watchCount(): number {
    return this.#context.watches.count;
  }

  get connectionDropProbability(): number {
    return this.#context.throttle.dropProbability;
  }

  resetConnectionStatistics(): void {
    for (const { statistics } of this.#context.connections.values()) statistics.reset();
  }
}

function viewOf(connection: ClientConnection, sessionlessTimeoutMs: number): ConnectionView {
  const { statistics, sessionId, timeoutMs, stage } = connection;
  const hasSession = stage === "open" || stage === "ending";
  const session = hasSession ? statistics.view(sessionId, timeoutMs) : undefined;
  return {
    remoteAddress: connection.address,
    remotePort: connection.port,
    secure: connection.isSecure,
    interestOps: (connection.isPaused ? 0 : READS) | (connection.isCongested ? WRITES : 0),
    outstandingRequests: connection.queue.askedLength,
    packetsReceived: statistics.received,
    packetsSent: statistics.sent,
    establishedWallMs: connection.openedWallMs,
    expiresMs:
      session === undefined
        ? connection.openedMs + sessionlessTimeoutMs
        : Math.max(session.lastResponseMs, connection.openedMs) + timeoutMs,
    session,
  };
}

const READS = 1;
const WRITES = 4;
