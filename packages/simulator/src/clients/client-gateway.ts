/**
 * Carries requests of simulated clients to peers and answers back, each after a
 * while and, between one client and one peer, in order. Keeps account of what is
 * under way, so that every request is answered at most once, and with
 * `disconnected` when the peer's process ends.
 */
import type { Answer, ChangeRequest, ReplicatedState, RequestId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { Observation } from "../checkers/checker.js";
import type { ClientAnswer, ClientPort, ClientRequest, OperationId, SimClient } from "./client.js";
import type { EventQueue } from "../world/event-queue.js";
import type { PeerEvent } from "../world/peer-event.js";
import { Random } from "../world/random.js";
import type { Trace } from "../trace/trace.js";

/** What the gateway sees of a peer's process. */
export interface ClientServer {
  readonly sid: Sid;
  readonly up: boolean;
  readonly state: ReplicatedState | undefined;
  readonly status: { readonly serving: boolean } | undefined;
  run(take: () => void): void;
  handle(event: PeerEvent): void;
}

export interface GatewayOptions {
  readonly seed: number;
  readonly sids: readonly Sid[];
  readonly meanLatencyMs: number;
  readonly queue: EventQueue;
  readonly trace: Trace;
  server(sid: Sid): ClientServer;
  observe(observation: Observation): void;
  /** Whether an operation was taken out of the schedule: it is refused without reaching a peer. Operations of a client are numbered from 1. */
  isLeftOut(client: string, nth: number): boolean;
  /** An operation was begun; called in order, whether it is left out or not. */
  onInvoked(client: string, nth: number): void;
}

interface Pending {
  readonly operation: OperationId;
  readonly client: string;
  readonly sid: Sid;
  readonly request: ClientRequest;
  readonly onAnswer: (answer: ClientAnswer) => void;
  readonly lane: Lane;
}

/** One client's way to one peer and back. */
interface Lane {
  arrivalMs: number;
  returnMs: number;
}

export class ClientGateway {
  readonly #options: GatewayOptions;
  /** What has reached a peer and was not answered. */
  readonly #pending = new Map<OperationId, Pending>();
  /** What is on its way to a peer: its process may end before it arrives. */
  #underWay = 0;
  #lastOperation: OperationId = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** How many operations have been begun and not been answered. */
  get unanswered(): number {
    return this.#pending.size + this.#underWay;
  }

  /** Lets a client begin. */
  join(client: SimClient): void {
    client.start(this.portOf(client.name));
  }

  /** A number for an operation that comes to a server by another way. */
  nextOperation(): OperationId {
    return ++this.#lastOperation;
  }

  /** The way in for a client of this name, which must be new. */
  portOf(name: string): ClientPort {
    const { queue, seed, sids } = this.#options;
    const lanes = new Map<Sid, Lane>(sids.map((sid) => [sid, { arrivalMs: 0, returnMs: 0 }]));
    const random = Random.named(seed, `client ${name}`);
    const latency = Random.named(seed, `way of ${name}`);
    let count = 0;
    const ask = (
      sid: Sid,
      request: ClientRequest,
      onAnswer: (answer: ClientAnswer) => void,
      arrive: (server: ClientServer, operation: OperationId) => void,
    ): OperationId => {
      const lane = lanes.get(sid);
      if (lane === undefined)
        throw new RangeError(`client ${name} asks ${sid}, which is no member`);
      count += 1;
      const operation = this.nextOperation();
      const pending: Pending = { operation, client: name, sid, request, onAnswer, lane };
      this.#invoke(pending, count, latency, arrive);
      return operation;
    };
    return {
      get nowMs() {
        return queue.nowMs;
      },
      random,
      sids,
      submit: (sid, change: ChangeRequest, onAnswer) =>
        ask(sid, { kind: "submit", change }, onAnswer, (server, request) => {
          server.handle({ kind: "submit", request, change });
        }),
      sync: (sid, sessionId, cxid, onAnswer) =>
        ask(sid, { kind: "sync", sessionId, cxid }, onAnswer, (server, request) => {
          server.handle({ kind: "sync", request, sessionId, cxid });
        }),
      read: (sid, what, look, onAnswer) =>
        ask(sid, { kind: "read", what }, onAnswer, (server, operation) => {
          server.run(() => {
            this.#answer(operation, lookAt(server, look));
          });
        }),
      revalidate: (sid, sessionId, timeoutMs, onAnswer) =>
        ask(sid, { kind: "revalidate", sessionId, timeoutMs }, onAnswer, (server, request) => {
          server.handle({ kind: "revalidate", request, sessionId, timeoutMs });
        }),
      touch: (sid, sessionId) => {
        queue.after(this.#latencyMs(latency), () => {
          this.#options.server(sid).handle({ kind: "touch", sessionId });
        });
      },
      after: (delayMs, call) => {
        queue.after(delayMs, call);
      },
    };
  }

  /** A peer has answered. */
  onAnswer(server: ClientServer, request: RequestId, answer: Answer): void {
    const pending = this.#pending.get(request);
    if (pending?.sid !== server.sid) {
      throw new Error(
        `peer ${server.sid} answers request ${request}, which it was not asked or has answered`,
      );
    }
    this.#answer(request, answer);
  }

  /** A process has ended: what it was asked is not answered any more. */
  processEnded(server: ClientServer): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.sid === server.sid) this.#answer(pending.operation, { kind: "disconnected" });
    }
  }

  #invoke(
    pending: Pending,
    nth: number,
    latency: Random,
    arrive: (server: ClientServer, operation: OperationId) => void,
  ): void {
    const { queue, trace } = this.#options;
    const { operation, client, sid, request, lane } = pending;
    this.#options.onInvoked(client, nth);
    const isLeftOut = this.#options.isLeftOut(client, nth);
    if (!isLeftOut) {
      trace.onInvoke(queue.nowMs, client, operation, request);
      this.#options.observe({ kind: "invoke", operation, client, sid, request });
    }
    lane.arrivalMs = Math.max(lane.arrivalMs, queue.nowMs + this.#latencyMs(latency));
    this.#underWay += 1;
    queue.at(lane.arrivalMs, () => {
      this.#underWay -= 1;
      if (isLeftOut) {
        pending.onAnswer({ kind: "refused", text: "left out" });
        return;
      }
      this.#pending.set(operation, pending);
      const server = this.#options.server(sid);
      if (server.up) arrive(server, operation);
      else this.#answer(operation, { kind: "disconnected" });
    });
  }

  #answer(operation: OperationId, answer: ClientAnswer): void {
    const { queue, trace } = this.#options;
    const pending = this.#pending.get(operation);
    if (pending === undefined) return;
    this.#pending.delete(operation);
    const { client, sid, request, lane } = pending;
    lane.returnMs = Math.max(lane.returnMs, queue.nowMs + this.#options.meanLatencyMs);
    this.#underWay += 1;
    queue.at(lane.returnMs, () => {
      this.#underWay -= 1;
      trace.onReturn(queue.nowMs, client, operation, answer);
      this.#options.observe({ kind: "return", operation, client, sid, request, answer });
      pending.onAnswer(answer);
    });
  }

  #latencyMs(random: Random): number {
    return random.exponential(this.#options.meanLatencyMs);
  }
}

function lookAt(server: ClientServer, look: (state: ReplicatedState) => unknown): ClientAnswer {
  const { state, status } = server;
  if (state === undefined || status?.serving !== true) {
    return { kind: "refused", text: "not serving" };
  }
  return { kind: "value", value: look(state), zxid: state.lastProcessedZxid };
}
