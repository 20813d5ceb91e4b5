/**
 * A server's client side, without sockets or clocks: connections and what arrives on
 * them go in, what is to be sent and what the quorum is asked come out. Beside it
 * stands a `QuorumPeer`, whose effects it observes as they arise.
 *
 * What clients may rely on follows from the order of the calls. A request is answered
 * when all before it on its connection are answered; a read sees the tree as it is at
 * that moment, and no txn is applied in between.
 */
import type { DataTree } from "@jute-ts/data-tree";
import type { Answer, Clock, Effect, Report, RequestId, Role } from "@jute-ts/quorum";
import { type BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import { epochStart, OpCode } from "@jute-ts/zookeeper";
import { ClientConnection } from "./client-connection.js";
import { ClientContext } from "./client-context.js";
import type { ClientEffect, QuorumRequest } from "./client-effects.js";
import type { ClientConnectionId, ClientEvent } from "./client-events.js";
import { type ClientServiceOptions, resolveClientOptions } from "./client-options.js";
import type { AnswerMemory } from "./reply-writer.js";
import { onSessionAnswer, takeConnectRequest } from "./handshake.js";
import { OwnLargeRequests } from "./limits/index.js";
import { answerRequests } from "./request-answering.js";
import { takeRequest } from "./request-taking.js";
import { ServedClientsView } from "./clients-view.js";
import { fireWatches } from "./watch-requests.js";
import { SessionIds } from "./session-ids.js";
import type { ClientsView } from "../admin/server-view.js";

/** What a client side remembers beside its connections. */
export interface ClientUpkeep {
  /** The bytes of lists of children that are kept as they are sent, with their paths'; and what they are counted as. */
  readonly listBytes: number;
  readonly countedListBytes: number;
  /** Connections of which something was asked of the quorum that it has not answered, where changes are audited. */
  readonly audited: number;
  /** Connections by their sessions; those that may be silent for a time; those that wait for room for requests. */
  readonly sessions: number;
  readonly idle: number;
  readonly waiting: number;
  /** The times at which those that may be silent are due: at most one for each. */
  readonly idleTimes: number;
  /** Connections without a session. */
  readonly sessionless: number;
  /** Connections of which something was written and not sent. */
  readonly unsent: number;
}

export class ClientService {
  private readonly context: ClientContext;
  /** Connections that have no session yet, oldest first. */
  readonly #sessionless = new Map<ClientConnectionId, ClientConnection>();
  #sessionIds: SessionIds | undefined;
  #role: Role = "recovering";
  /** When this server begins to serve clients that only read. */
  #readOnlyFromMs = Infinity;

  /** `tree`: what this server's peer replicates. Read here, changed by the peer alone. */
  constructor(options: ClientServiceOptions, tree: DataTree) {
    this.context = new ClientContext(resolveClientOptions(options), tree);
  }

  /** Whether clients are served. */
  get isServing(): boolean {
    return this.context.isServing;
  }

  /** Whether only clients are served that only read. */
  get isReadOnly(): boolean {
    return this.context.isReadOnly;
  }

  /** What operators ask. It looks at what there is when it is asked. */
  get view(): ClientsView {
    return new ServedClientsView(this.context, () => this.context.leads);
  }

  /** How much it remembers beside its connections, for whoever watches that it does not grow. */
  get upkeep(): ClientUpkeep {
    const { childLists, audit, idle, requestThrottle, sessions } = this.context;
    const { bytesOfAll: listBytes, bytes: countedListBytes } = childLists;
    return {
      listBytes,
      countedListBytes,
      audited: audit?.size ?? 0,
      sessions: sessions.size,
      idle: idle.size,
      idleTimes: idle.timeCount,
      waiting: requestThrottle.waiting,
      sessionless: this.#sessionless.size,
      unsent: this.context.unsentCount,
    };
  }

  /** Handles an event. Total: whatever clients send, the answer is effects. */
  step(event: ClientEvent, clock: Clock): void {
    this.context.clock = clock;
    this.handle(event);
    this.resumeThrottled();
  }

  /**
   * What the peer does, told at the moment when it does it: `QuorumPeer` calls it for each
   * effect, with the time of the peer's event. Answers are for the requests whose number is that of a connection.
   */
  observe(effect: Effect, clock: Clock): void {
    this.context.clock = clock;
    this.handleEffect(effect);
    this.resumeThrottled();
  }

  /** Whether the quorum is asked something that somebody waits for. Hand it to the peer before anything else happens. */
  get hasUrgentRequests(): boolean {
    return this.context.hasUrgentRequests;
  }

  /** What the quorum is asked, in order. What is not urgent may wait until the effects are taken. */
  takeQuorumRequests(): readonly QuorumRequest[] {
    return this.context.takeQuorumRequests();
  }

  /** About how many effects `takeEffects` has. */
  get effectCount(): number {
    return this.context.effectCount;
  }

  /** Whether so much is to be sent that the effects are better taken now than with those of what happens next. */
  get hasMuchToSend(): boolean {
    return this.context.hasMuchToSend;
  }

  /** What is to be done with connections, in order. What is sent on one connection comes in one piece. */
  takeEffects(): readonly ClientEffect[] {
    return this.context.takeEffects();
  }

  /** The bytes of a send are not needed any more: other answers are written where they are. At most once for each. */
  giveBack(memory: AnswerMemory): void {
    this.context.giveBack(memory);
  }

  /** When to come back with a `deadline` event at the latest. */
  nextDeadline(): number | undefined {
    const { idle, options, clock } = this.context;
    if (this.context.hasEmptied || this.context.requestThrottle.hasNext) return clock.nowMs;
    const [oldest] = this.#sessionless.values();
    const { localSessions } = this.context;
    const sessionlessMs = oldest ? oldest.openedMs + options.sessionlessTimeoutMs : Infinity;
    const earliest = Math.min(
      sessionlessMs,
      idle.nextDeadlineMs ?? Infinity,
      localSessions.nextDeadline,
      this.#readOnlyFromMs,
    );
    return earliest === Infinity ? undefined : earliest;
  }

  private handle(event: ClientEvent): void {
    const { connections } = this.context;
    switch (event.kind) {
      case "opened":
        this.open(event);
        return;
      case "deadline":
        this.onDeadline();
        return;
      default: {
        const connection = connections.get(event.connection);
        if (connection !== undefined) this.onConnectionEvent(connection, event);
      }
    }
  }

  private handleEffect(effect: Effect): void {
    switch (effect.kind) {
      case "applied":
        fireWatches(this.context, effect.txn.zxid, effect.result);
        if (effect.txn.header.type === OpCode.closeSession) {
          this.onSessionClosed(effect.txn.header.clientId, effect.txn.header.cxid);
          if (effect.committed) this.context.audit?.sessionClosed(effect.txn, effect.result);
        }
        return;
      case "answer":
        this.onAnswer(effect.request, effect.answer);
        return;
      case "report":
        this.onReport(effect.report);
        return;
      case "stopped":
        this.stopServing();
        return;
      default:
        return;
    }
  }

  // Connections.

  private open(event: ClientEvent & { kind: "opened" }): void {
    const { connections, options } = this.context;
    const connection = new ClientConnection(
      event,
      this.context.clock,
      options.maxRequestBytes,
      options.authentication,
      new OwnLargeRequests(this.context.largeRequests),
    );
    connections.set(connection.id, connection);
    this.#sessionless.set(connection.id, connection);
    if (event.certificateSubject !== undefined) return;
    const isLocal = /^127\.|^0:0:0:0:0:0:0:1$/u.test(event.address);
    this.context.measurements.count(
      isLocal ? "non_mtls_local_conn_count" : "non_mtls_remote_conn_count",
    );
  }

  private onConnectionEvent(
    connection: ClientConnection,
    event: Exclude<ClientEvent, { kind: "opened" | "deadline" }>,
  ): void {
    switch (event.kind) {
      case "received":
        connection.push(event.bytes);
        this.touch(connection);
        this.advance(connection, true);
        return;
      case "congested":
        connection.isCongested = true;
        return;
      case "drained":
        connection.isCongested = false;
        connection.congestedBytes = 0;
        this.advance(connection);
        return;
      case "disconnected":
        this.context.forget(connection);
        this.context.measurements.count("connection_drop_count");
        this.#sessionless.delete(connection.id);
        return;
    }
  }

  private touch(connection: ClientConnection): void {
    const { stage, isLocal, sessionId, timeoutMs } = connection;
    if (stage !== "open") return;
    const { idle, localSessions, clock } = this.context;
    if (isLocal) localSessions.touch(sessionId, timeoutMs, clock.nowMs);
    else this.context.ask({ kind: "touch", sessionId, timeoutMs });
    idle.touch(connection, clock.nowMs, timeoutMs);
  }

  /**
   * Takes and answers what can be taken and answered now. `isTouched`: whether the session
   * is touched already. Otherwise it is with the first request that is taken: while a client's
   * requests wait here, nothing more is read from it, its pings neither.
   */
  private advance(connection: ClientConnection, isTouched = false): void {
    answerRequests(this.context, connection);
    let mustTouch = !isTouched;
    try {
      while (this.mayTake(connection)) {
        const frame = connection.nextFrame();
        if (!this.isAffordable(connection, frame)) return;
        if (frame === undefined) break;
        if (mustTouch) this.touch(connection);
        mustTouch = false;
        if (connection.stage === "fresh") {
          this.#sessionIds ??= new SessionIds(this.context.options.sid, this.context.clock.wallMs);
          takeConnectRequest(this.context, connection, frame, this.#sessionIds);
          this.noteSession(connection);
        } else {
          takeRequest(this.context, connection, frame);
          answerRequests(this.context, connection);
        }
      }
    } catch (error) {
      if (!(error instanceof JuteDecodeError)) throw error;
      // Where the next frame begins is not known any more.
      this.endAfterAnswers(connection);
    }
    this.readOrNot(connection);
  }

  /** Its session may be there at once, where only this server knows it. */
  private noteSession({ id, stage }: ClientConnection): void {
    if (stage !== "connecting") this.#sessionless.delete(id);
  }

  private mayTake({ stage, queue, isCongested, isFull }: ClientConnection): boolean {
    if (stage !== "fresh" && stage !== "open") return false;
    if (isCongested || isFull || !this.context.requestThrottle.hasRoom) return false;
    const { outstanding, options } = this.context;
    return queue.length === 0 || outstanding < options.maxOutstandingRequests;
  }

  /** Closes the connection if its request, or what has come of it, is too much beside those of others. */
  private isAffordable(
    connection: ClientConnection,
    frame: BinaryInputArchive | undefined,
  ): boolean {
    const { largeRequests, queue, arrivingLength } = connection;
    const isAffordable =
      frame === undefined
        ? arrivingLength === 0 || largeRequests.arriving(arrivingLength)
        : largeRequests.arrived(frame.end - frame.position, queue.askedCount);
    if (isAffordable) return true;
    this.context.measurements.count("large_requests_rejected");
    this.#sessionless.delete(connection.id);
    this.context.close(connection, "large requests");
    return false;
  }

  /** Requests that were understood are still carried out and answered. */
  private endAfterAnswers(connection: ClientConnection): void {
    if (connection.queue.length === 0) this.context.close(connection, "unreadable");
    else connection.stage = "ending";
  }

  private readOrNot(connection: ClientConnection): void {
    if (connection.stage === "closed") {
      this.#sessionless.delete(connection.id);
      return;
    }
    const isPaused = !this.mayTake(connection);
    if (isPaused) this.throttle(connection);
    if (isPaused === connection.isPaused) return;
    connection.isPaused = isPaused;
    const kind = isPaused ? "stopReading" : "resumeReading";
    this.context.emit({ kind, connection: connection.id });
  }

  /** A connection of which nothing is taken goes on when there is room for requests again, if that is what it lacks. */
  private throttle(connection: ClientConnection): void {
    const { requestThrottle, measurements } = this.context;
    if (requestThrottle.hasRoom) return;
    if (requestThrottle.wait(connection)) measurements.count("request_throttle_wait_count");
  }

  /** There may be room for requests again: whatever was answered, or closed a connection. */
  private resumeThrottled(): void {
    const { requestThrottle } = this.context;
    for (let next = requestThrottle.next(); next !== undefined; next = requestThrottle.next()) {
      this.advance(next);
    }
  }

  private onDeadline(): void {
    const { clock, localSessions, sessions } = this.context;
    for (const connection of this.context.takeEmptied()) this.advance(connection);
    this.closeSilent();
    for (const sessionId of localSessions.takeExpired(clock.nowMs)) {
      const connection = sessions.get(sessionId);
      if (connection !== undefined) this.context.close(connection, "session over");
    }
    if (clock.nowMs < this.#readOnlyFromMs) return;
    this.#readOnlyFromMs = Infinity;
    this.context.isReadOnly = true;
    this.#sessionIds?.beginReaders();
  }

  private closeSilent(): void {
    const { clock, idle, options } = this.context;
    // Their sessions are over, or have gone on at another server.
    for (const connection of idle.expire(clock.nowMs)) this.context.close(connection, "silence");
    for (const [id, connection] of this.#sessionless) {
      if (connection.openedMs + options.sessionlessTimeoutMs > clock.nowMs) return;
      this.#sessionless.delete(id);
      this.context.measurements.count("sessionless_connections_expired");
      this.context.close(connection, "no session");
    }
  }

  // What the quorum does.

  private onAnswer(request: RequestId, answer: Answer): void {
    this.context.audit?.answered(request, answer);
    const connection = this.context.connections.get(request);
    if (connection === undefined) return;
    if (connection.stage === "connecting") {
      onSessionAnswer(this.context, connection, answer);
      this.noteSession(connection);
    } else {
      this.onRequestAnswer(connection, answer);
    }
    this.advance(connection);
  }

  private onRequestAnswer(connection: ClientConnection, answer: Answer): void {
    switch (answer.kind) {
      case "applied": {
        const write = connection.queue.waitingWrite();
        if (write === undefined) return;
        write.outcome = answer;
        const { clock, measurements } = this.context;
        measurements.record("local_write_committed_time_ms", clock.nowMs - write.takenMs);
        this.endInProcess(connection);
        return;
      }
      case "synced": {
        const sync = connection.queue.waitingSync();
        if (sync === undefined) return;
        sync.isSynced = true;
        this.endInProcess(connection);
        return;
      }
      case "revalidated":
        return;
      case "refused":
      case "unknown":
        // What became of the request is not known here, so nothing can be answered after it.
        this.context.close(connection, "outcome unknown");
    }
  }

  private endInProcess(connection: ClientConnection): void {
    connection.inProcess--;
    this.context.requestThrottle.ended();
  }

  /** A session has ended. If its client asked for that here, it hears so first. */
  private onSessionClosed(sessionId: bigint, cxid: number): void {
    const connection = this.context.sessions.get(sessionId);
    if (connection === undefined) return;
    const write = connection.queue.waitingWrite();
    if (write?.type === OpCode.closeSession && write.xid === cxid) return;
    this.context.close(connection, "session over");
  }

  private onReport(report: Report): void {
    if (report.kind === "roleChanged") {
      this.#role = report.role;
      this.stopServing();
      const looks = report.role === "looking";
      const { clock, options } = this.context;
      this.#readOnlyFromMs = looks ? clock.nowMs + options.readOnlyAfterMs : Infinity;
    } else if (report.kind === "serving") {
      this.context.leads = this.#role === "leading";
      this.context.servesFrom = epochStart(report.epoch);
      this.context.isServing = !this.context.leads || this.context.options.leaderServes;
    }
  }

  /** Nobody knows what becomes of what was asked for: clients look for another server, or come back. */
  private stopServing(): void {
    this.context.isServing = false;
    this.context.isReadOnly = false;
    this.context.localSessions.clear();
    this.context.childLists.clear();
    this.context.audit?.clear();
    this.context.leads = false;
    for (const connection of [...this.context.connections.values()]) {
      if (connection.stage === "fresh") continue;
      this.#sessionless.delete(connection.id);
      this.context.close(connection, "not serving");
    }
  }
}
