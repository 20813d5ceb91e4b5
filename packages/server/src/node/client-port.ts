/**
 * The client port: sockets around the client side, and ZooKeeper's four-letter words,
 * which come as the first bytes of a connection.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";
import { canonicalHost } from "@jute-ts/quorum/membership";
import type { Effect, UntimedEvent } from "@jute-ts/quorum";
import type { FourLetterAnswers } from "../admin/server-view.js";
import {
  type ClientConnectionId,
  ClientDriver,
  type ClientEffect,
  type ClientEvent,
  type ClientHost,
  type ClientService,
} from "../clients/index.js";
import type { ConnectionLimits } from "../clients/limits/index.js";
import { ClientAdmission } from "./client-admission.js";
import { beginsTls, type ClientTlsOptions, continueInTls, createTlsServer } from "./client-tls.js";
import { NameLookup } from "./name-lookup.js";
import type { Trouble } from "./network-report.js";
import { type ListenError, type ListenTarget, OpenPorts } from "./open-ports.js";
import type { PeerClients } from "./peer.js";
import { ignore, readAtOnce } from "./transport.js";

export interface ClientPortOptions {
  /** Where clients come to; undefined: only inside TLS. */
  readonly target: ListenTarget | undefined;
  /** TLS of clients. */
  readonly tls?: ClientTls | undefined;
  /** How many connections may wait to be accepted. Default: the system's number. */
  readonly backlog?: number | undefined;
  /** Whether the system looks after connections that are silent. False. */
  readonly keepAlive?: boolean | undefined;
  readonly words: FourLetterAnswers;
  /** Serves clients; where undefined, only words are answered. */
  readonly service: ClientService | undefined;
  /** How many connections there may be; more are closed at once. Default: any number. */
  readonly maxConnections?: ConnectionLimits | undefined;
  /** An address of the port has trouble, while others work. */
  readonly onProblem?: ((error: ListenError) => void) | undefined;
  /** A connection was closed at once, because there are too many. */
  readonly onRefused?: ((address: string, trouble: Trouble) => void) | undefined;
  /** A client's TLS handshake has failed. */
  readonly onHandshakeFailure?: (() => void) | undefined;
  /** A connection was closed because too many handshakes were under way. */
  readonly onHandshakeRefused?: (() => void) | undefined;
}

export interface ClientTls extends ClientTlsOptions {
  /** A port for TLS alone. */
  readonly target: ListenTarget | undefined;
  /** Whether the other port takes TLS as well. */
  readonly unified: boolean;
  /** How many handshakes may be under way at once; Infinity: any number. */
  readonly maxHandshakes: number;
}

interface ClientSocket {
  readonly id: ClientConnectionId;
  readonly socket: Socket;
  /** Whether it has gone past the first four bytes, and is no word's. */
  isClient: boolean;
  /** The first bytes, while there are not four. */
  first: Uint8Array;
  isCongested: boolean;
  /** Whether the client side wants nothing more to be read until it says so. */
  isStopped: boolean;
}

/** What a connection has proven. */
interface Origin {
  readonly isSecure?: boolean;
  readonly certificateSubject?: string | undefined;
}

export class ClientPort implements PeerClients {
  readonly #options: ClientPortOptions;
  readonly #plain: OpenPorts | undefined;
  readonly #secure: OpenPorts | undefined;
  /** Shakes hands with those that come to a port for both. */
  readonly #handshakes: TlsServer | undefined;
  /** Those of whom no byte has come at such a port. */
  readonly #silent = new Set<Socket>();
  /** All that have come, from before their TLS handshake until they are gone. */
  readonly #admitted = new Set<Socket>();
  /** Those whose TLS handshake is under way, by the address and port at the other end. */
  readonly #shaking = new Set<string>();
  readonly #sockets = new Map<ClientConnectionId, ClientSocket>();
  readonly #admission: ClientAdmission;
  /** Undefined where only words are answered. */
  readonly #driver: ClientDriver | undefined;
  #lastConnection: ClientConnectionId = 0;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(options: ClientPortOptions) {
    const { target, tls, keepAlive = false, service } = options;
    this.#options = options;
    this.#driver =
      service &&
      new ClientDriver(service, {
        clock: () => ({ nowMs: performance.now(), wallMs: Date.now() }),
        carryOut: (effect) => this.#carryOut(effect),
        wakeAt: (deadlineMs) => {
          this.#setTimer(deadlineMs);
        },
      });
    this.#admission = new ClientAdmission(options.maxConnections ?? { perAddress: 0 });
    this.#handshakes = tls?.unified === true ? this.#newTlsServer(tls) : undefined;
    const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive };
    this.#plain =
      target &&
      this.#newPorts(target, () =>
        createServer(socketOptions, (socket) => {
          if (!this.#admit(socket)) return;
          if (tls === undefined || this.#handshakes === undefined) this.#accept(socket);
          else this.#acceptEither(socket, tls, this.#handshakes);
        }),
      );
    this.#secure =
      tls?.target &&
      this.#newPorts(tls.target, () =>
        // Before the handshake: who never finishes one counts as well (ZOOKEEPER-3146).
        this.#newTlsServer(tls).on("connection", (socket: Socket) => {
          if (this.#admit(socket)) this.#beginHandshake(socket, tls);
        }),
      );
  }

  #newPorts(target: ListenTarget, createServer: () => Server): OpenPorts {
    const { onProblem = ignore, backlog } = this.#options;
    const names = new NameLookup();
    return new OpenPorts({
      port: "client",
      targets: [target],
      names,
      createServer,
      onProblem,
      backlog,
    });
  }

  #newTlsServer(tls: ClientTls): TlsServer {
    const { onHandshakeFailure = ignore } = this.#options;
    const onClient = (socket: Socket, certificateSubject: string | undefined): void => {
      this.#shaking.delete(farEndOf(socket));
      this.#accept(socket, { isSecure: true, certificateSubject });
    };
    return createTlsServer(tls, onClient, onHandshakeFailure);
  }

  /** Resolves once it listens on all addresses. Rejects with ListenError. */
  async listen(): Promise<void> {
    await Promise.all([this.#plain?.open(), this.#secure?.open()]);
  }

  /** How many TLS handshakes are under way. */
  get handshakes(): number {
    return this.#shaking.size;
  }

  /** The port without TLS. */
  get port(): number | undefined {
    return this.#plain?.port;
  }

  /** The port for TLS alone. */
  get securePort(): number | undefined {
    return this.#secure?.port;
  }

  attach(host: ClientHost): void {
    this.#driver?.attach(host);
  }

  observe(effect: Effect): void {
    this.#driver?.observe(effect);
  }

  takeQuorumRequests(): readonly UntimedEvent[] {
    return this.#driver?.takeQuorumRequests() ?? [];
  }

  get effectCount(): number {
    return this.#driver?.effectCount ?? 0;
  }

  /** Carries out what the client side has asked for since the last time. */
  settle(): void {
    this.#driver?.settle();
  }

  pause(): void {
    this.#isPaused = true;
    this.#driver?.pause();
    for (const { socket } of this.#sockets.values()) socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#driver?.resume();
    for (const { socket, isStopped } of this.#sockets.values()) {
      if (!isStopped) socket.resume();
    }
  }

  abort(): void {
    this.#destroyAll();
    // What is to be sent to them finds nobody.
    this.#sockets.clear();
  }

  /** Also those whose handshake is under way, which would keep a port from closing until they give up. */
  #destroyAll(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy();
    for (const socket of this.#admitted) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = Promise.all([this.#plain?.close(), this.#secure?.close()]);
    // What was sent is in the system's hands; nobody who does not read keeps this server from ending.
    this.settle();
    clearTimeout(this.#timer);
    this.#destroyAll();
    await closed;
  }

  // Sockets.

  /** False, and the connection is closed, if there are too many. */
  #admit(socket: Socket): boolean {
    const address = addressOf(socket);
    socket.on("error", ignore);
    const trouble = this.#admission.add(address);
    if (trouble !== undefined) {
      socket.destroy();
      this.#options.onRefused?.(address, trouble);
      return false;
    }
    this.#admitted.add(socket);
    socket.once("close", () => {
      this.#admitted.delete(socket);
      this.#admission.remove(address);
    });
    return true;
  }

  /** False, and the connection is closed, if too many handshakes are under way. */
  #beginHandshake(socket: Socket, { maxHandshakes }: ClientTls): boolean {
    if (this.#shaking.size >= maxHandshakes) {
      socket.destroy();
      this.#options.onHandshakeRefused?.();
      return false;
    }
    const farEnd = farEndOf(socket);
    this.#shaking.add(farEnd);
    // One that fails closes the connection.
    socket.once("close", () => this.#shaking.delete(farEnd));
    return true;
  }

  /** At a port for both, the first byte tells whether it is TLS. */
  #acceptEither(socket: Socket, tls: ClientTls, handshakes: TlsServer): void {
    if (this.#silent.size >= MAX_SILENT) {
      socket.destroy();
      return;
    }
    this.#silent.add(socket);
    const forget = (): void => {
      this.#silent.delete(socket);
    };
    const giveUp = (): void => {
      socket.destroy();
    };
    socket.setTimeout(SILENT_MS, giveUp);
    socket.once("end", giveUp);
    socket.once("close", forget);
    socket.once("data", (bytes: Uint8Array) => {
      socket.pause();
      forget();
      socket.setTimeout(0, giveUp);
      socket.off("timeout", giveUp);
      socket.off("end", giveUp);
      socket.off("close", forget);
      if (beginsTls(bytes)) {
        if (this.#beginHandshake(socket, tls)) continueInTls(handshakes, socket, bytes);
        return;
      }
      socket.unshift(bytes);
      this.#accept(socket);
      if (!this.#isPaused) socket.resume();
    });
  }

  #accept(socket: Socket, origin: Origin = {}): void {
    // One inside TLS is another than the one that was admitted.
    socket.on("error", ignore);
    const id = ++this.#lastConnection;
    const client = {
      id,
      socket,
      isClient: false,
      first: NOTHING,
      isCongested: false,
      isStopped: false,
    };
    this.#sockets.set(id, client);
    readAtOnce(socket);
    socket.on("data", (bytes: Uint8Array) => {
      this.#onData(client, bytes);
    });
    // A client that has said all gets its answers, as far as they are there.
    socket.on("end", () => socket.end());
    socket.on("drain", () => {
      this.#onDrain(client);
    });
    socket.on("close", () => {
      this.#onClose(client);
    });
    const port = socket.remotePort ?? 0;
    this.#happen({ kind: "opened", connection: id, address: addressOf(socket), port, ...origin });
    if (this.#isPaused) socket.pause();
  }

  #onData(client: ClientSocket, bytes: Uint8Array): void {
    if (client.isClient) {
      this.#happen({ kind: "received", connection: client.id, bytes });
      return;
    }
    const first = client.first.length === 0 ? bytes : Buffer.concat([client.first, bytes]);
    client.first = first;
    if (first.length < WORD_BYTES) return;
    client.first = NOTHING;
    client.isClient = true;
    const answer = this.#options.words.answer(first);
    if (answer !== undefined) this.#answerWord(client, answer);
    else if (this.#driver === undefined) client.socket.destroy();
    else this.#happen({ kind: "received", connection: client.id, bytes: first });
  }

  /** Whatever follows a word does not count. */
  #answerWord({ socket }: ClientSocket, answer: string): void {
    socket.write(answer);
    endSoon(socket);
  }

  #onDrain(client: ClientSocket): void {
    if (!client.isCongested) return;
    client.isCongested = false;
    this.#happen({ kind: "drained", connection: client.id });
  }

  #onClose({ id }: ClientSocket): void {
    this.#sockets.delete(id);
    this.#happen({ kind: "disconnected", connection: id });
  }

  // The client side.

  #happen(event: ClientEvent): void {
    this.#driver?.happen(event);
  }

  /** Whether all is over with it. */
  #carryOut(effect: ClientEffect): boolean {
    const client = this.#sockets.get(effect.connection);
    if (client === undefined) return true;
    const { socket } = client;
    switch (effect.kind) {
      case "send":
        return this.#send(client, effect.bytes);
      case "close":
        endSoon(socket);
        return true;
      case "stopReading":
        client.isStopped = true;
        socket.pause();
        return true;
      case "resumeReading":
        client.isStopped = false;
        if (!this.#isPaused) socket.resume();
        return true;
    }
  }

  /**
   * Whether the socket holds none of the bytes: all have left at once, as they mostly do, or must
   * wait for others and were copied. So a client that does not read keeps one lent memory at most.
   */
  #send(client: ClientSocket, bytes: Uint8Array): boolean {
    const { socket } = client;
    const mustWait = socket.writableLength > 0;
    socket.write(mustWait ? bytes.slice() : bytes);
    if (socket.writableLength === 0) return true;
    // A long answer asks for a drain even where all of it has left at once.
    if (socket.writableNeedDrain && !client.isCongested) {
      client.isCongested = true;
      this.#happen({ kind: "congested", connection: client.id });
    }
    return mustWait;
  }

  #setTimer(deadlineMs: number): void {
    clearTimeout(this.#timer);
    if (deadlineMs === Infinity) return;
    this.#timer = setTimeout(
      () => this.#driver?.wake(),
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
    this.#timer.unref();
  }
}

/** As Java writes addresses: those of IPv6 in full, without a zone. */
function addressOf({ remoteAddress }: Socket): string {
  return canonicalHost((remoteAddress ?? "").replace(/%.*$/u, ""));
}

/** Which connection this is, inside TLS and outside alike. */
function farEndOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ""} ${remotePort ?? 0}`;
}

/**
 * Closes a connection once what was written has left. A client that does not read is not
 * waited for much longer: what it is owed takes memory.
 */
function endSoon(socket: Socket): void {
  socket.removeAllListeners("data");
  socket.resume();
  socket.destroySoon();
  const timer = setTimeout(() => {
    socket.destroy();
  }, ENDING_MS);
  timer.unref();
  socket.once("close", () => {
    clearTimeout(timer);
  });
}

const WORD_BYTES = 4;
/** How many may come to a port for both and say nothing, and for how long. */
const MAX_SILENT = 1000;
const SILENT_MS = 10_000;
const ENDING_MS = 5000;
const NOTHING = new Uint8Array(0);
