/**
 * The client port: sockets around the client side, and ZooKeeper's four-letter words,
 * which come as the first bytes of a connection.
 */
import { createServer, type Socket } from "node:net";
import { canonicalHost } from "@jute-ts/quorum/membership";
import type { Effect, UntimedEvent } from "@jute-ts/quorum";
import type { FourLetterAnswers } from "../admin/server-view.js";
import type {
  ClientConnectionId,
  ClientEffect,
  ClientEvent,
  ClientService,
} from "../clients/index.js";
import { ConnectionCounts, type ConnectionLimits } from "../clients/limits/index.js";
import { NameLookup } from "./name-lookup.js";
import { type ListenError, OpenPorts } from "./open-ports.js";
import type { PeerClients } from "./peer.js";
import { ignore } from "./transport.js";

export interface ClientPortOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly words: FourLetterAnswers;
  /** Serves clients; where undefined, only words are answered. */
  readonly service: ClientService | undefined;
  /** How many connections there may be; more are closed at once. Default: any number. */
  readonly maxConnections?: ConnectionLimits | undefined;
  /** An address of the port has trouble, while others work. */
  readonly onProblem?: ((error: ListenError) => void) | undefined;
}

interface ClientSocket {
  readonly id: ClientConnectionId;
  readonly socket: Socket;
  readonly address: string;
  /** Whether it has gone past the first four bytes, and is no word's. */
  isClient: boolean;
  /** The first bytes, while there are not four. */
  first: Uint8Array;
  isCongested: boolean;
  /** Whether the client side wants nothing more to be read for now. */
  isStopped: boolean;
}

type Host = Parameters<PeerClients["attach"]>[0];

export class ClientPort implements PeerClients {
  readonly #options: ClientPortOptions;
  readonly #ports: OpenPorts;
  readonly #sockets = new Map<ClientConnectionId, ClientSocket>();
  readonly #counts: ConnectionCounts;
  #lastConnection: ClientConnectionId = 0;
  #host: Host | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;
  #isPaused = false;
  /** What happened while it was paused. */
  readonly #waiting: Untimed<ClientEvent>[] = [];

  constructor(options: ClientPortOptions) {
    const { host, port, onProblem } = options;
    this.#options = options;
    this.#counts = new ConnectionCounts(options.maxConnections ?? { perAddress: 0 });
    this.#ports = new OpenPorts({
      port: "client",
      targets: [{ host, port }],
      names: new NameLookup(),
      createServer: () =>
        createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
          this.#accept(socket);
        }),
      onProblem: onProblem ?? ignore,
    });
  }

  /** Resolves with the port once it listens on all addresses of the host. Rejects with ListenError. */
  async listen(): Promise<number> {
    await this.#ports.open();
    return this.#ports.port ?? this.#options.port;
  }

  /** The port that is open; undefined while none is. */
  get port(): number | undefined {
    return this.#ports.port;
  }

  attach(host: Host): void {
    this.#host = host;
  }

  observe(effect: Effect): void {
    const { service } = this.#options;
    service?.observe(effect, { nowMs: performance.now(), wallMs: Date.now() });
  }

  takeQuorumRequests(): readonly UntimedEvent[] {
    return this.#options.service?.takeQuorumRequests() ?? [];
  }

  /** Carries out what the client side has asked for since the last time. */
  settle(): void {
    for (const effect of this.#options.service?.takeEffects() ?? []) this.#carryOut(effect);
    this.#setTimer();
  }

  pause(): void {
    this.#isPaused = true;
    for (const { socket } of this.#sockets.values()) socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const event of this.#waiting.splice(0)) this.#happen(event);
    for (const { socket, isStopped } of this.#sockets.values()) {
      if (!isStopped) socket.resume();
    }
  }

  async close(): Promise<void> {
    const closed = this.#ports.close();
    // What was sent is in the system's hands; nobody who does not read keeps this server from ending.
    this.settle();
    clearTimeout(this.#timer);
    for (const { socket } of this.#sockets.values()) socket.destroy();
    await closed;
  }

  // Sockets.

  #accept(socket: Socket): void {
    const address = addressOf(socket);
    socket.on("error", ignore);
    if (!this.#counts.add(address)) {
      socket.destroy();
      return;
    }
    const id = ++this.#lastConnection;
    const client = {
      id,
      socket,
      address,
      isClient: false,
      first: NOTHING,
      isCongested: false,
      isStopped: false,
    };
    this.#sockets.set(id, client);
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
    this.#happen({ kind: "opened", connection: id, address, port: socket.remotePort ?? 0 });
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
    else if (this.#options.service === undefined) client.socket.destroy();
    else this.#happen({ kind: "received", connection: client.id, bytes: first });
  }

  /** Whatever follows a word does not count. */
  #answerWord({ socket }: ClientSocket, answer: string): void {
    socket.removeAllListeners("data");
    socket.resume();
    socket.end(answer);
    socket.destroySoon();
  }

  #onDrain(client: ClientSocket): void {
    if (!client.isCongested) return;
    client.isCongested = false;
    this.#happen({ kind: "drained", connection: client.id });
  }

  #onClose({ id, address }: ClientSocket): void {
    this.#sockets.delete(id);
    this.#counts.remove(address);
    this.#happen({ kind: "disconnected", connection: id });
  }

  // The client side.

  #happen(event: Untimed<ClientEvent>): void {
    const { service } = this.#options;
    if (service === undefined) return;
    if (this.#isPaused) {
      this.#waiting.push(event);
      return;
    }
    service.step({ ...event, nowMs: performance.now(), wallMs: Date.now() });
    const requests = service.takeQuorumRequests();
    if (requests.length > 0) this.#host?.ask(requests);
    else this.#host?.settleSoon();
  }

  #carryOut(effect: ClientEffect): void {
    const client = this.#sockets.get(effect.connection);
    if (client === undefined) return;
    const { socket } = client;
    switch (effect.kind) {
      case "send":
        socket.write(effect.bytes);
        if (socket.writableNeedDrain && !client.isCongested) {
          client.isCongested = true;
          this.#happen({ kind: "congested", connection: client.id });
        }
        return;
      case "close":
        socket.removeAllListeners("data");
        socket.resume();
        socket.end();
        socket.destroySoon();
        return;
      case "stopReading":
        client.isStopped = true;
        socket.pause();
        return;
      case "resumeReading":
        client.isStopped = false;
        if (!this.#isPaused) socket.resume();
        return;
    }
  }

  #setTimer(): void {
    const deadlineMs = this.#options.service?.nextDeadline() ?? Infinity;
    if (deadlineMs === this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = deadlineMs;
    if (deadlineMs === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#timerMs = Infinity;
        this.#happen({ kind: "deadline" });
      },
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
    this.#timer.unref();
  }
}

/** Events differ in their fields, so each loses the time on its own. */
type Untimed<E extends ClientEvent> = E extends ClientEvent ? Omit<E, "nowMs" | "wallMs"> : never;

/** As Java writes addresses: those of IPv6 in full, without a zone. */
function addressOf({ remoteAddress }: Socket): string {
  return canonicalHost((remoteAddress ?? "").replace(/%.*$/u, ""));
}

const WORD_BYTES = 4;
const NOTHING = new Uint8Array(0);
