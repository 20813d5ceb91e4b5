/**
 * What everything on the client side works on: the connections and sessions of this
 * server's clients, and the lists of what is to be done.
 */
import type { DataTree } from "@jute-ts/data-tree";
import type { Clock } from "@jute-ts/quorum";
import type { BinaryOutputArchive } from "@jute-ts/runtime";
import type { ConnectRequest, Zxid } from "@jute-ts/zookeeper";
import { AuditTrail } from "./audit/index.js";
import { ChildLists } from "./child-lists.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientCloseReason, ClientEffect, QuorumRequest } from "./client-effects.js";
import type { ClientConnectionId } from "./client-events.js";
import type { ResolvedClientOptions } from "./client-options.js";
import { LocalSessions } from "./local-sessions.js";
import type { Measurements } from "../admin/measurements.js";
import {
  ConnectionThrottle,
  IdleConnections,
  LargeRequests,
  RequestThrottle,
} from "./limits/index.js";
import { type AnswerMemory, OutputPool } from "./reply-writer.js";
import { isPasswordOf } from "./session-password.js";
import { Watches } from "./watches/index.js";

export class ClientContext {
  readonly options: ResolvedClientOptions;
  readonly tree: DataTree;
  readonly connections: Map<ClientConnectionId, ClientConnection> = new Map();
  /** By the session that is served on them. */
  readonly sessions: Map<bigint, ClientConnection> = new Map();
  readonly watches: Watches<ClientConnection>;
  readonly largeRequests: LargeRequests;
  /** Those that have a session, and may be silent for as long as it lasts. */
  readonly idle: IdleConnections<ClientConnection>;
  readonly requestThrottle: RequestThrottle<ClientConnection>;
  readonly localSessions: LocalSessions = new LocalSessions();
  readonly childLists: ChildLists;
  readonly measurements: Measurements;
  /** Undefined where nobody wants to be told. */
  readonly audit: AuditTrail | undefined;
  clock: Clock = { nowMs: 0, wallMs: 0 };
  /** Whether clients may be served: this server has a role, and the state of its epoch. */
  isServing = false;
  /** Where the epoch begins in which it serves: it holds whatever was committed before. */
  servesFrom: Zxid = 0n;
  /** Whether it serves clients that only read, because it has no leader. */
  isReadOnly = false;
  /** Whether this server leads, so that its own rules decide what becomes of a write. */
  leads = false;
  /** How many requests of all connections wait for their answer. */
  outstanding = 0;

  #throttle: ConnectionThrottle | undefined;
  readonly #outputs = new OutputPool();
  private readonly written = new Set<ClientConnection>();
  /** Of answers that wait in `written`. */
  #writtenBytes = 0;
  /** Connections that may go on once what was written is sent, and those of which it is. */
  #full: ClientConnection[] = [];
  #emptied: ClientConnection[] = [];
  #effects: ClientEffect[] = [];
  #quorumRequests: QuorumRequest[] = [];
  #hasUrgentRequests = false;

  constructor(options: ResolvedClientOptions, tree: DataTree) {
    this.options = options;
    this.tree = tree;
    this.largeRequests = new LargeRequests(options.largeRequests);
    this.watches = new Watches({ maxSizePerConnection: options.maxWatchSize });
    this.childLists = new ChildLists(options.childLists);
    this.idle = new IdleConnections(options.sessionlessTimeoutMs);
    this.requestThrottle = new RequestThrottle(options.throttledRequests);
    this.measurements = options.measurements;
    this.audit = options.audit && new AuditTrail(options.audit);
  }

  /** How many clients may connect; its time begins with the first. */
  get throttle(): ConnectionThrottle {
    this.#throttle ??= new ConnectionThrottle(this.options.connectionThrottle, this.clock.nowMs);
    return this.#throttle;
  }

  /**
   * Why a client may not connect; undefined if it may. Whoever has seen a later state than ours must not be shown an
   * earlier one; but what was seen of an earlier epoch and is not here has been undone, or was
   * taken back by who restored the servers, and would keep such a client out for good.
   */
  whyNotAdmitted({
    readOnly,
    lastZxidSeen,
  }: Pick<ConnectRequest, "readOnly" | "lastZxidSeen">): ClientCloseReason | undefined {
    const isAhead = lastZxidSeen > this.tree.lastProcessedZxid;
    if (this.isReadOnly) {
      if (readOnly !== true) return "read-only";
      return isAhead ? "client ahead" : undefined;
    }
    if (!this.isServing) return "not serving";
    return isAhead && lastZxidSeen >= this.servesFrom ? "client ahead" : undefined;
  }

  /** Whether a client that knows this of a session may have it. */
  mayRenew({ sessionId, passwd }: Pick<ConnectRequest, "sessionId" | "passwd">): boolean {
    return isPasswordOf(sessionId, passwd);
  }

  /** Whether this server knows that the ensemble has the session. */
  isOfEnsemble(sessionId: bigint): boolean {
    return this.tree.sessions.has(sessionId);
  }

  /** Where to write what is sent on a connection. */
  outputOf(connection: ClientConnection): BinaryOutputArchive {
    if (connection.output === undefined) {
      connection.output = this.#outputs.take();
      this.written.add(connection);
    }
    return connection.output;
  }

  /** Something was written: one client's many or long answers must not take the memory of all. */
  holdBackIfFull(connection: ClientConnection): void {
    const { output } = connection;
    if (connection.isFull || output === undefined) return;
    if (output.length < this.options.maxUnsentBytes) return;
    connection.isFull = true;
    this.#full.push(connection);
  }

  /** An answer of so many bytes was written. */
  onWritten(bytes: number): void {
    this.#writtenBytes += bytes;
  }

  /** Whether answers are to leave before others are written: their memory is in the processor's caches now. */
  get hasMuchToSend(): boolean {
    return this.#writtenBytes >= MUCH_BYTES;
  }

  /** Whether `takeEmptied` has any. */
  get hasEmptied(): boolean {
    return this.#emptied.length > 0;
  }

  /** Connections that were full, and of which everything was sent since. */
  takeEmptied(): readonly ClientConnection[] {
    const emptied = this.#emptied.filter(({ stage }) => stage !== "closed");
    this.#emptied = [];
    for (const connection of emptied) connection.isFull = false;
    return emptied;
  }

  emit(effect: ClientEffect): void {
    this.#effects.push(effect);
  }

  ask(request: QuorumRequest): void {
    this.#quorumRequests.push(request);
    // That a client was heard from is worth no turn of the peer by itself.
    if (request.kind !== "touch") this.#hasUrgentRequests = true;
  }

  /** Sends what was written, closes the connection, and forgets it. */
  close(connection: ClientConnection, reason: ClientCloseReason): void {
    if (connection.stage === "closed") return;
    this.send(connection);
    this.forget(connection);
    this.emit({ kind: "close", connection: connection.id, reason });
  }

  /** The connection is gone. */
  forget(connection: ClientConnection): void {
    connection.stage = "closed";
    this.watches.removeConnection(connection);
    this.idle.remove(connection);
    connection.largeRequests.clear();
    this.outstanding -= connection.queue.askedLength;
    this.requestThrottle.forget(connection);
    this.requestThrottle.ended(connection.inProcess);
    connection.inProcess = 0;
    this.connections.delete(connection.id);
    if (this.sessions.get(connection.sessionId) === connection) {
      this.sessions.delete(connection.sessionId);
    }
    if (connection.output === undefined) return;
    this.#outputs.giveBack(connection.output);
    connection.output = undefined;
    this.written.delete(connection);
  }

  /** About how many effects there are to take. */
  get effectCount(): number {
    return this.#effects.length + this.written.size;
  }

  /** Of how many connections something was written that is not sent. */
  get unsentCount(): number {
    return this.written.size;
  }

  takeEffects(): readonly ClientEffect[] {
    for (const connection of this.written) this.send(connection);
    this.#writtenBytes = 0;
    const effects = this.#effects;
    this.#effects = [];
    if (this.#full.length > 0) {
      this.#emptied.push(...this.#full);
      this.#full = [];
    }
    return effects;
  }

  /** Nobody needs the bytes of a send any more. */
  giveBack(memory: AnswerMemory): void {
    this.#outputs.giveBack(memory);
  }

  /** Whether the quorum is asked anything that somebody waits for. */
  get hasUrgentRequests(): boolean {
    return this.#hasUrgentRequests;
  }

  takeQuorumRequests(): readonly QuorumRequest[] {
    const requests = this.#quorumRequests;
    if (requests.length > 0) this.#quorumRequests = [];
    this.#hasUrgentRequests = false;
    return requests;
  }

  private send(connection: ClientConnection): void {
    const { output } = connection;
    if (output === undefined) return;
    connection.output = undefined;
    this.written.delete(connection);
    const bytes = output.bytesView();
    this.measurements.count("response_bytes", bytes.length);
    this.emit({ kind: "send", connection: connection.id, bytes, memory: output });
    if (!connection.isCongested) return;
    connection.congestedBytes += bytes.length;
    // Somebody who does not read must not cost this server its memory.
    if (connection.congestedBytes > this.options.maxCongestedBytes)
      this.close(connection, "client does not read");
  }
}

/** What fits into a processor's own cache beside what else is in use; below, clients are woken up more often than it pays. */
const MUCH_BYTES = 256 * 1024;
