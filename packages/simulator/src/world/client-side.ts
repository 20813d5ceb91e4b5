/**
 * The client port of a simulated server: the real client side, driven as real
 * servers drive it, with simulated connections where those have sockets.
 */
import {
  type ClientCloseReason,
  ClientDriver,
  type ClientEffect,
  type ClientEvent,
  type ClientService,
  ConnectionCounts,
  type ConnectionLimits,
  type QuorumRequest,
} from "@jute-ts/server/clients";
import type { Answer, Clock, Effect, UntimedEvent } from "@jute-ts/quorum";
import { OpCode } from "@jute-ts/zookeeper";
import type {
  BegunSessions,
  ClientFigures,
  ClientLoad,
  Closing,
  ConnectionChange,
} from "../checkers/checker.js";
import { ClientDoor } from "./client-door.js";
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
  onConnection(
    connection: SocketId,
    address: string,
    change: ConnectionChange,
    closing?: Closing,
  ): void;
  /** All that the client side wanted is sent and closed. */
  onSettled(load: ClientLoad): void;
  /** It is at rest: what it tells its operators is what has happened. */
  onCounted(figures: Omit<ClientFigures, "measured">): void;
}

export class ClientSide {
  readonly #driver: ClientDriver;
  readonly #service: ClientService;
  readonly #door = new ClientDoor();
  readonly #around: ClientSideSurroundings;
  readonly #counts: ConnectionCounts;
  /** The connections that there are, each with the address that it comes from. */
  readonly #sockets = new Map<SocketId, string>();
  readonly #congested = new Set<SocketId>();
  /** What was sent on those, as far as the server knows that they are congested, in bytes. */
  readonly #congestedBytes = new Map<SocketId, number>();
  /** Those of which the quorum does not know what becomes of what was asked. */
  readonly #unknown = new Set<SocketId>();
  readonly #answered = new Set<SocketId>();
  /** Those whose first message was taken. */
  readonly #introduced = new Set<SocketId>();
  /** How many requests of a connection the quorum has not answered. */
  readonly #inProcess = new Map<SocketId, number>();
  /** How many answers the quorum owes to each connection, whether that is still there or not. */
  readonly #owed = new Map<SocketId, number>();
  #begun = NONE_BEGUN;
  #timer: Scheduled | undefined;
  #isSettling = false;
  /** How often it was settled. */
  #settled = 0;
  /** When it was first decided that there is something to settle, by the process's clock. */
  #unsettledMs = 0;
  #isEnded = false;
  // Made once: there is something to settle after nearly everything that happens in the process.
  readonly #settleNow = (): void => {
    this.#settle();
  };
  readonly #settleWhenRunning = (): void => {
    this.#around.run(this.#settleNow);
  };

  constructor(service: ClientService, limits: ConnectionLimits, around: ClientSideSurroundings) {
    this.#around = around;
    this.#service = service;
    this.#counts = new ConnectionCounts(limits);
    this.#driver = new ClientDriver(service, {
      clock: () => around.clock(),
      carryOut: (effect) => {
        this.#carryOut(effect);
        return true;
      },
      wakeAt: (deadlineMs) => {
        this.#setTimer(deadlineMs);
      },
    });
  }

  /** `ask`: hands events to the peer. Called once, before anything else. */
  attach(ask: (events: readonly UntimedEvent[]) => void): void {
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
    if (effect.kind === "answer") this.#noteAnswer(effect.request, effect.answer);
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
    this.#unsettledMs = this.#around.clock().nowMs;
    this.#around.queue.after(0, this.#settleWhenRunning);
  }

  #settle(): void {
    this.#isSettling = false;
    if (this.#isEnded) return;
    this.#driver.settle();
    this.#around.onSettled(this.#takeLoad());
    this.#settled += 1;
    if (this.#settled % COUNTED_EVERY === 0) this.#countAtRest();
  }

  /** Shows what operators are shown, and now and then begins to count again, as they may. */
  #countAtRest(): void {
    const { view, upkeep } = this.#service;
    // What it only remembers to have written is no work that is left.
    if (this.#driver.effectCount > upkeep.unsent) return;
    this.#around.onCounted({ seen: this.#door, shown: view, upkeep, owed: this.#owed.size });
    if (this.#settled % RESET_EVERY !== 0) return;
    this.#door.reset(Array.from(view.connections(), ({ packetsReceived }) => packetsReceived));
    view.resetConnectionStatistics();
  }

  /** Takes a connection, or closes it at once if there are too many. */
  accept(socket: SocketId, address: string, port: number, certificate: string | undefined): void {
    const around = this.#around;
    around.run(() => {
      if (this.#isEnded) return;
      if (!this.#counts.add(address)) {
        around.network.closeByServer(socket);
        around.onConnection(socket, address, "refused");
        return;
      }
      this.#sockets.set(socket, address);
      around.onConnection(socket, address, "admitted");
      const isSecure = certificate !== undefined;
      const tls = { isSecure, certificateSubject: certificate };
      this.#happen({ kind: "opened", connection: socket, address, port, ...tls });
    });
  }

  onBytes(connection: SocketId, bytes: Uint8Array): void {
    const address = this.#sockets.get(connection);
    if (address === undefined) return;
    this.#around.onConnection(connection, address, "heard");
    // Lent by the network; the client side keeps them.
    this.#happen({ kind: "received", connection, bytes: bytes.slice() });
  }

  onDrained(connection: SocketId): void {
    if (this.#congested.delete(connection)) this.#happen({ kind: "drained", connection });
  }

  onEnd(connection: SocketId): void {
    if (this.#forget(connection, "ended")) this.#happen({ kind: "disconnected", connection });
  }

  /** False if it is gone already. */
  #forget(connection: SocketId, change: "closed" | "ended", reason?: ClientCloseReason): boolean {
    const closing = reason && {
      reason,
      congestedBytes: this.#congestedBytes.get(connection) ?? 0,
      isUnknown: this.#unknown.has(connection),
    };
    this.#congested.delete(connection);
    this.#congestedBytes.delete(connection);
    this.#unknown.delete(connection);
    this.#answered.delete(connection);
    this.#introduced.delete(connection);
    this.#inProcess.delete(connection);
    const address = this.#sockets.get(connection);
    if (address === undefined) return false;
    this.#sockets.delete(connection);
    this.#counts.remove(address);
    this.#around.onConnection(connection, address, change, closing);
    return true;
  }

  /** The process ends without a word. */
  end(): void {
    this.#isEnded = true;
    cancel(this.#timer);
  }

  #happen(event: ClientEvent): void {
    this.#around.run(() => {
      if (this.#isEnded) return;
      if (event.kind === "drained") this.#congestedBytes.delete(event.connection);
      this.#door.happened(event, this.#around.clock(), this.#driver.effectCount === 0);
      this.#driver.happen(event);
    });
  }

  #carryOut(effect: ClientEffect): void {
    const { network } = this.#around;
    const { connection } = effect;
    if (effect.kind === "close") this.#door.willClose(effect.reason);
    if (effect.kind === "send") {
      const { nowMs } = this.#around.clock();
      this.#door.wentOut(connection, effect.bytes, nowMs, nowMs === this.#unsettledMs);
    }
    const address = this.#sockets.get(connection);
    if (address === undefined) return;
    switch (effect.kind) {
      case "send":
        if (!this.#answered.has(connection)) {
          this.#answered.add(connection);
          this.#noteBegun(connection, "here");
          this.#around.onConnection(connection, address, "answered");
        }
        this.#noteCongested(connection, effect.bytes.length);
        // A copy: the client side writes over what it is given back, as it does in real servers.
        if (network.sendDown(connection, effect.bytes.slice()) || this.#congested.has(connection))
          return;
        this.#congested.add(connection);
        this.#congestedBytes.set(connection, 0);
        this.#door.happened({ kind: "congested", connection }, this.#around.clock(), false);
        this.#driver.happen({ kind: "congested", connection });
        return;
      case "close":
        this.#forget(connection, "closed", effect.reason);
        this.#door.closed(connection);
        network.closeByServer(connection);
        return;
      case "stopReading":
        this.#door.isRead(connection, false, this.#around.clock().nowMs);
        network.setReading(connection, false);
        return;
      case "resumeReading":
        this.#door.isRead(connection, true, this.#around.clock().nowMs);
        network.setReading(connection, true);
        return;
    }
  }

  #noteCongested(connection: SocketId, bytes: number): void {
    const sent = this.#congestedBytes.get(connection);
    if (sent !== undefined) this.#congestedBytes.set(connection, sent + bytes);
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
    for (const event of events) {
      if (!isQuorumRequest(event)) continue;
      this.#around.onAsked(event);
      if (event.kind === "touch") continue;
      this.#owed.set(event.request, (this.#owed.get(event.request) ?? 0) + 1);
      const isNew = event.kind === "submit" && event.change.opCode === OpCode.createSession;
      if (isNew) this.#noteBegun(event.request, "global");
      else if (event.kind === "revalidate") this.#noteBegun(event.request, "renewed");
      else this.#inProcess.set(event.request, (this.#inProcess.get(event.request) ?? 0) + 1);
    }
  }

  /** Sessions that only this server knows begin without the quorum; one that becomes known to all has begun before. */
  #noteBegun(connection: SocketId, how: keyof BegunSessions): void {
    if (this.#introduced.has(connection)) return;
    this.#introduced.add(connection);
    this.#begun = { ...this.#begun, [how]: this.#begun[how] + 1 };
  }

  #noteAnswer(connection: SocketId, { kind }: Answer): void {
    if (kind === "refused" || kind === "unknown") this.#unknown.add(connection);
    const left = (this.#inProcess.get(connection) ?? 0) - 1;
    if (left > 0) this.#inProcess.set(connection, left);
    else this.#inProcess.delete(connection);
    const owed = (this.#owed.get(connection) ?? 0) - 1;
    if (owed > 0) this.#owed.set(connection, owed);
    else this.#owed.delete(connection);
  }

  #takeLoad(): ClientLoad {
    const begun = this.#begun;
    this.#begun = NONE_BEGUN;
    let inProcess = 0;
    for (const count of this.#inProcess.values()) inProcess += count;
    const unsentBytes = this.#door.takeUnsentBytes();
    const unansweredLengths = this.#door.unansweredLengths();
    const congestedBytes = Math.max(0, ...this.#congestedBytes.values());
    const ofBytes = { unsentBytes, congestedBytes, unansweredLengths };
    return { answered: this.#answered.size, inProcess, begun, ...ofBytes };
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

const NONE_BEGUN: BegunSessions = { global: 0, renewed: 0, here: 0 };

/** What operators are shown is compared now and then: what is wrong in it mostly stays so. */
const COUNTED_EVERY = 8;
/** A multiple of that. */
const RESET_EVERY = 40;
