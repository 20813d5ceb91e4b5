/**
 * The client port of a simulated server: the real client side, driven as real
 * servers drive it, with simulated connections where those have sockets.
 */
import {
  ClientDriver,
  type ClientEffect,
  type ClientEvent,
  type ClientHost,
  type ClientService,
  type QuorumRequest,
} from "@jute-ts/server/clients";
import type { Clock, Effect, UntimedEvent } from "@jute-ts/quorum";
import type { ClientNetwork, SocketId } from "./client-network.js";
import { cancel, type EventQueue, type Scheduled } from "./event-queue.js";

/** What a client port finds around it, in its process. */
export interface ClientSideSurroundings {
  readonly queue: EventQueue;
  readonly network: ClientNetwork;
  clock(): Clock;
  /** When it is what time by this process's clock, in the world's time. */
  worldMs(localMs: number): number;
  /** Whether the process that this port belongs to still runs: a paused one does nothing by itself. */
  run(take: () => void): void;
  /** The client side asks its peer for something. */
  onAsked(request: QuorumRequest): void;
  /** All that the client side wanted is sent and closed; it still has so many connections on which it has sent something. */
  onSettled(answered: number): void;
}

export class ClientSide {
  readonly #driver: ClientDriver;
  readonly #around: ClientSideSurroundings;
  readonly #sockets = new Set<SocketId>();
  readonly #congested = new Set<SocketId>();
  readonly #answered = new Set<SocketId>();
  #timer: Scheduled | undefined;
  #isSettling = false;
  #isEnded = false;

  constructor(service: ClientService, around: ClientSideSurroundings) {
    this.#around = around;
    this.#driver = new ClientDriver(service, {
      clock: () => around.clock(),
      carryOut: (effect) => {
        this.#carryOut(effect);
      },
      wakeAt: (deadlineMs) => {
        this.#setTimer(deadlineMs);
      },
    });
  }

  /** `ask`: hands events to the peer. Called once, before anything else. */
  attach(ask: ClientHost["ask"]): void {
    this.#driver.attach({
      ask: (events) => {
        this.#note(events);
        ask(events);
        this.settleSoon();
      },
      settleSoon: () => {
        // What is not urgent may be handed over at any time until then.
        const requests = this.takeQuorumRequests();
        if (requests.length > 0) ask(requests);
        this.settleSoon();
      },
    });
  }

  observe(effect: Effect): void {
    this.#driver.observe(effect);
  }

  takeQuorumRequests(): readonly UntimedEvent[] {
    const requests = this.#driver.takeQuorumRequests();
    this.#note(requests);
    return requests;
  }

  /** What clients are sent leaves together, after what happens now. */
  settleSoon(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#around.queue.after(0, () => {
      this.#around.run(() => {
        this.#isSettling = false;
        if (this.#isEnded) return;
        this.#driver.settle();
        this.#around.onSettled(this.#answered.size);
      });
    });
  }

  accept(socket: SocketId, address: string, port: number): void {
    this.#sockets.add(socket);
    this.#happen({ kind: "opened", connection: socket, address, port });
  }

  onBytes(connection: SocketId, bytes: Uint8Array): void {
    // Lent by the network; the client side keeps them.
    if (this.#sockets.has(connection))
      this.#happen({ kind: "received", connection, bytes: bytes.slice() });
  }

  onDrained(connection: SocketId): void {
    if (this.#congested.delete(connection)) this.#happen({ kind: "drained", connection });
  }

  onEnd(connection: SocketId): void {
    this.#congested.delete(connection);
    this.#answered.delete(connection);
    if (this.#sockets.delete(connection)) this.#happen({ kind: "disconnected", connection });
  }

  /** The process ends without a word. */
  end(): void {
    this.#isEnded = true;
    cancel(this.#timer);
  }

  #happen(event: ClientEvent): void {
    this.#around.run(() => {
      if (!this.#isEnded) this.#driver.happen(event);
    });
  }

  #carryOut(effect: ClientEffect): void {
    const { network } = this.#around;
    const { connection } = effect;
    if (!this.#sockets.has(connection)) return;
    switch (effect.kind) {
      case "send":
        this.#answered.add(connection);
        if (network.sendDown(connection, effect.bytes) || this.#congested.has(connection)) return;
        this.#congested.add(connection);
        this.#driver.happen({ kind: "congested", connection });
        return;
      case "close":
        this.#sockets.delete(connection);
        this.#congested.delete(connection);
        this.#answered.delete(connection);
        network.closeByServer(connection);
        return;
      case "stopReading":
        network.setReading(connection, false);
        return;
      case "resumeReading":
        network.setReading(connection, true);
        return;
    }
  }

  #setTimer(deadlineMs: number): void {
    cancel(this.#timer);
    this.#timer = undefined;
    if (deadlineMs === Infinity) return;
    this.#timer = this.#around.queue.at(this.#around.worldMs(deadlineMs), () => {
      this.#around.run(() => {
        if (!this.#isEnded) this.#driver.wake();
      });
    });
  }

  #note(events: readonly UntimedEvent[]): void {
    for (const event of events) if (isQuorumRequest(event)) this.#around.onAsked(event);
  }
}

function isQuorumRequest(event: UntimedEvent): event is QuorumRequest {
  return (
    event.kind === "submit" ||
    event.kind === "sync" ||
    event.kind === "touch" ||
    event.kind === "revalidate"
  );
}
