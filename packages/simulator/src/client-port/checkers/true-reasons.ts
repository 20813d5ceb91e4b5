/**
 * TrueReasons: a server that closes a client's connection has one of the reasons that there are
 * for it, and the one that it names is true, as far as that can be seen from outside: by what has
 * come on the connection and what its client did elsewhere, by the server's role, its limits and its tree.
 */
import type { ClientCloseReason } from "@jute-ts/server/clients";
import { OpCode, type Sid, type Zxid } from "@jute-ts/zookeeper";
import {
  type Checker,
  type Closing,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { SocketId } from "../../world/client-network.js";
import type { ClientLimits } from "../../world/settings.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { soonestMs } from "./server-times.js";

export interface ReasonBounds {
  readonly minTimeoutMs: number;
  /** How long a connection may be without a session. */
  readonly sessionlessMs: number;
  /** The least that may wait for a client that does not read, in bytes, where the server's rules do not say less. */
  readonly leastCongestedBytes: number;
  /** How much faster or slower than the world's a clock may run; 0.01 is 1 %. */
  readonly clockDrift: number;
}

/** What a client has said, and was told. */
interface Client {
  hello: Extract<FrameEvent, { kind: "connecting" }> | undefined;
  sessionId: bigint;
  /** Whether it has asked that its session ends. */
  hasClosed: boolean;
  /** Whether it has sent what no server may carry out, or take for a message. */
  hasMisused: boolean;
  /** Whether it has asked for something without the login that is required, or has proven wrongly who it is. */
  isUnproven: boolean;
}

/** A connection as its server has it. */
interface Connection {
  readonly openedMs: number;
  /** How often its server's role had changed when it came. */
  readonly changes: number;
  heardMs: number;
  /** When it was heard from before that moment. */
  heardBeforeMs: number;
  /** What the server had applied when something came, the last time. */
  heardAt: Zxid;
  isAnswered: boolean;
}

export class TrueReasons implements Checker {
  readonly name = "true-reasons";
  readonly watches: readonly Watch[] = ["connection", "frame", "changed", "crash"];
  readonly #limits: ClientLimits;
  readonly #bounds: ReasonBounds;
  readonly #connections = new Map<SocketId, Connection>();
  readonly #clients = new Map<SocketId, Client>();
  /** The connections whose clients have asked for a session, or were given it. */
  readonly #wanted = new Map<bigint, Set<SocketId>>();
  readonly #changes = new Map<Sid, number>();

  constructor(limits: ClientLimits, bounds: ReasonBounds) {
    this.#limits = limits;
    this.#bounds = bounds;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "connection":
        this.#onConnection(observation, world);
        return;
      case "frame":
        this.#onFrame(observation.happening);
        return;
      case "step": {
        const { sid, before, after } = observation;
        if (before.role !== after.role || before.serving !== after.serving) this.#noteChange(sid);
        return;
      }
      case "crash":
        this.#noteChange(observation.sid);
        return;
      default:
        return;
    }
  }

  #noteChange(sid: Sid): void {
    this.#changes.set(sid, this.#changesOf(sid) + 1);
  }

  #changesOf(sid: Sid): number {
    return this.#changes.get(sid) ?? 0;
  }

  #client(id: SocketId): Client {
    let client = this.#clients.get(id);
    if (client === undefined) {
      client = {
        hello: undefined,
        sessionId: 0n,
        hasClosed: false,
        hasMisused: false,
        isUnproven: false,
      };
      this.#clients.set(id, client);
    }
    return client;
  }

  #onFrame({ connection: id, event }: FrameHappening): void {
    const client = this.#client(id);
    switch (event.kind) {
      case "connecting":
        client.hello = event;
        if (!event.isThief) this.#want(event.sessionId, id);
        return;
      case "connected":
        client.sessionId = event.sessionId;
        this.#want(event.sessionId, id);
        return;
      case "asked":
        if (event.request.message.type === OpCode.closeSession) client.hasClosed = true;
        if (event.request.isRefused === true || event.request.proof?.ends === true)
          client.isUnproven = true;
        return;
      case "misused":
        client.hasMisused = true;
        return;
      default:
        return;
    }
  }

  #want(sessionId: bigint, id: SocketId): void {
    if (sessionId === 0n) return;
    const those = this.#wanted.get(sessionId);
    if (those === undefined) this.#wanted.set(sessionId, new Set([id]));
    else those.add(id);
  }

  #onConnection(
    { sid, connection: id, change, closing }: Extract<Observation, { kind: "connection" }>,
    world: WorldView,
  ): void {
    const { nowMs } = world;
    const connection = this.#connections.get(id);
    switch (change) {
      case "admitted": {
        const changes = this.#changesOf(sid);
        const times = { openedMs: nowMs, heardMs: nowMs, heardBeforeMs: nowMs };
        this.#connections.set(id, { ...times, changes, heardAt: 0n, isAnswered: false });
        return;
      }
      case "heard":
        if (connection === undefined) return;
        if (nowMs > connection.heardMs) connection.heardBeforeMs = connection.heardMs;
        connection.heardMs = nowMs;
        connection.heardAt = world.peers.get(sid)?.tree?.lastProcessedZxid ?? 0n;
        return;
      case "answered":
        if (connection !== undefined) connection.isAnswered = true;
        return;
      case "closed": {
        if (connection === undefined || closing === undefined) return;
        const isTrue = this.#isTrue(sid, id, connection, closing, world);
        this.#connections.delete(id);
        if (isTrue) return;
        throw new InvariantViolation(
          "TrueReasons",
          `server ${sid} closes connection ${id} for the reason "${closing.reason}", which is not true`,
        );
      }
      case "ended":
      case "refused":
        this.#connections.delete(id);
    }
  }

  #isTrue(
    sid: Sid,
    id: SocketId,
    connection: Connection,
    closing: Closing,
    { peers, nowMs }: WorldView,
  ): boolean {
    const { status, tree, clientRules } = peers.get(sid) ?? {};
    const client = this.#client(id);
    const { hello } = client;
    const { minTimeoutMs, sessionlessMs, leastCongestedBytes, clockDrift } = this.#bounds;
    const mayServeReaders = (clientRules?.readOnlyAfterMs ?? Infinity) < Infinity;
    const isTrue: Readonly<Record<ClientCloseReason, () => boolean>> = {
      "not serving": () =>
        status?.serving !== true ||
        // It may leave clients to others.
        status.role === "leading" ||
        this.#changesOf(sid) !== connection.changes,
      "read-only": () =>
        mayServeReaders &&
        hello !== undefined &&
        (hello.readOnly !== true || hello.sessionId !== 0n),
      "client ahead": () => (hello?.lastZxid ?? 0n) > connection.heardAt,
      "connection throttle": () => this.#limits.connections !== undefined && hello !== undefined,
      "large requests": () => this.#limits.largeRequests.thresholdBytes > 0,
      "client does not read": () =>
        closing.congestedBytes > Math.min(leastCongestedBytes, clientRules?.maxCongestedBytes ?? 0),
      // Whether it does another checker judges, by what its client is answered.
      "too many watches": () => (clientRules?.maxWatchSize ?? Infinity) < USUAL_WATCH_SIZE,
      "no session": () =>
        !connection.isAnswered &&
        nowMs - connection.openedMs >= soonestMs(sessionlessMs, clockDrift),
      silence: () =>
        connection.isAnswered &&
        (client.hasMisused ||
          nowMs - heardUntil(connection, nowMs) >= soonestMs(minTimeoutMs, clockDrift)),
      "session over": () =>
        client.sessionId === 0n
          ? hello !== undefined
          : tree === undefined || !tree.sessions.has(client.sessionId),
      "session closed": () => client.hasClosed,
      "session moved": () =>
        [client.sessionId, hello?.sessionId ?? 0n].some((sessionId) =>
          [...(this.#wanted.get(sessionId) ?? [])].some((other) => other !== id),
        ),
      "outcome unknown": () => closing.isUnknown,
      "request refused": () => client.hasMisused || client.isUnproven,
      unreadable: () => client.hasMisused,
    };
    return isTrue[closing.reason]();
  }
}

/** When it was heard from at the latest: what comes in the moment in which a server's timer fires may wait behind that. */
function heardUntil({ heardMs, heardBeforeMs }: Connection, nowMs: number): number {
  return heardMs === nowMs ? heardBeforeMs : heardMs;
}

/** More than what any client of the worlds watches. */
const USUAL_WATCH_SIZE = 2 ** 27;
