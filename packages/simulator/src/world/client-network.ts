/**
 * The connections between clients and servers, as TCP makes them: bytes in order,
 * cut anywhere, late or never; ends that one side learns of, or does not. A client
 * connects to a server by its sid; what accepts there is the process's business.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { EventQueue } from "./event-queue.js";
import { drawExtraLatencyMs, Pipe, type PipeConditions } from "./pipe.js";
import { Random } from "./random.js";

/** Unique in a run, and greater than any number of an operation. */
export type SocketId = number;

/** What a client is told of its connection. Nothing after `onEnd`, nor after it has closed it. */
export interface ClientEnd {
  onOpen(): void;
  /** The bytes are overwritten afterwards. */
  onBytes(bytes: Uint8Array): void;
  onEnd(text: string): void;
}

/** What a server is told of a client's connection. Nothing after it has closed it. */
export interface ServerEnd {
  onBytes(socket: SocketId, bytes: Uint8Array): void;
  onDrained(socket: SocketId): void;
  onEnd(socket: SocketId): void;
}

/** What accepts connections in the process of a server. */
export interface ServerPort extends ServerEnd {
  readonly isRunning: boolean;
  /** A connection has come, with a certificate of this subject, or none. False if nobody serves clients here. */
  accept(socket: SocketId, address: string, port: number, certificate: string | undefined): boolean;
}

interface Caller {
  readonly address: string;
  readonly certificate: string | undefined;
}

interface Connection {
  readonly id: SocketId;
  readonly client: string;
  readonly sid: Sid;
  readonly up: Pipe<null>;
  readonly down: Pipe<null>;
  isStopped: boolean;
  isOpen: boolean;
}

export interface ClientNetworkOptions {
  readonly seed: number;
  readonly pipe: PipeConditions;
  readonly queue: EventQueue;
  port(sid: Sid): ServerPort;
}

export class ClientNetwork {
  readonly #options: ClientNetworkOptions;
  readonly #random: Random;
  /** Of every connection, whenever it was opened. */
  readonly #conditions: PipeConditions & { maxExtraLatencyMs?: number };
  readonly #connections = new Map<SocketId, Connection>();
  /** Between whom nothing gets through: "client sid". */
  readonly #blocked = new Map<string, number>();
  #last: SocketId = FIRST_SOCKET;

  constructor(options: ClientNetworkOptions) {
    this.#options = options;
    this.#random = Random.named(options.seed, "client network");
    this.#conditions = { ...options.pipe };
  }

  /**
   * A client connects. `onOpen` is called when it is accepted, `onEnd` when nobody listens.
   * `certificate`: the subject of the client's certificate, where it connects by TLS.
   */
  connect(
    client: string,
    address: string,
    sid: Sid,
    end: ClientEnd,
    certificate?: string,
  ): SocketId {
    const { queue } = this.#options;
    const id = ++this.#last;
    const port = (): ServerPort => this.#options.port(sid);
    const isBlocked = (): boolean => this.#isBlocked(client, sid);
    const connection: Connection = {
      id,
      client,
      sid,
      isStopped: false,
      isOpen: false,
      up: new Pipe<null>(queue, this.#random, this.#conditions, {
        isBlocked,
        isReverseBlocked: isBlocked,
        holdsAny: never,
        isHeld: never,
        onPacket: nothing,
        isReading: () => connection.isOpen && port().isRunning && !connection.isStopped,
        onBytes: (bytes) => {
          port().onBytes(id, bytes);
        },
        onDrained: undefined,
        onEnd: () => {
          this.#forget(connection);
          port().onEnd(id);
        },
      }),
      down: new Pipe<null>(queue, this.#random, this.#conditions, {
        isBlocked,
        isReverseBlocked: isBlocked,
        holdsAny: never,
        isHeld: never,
        onPacket: nothing,
        isReading: () => true,
        onBytes: (bytes) => {
          end.onBytes(bytes);
        },
        onDrained: () => {
          port().onDrained(id);
        },
        onEnd: (text) => {
          this.#forget(connection);
          end.onEnd(text);
        },
      }),
    };
    this.#connections.set(id, connection);
    this.#knock(connection, { address, certificate }, end);
    return id;
  }

  #knock(connection: Connection, caller: Caller, end: ClientEnd): void {
    const { queue } = this.#options;
    const { id, client, sid } = connection;
    const extraMs = drawExtraLatencyMs(this.#random, this.#conditions);
    const latencyMs = this.#conditions.minLatencyMs + extraMs;
    queue.after(2 * latencyMs, () => {
      if (this.#connections.get(id) !== connection) return;
      if (this.#isBlocked(client, sid)) {
        queue.after(KNOCK_AGAIN_MS, () => {
          if (this.#connections.get(id) === connection) this.#knock(connection, caller, end);
        });
        return;
      }
      const { address, certificate } = caller;
      if (!this.#options.port(sid).accept(id, address, id % 0xffff, certificate)) {
        this.#forget(connection);
        end.onEnd("refused");
        return;
      }
      connection.isOpen = true;
      end.onOpen();
      connection.up.kick();
    });
  }

  /** A client sends. The bytes must not change any more. */
  sendUp(id: SocketId, bytes: Uint8Array): void {
    this.#connections.get(id)?.up.send(null, bytes);
  }

  /** A server sends. False if not everything could leave at once: `onDrained` follows. */
  sendDown(id: SocketId, bytes: Uint8Array): boolean {
    const down = this.#connections.get(id)?.down;
    down?.send(null, bytes);
    return down === undefined || !down.isBacklogged;
  }

  /** A client ends its connection; what it has sent arrives first, if `graceful`. */
  closeByClient(id: SocketId, graceful: boolean): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.down.discard();
    if (connection.isOpen) connection.up.finish("closed by the client", graceful);
    if (!connection.isOpen || connection.up.isOver) this.#forget(connection);
  }

  /** A server ends a connection, after what it has sent. */
  closeByServer(id: SocketId): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.up.discard();
    connection.down.finish("closed by the server", true);
  }

  /** Whether a server reads from a connection. */
  setReading(id: SocketId, reads: boolean): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.isStopped = !reads;
    if (reads) connection.up.kick();
  }

  /**
   * A server's process has ended. Clients learn of it, unless its machine fell silent. Who still
   * knocks meets whoever listens then.
   */
  processEnded(sid: Sid, silently: boolean): void {
    for (const connection of this.#of(sid)) {
      if (!connection.isOpen) continue;
      connection.up.discard();
      if (silently) connection.down.fallSilent();
      else connection.down.finish("the server's process has ended", false);
    }
  }

  /** A server's process goes on after a pause. */
  resumed(sid: Sid): void {
    for (const { up } of this.#of(sid)) up.kick();
  }

  // What goes wrong.

  /** Nothing that is sent from now on is later than this, beyond the network's usual minimum. */
  boundLatency(maxExtraLatencyMs: number): void {
    this.#conditions.maxExtraLatencyMs = maxExtraLatencyMs;
  }

  /** Breaks the connections of a client, wherever they lead: each side learns of it, and may lose what was under way. */
  break(client: string): number {
    let broken = 0;
    for (const { client: owner, isOpen, up, down } of this.#connections.values()) {
      if (owner !== client || !isOpen) continue;
      up.finish("broken", false);
      down.finish("broken", false);
      broken += 1;
    }
    return broken;
  }

  /** Lets nothing through between a client and a server, until `unblock`. Counted. */
  block(client: string, sid: Sid): void {
    const key = `${client} ${sid}`;
    this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1);
  }

  unblock(client: string, sid: Sid): void {
    const key = `${client} ${sid}`;
    const left = (this.#blocked.get(key) ?? 0) - 1;
    if (left > 0) this.#blocked.set(key, left);
    else this.#blocked.delete(key);
    if (left > 0) return;
    for (const connection of this.#of(sid)) {
      if (connection.client !== client) continue;
      connection.up.kick();
      connection.down.kick();
    }
  }

  /** How slowly a client reads what servers send to it: so long between two small reads; 0 for as fast as it can. */
  readSlowly(client: string, everyMs: number): void {
    for (const { client: owner, down } of this.#connections.values())
      if (owner === client) down.readSlowly(everyMs);
  }

  #isBlocked(client: string, sid: Sid): boolean {
    return this.#blocked.has(`${client} ${sid}`);
  }

  #forget(connection: Connection): void {
    const { id, up, down } = connection;
    // A direction that has not ended may still have something to say, to its own end.
    if (connection.isOpen && !(up.isOver && down.isOver)) return;
    up.discard();
    down.discard();
    this.#connections.delete(id);
  }

  #of(sid: Sid): Connection[] {
    return [...this.#connections.values()].filter((connection) => connection.sid === sid);
  }
}

/** Above all numbers of operations, which servers are asked under. */
export const FIRST_SOCKET: SocketId = 2 ** 30;
const KNOCK_AGAIN_MS = 50;

// What clients send is never held back, and nobody is shown it on its way.
const never = (): boolean => false;
const nothing = (): void => undefined;
