/**
 * Drives a client side between its peer and its connections, without I/O: gives
 * each event its time, hands the peer what is asked of it before anything else happens,
 * and has effects carried out once for all that happened together. Real servers have
 * sockets around it, simulated ones have whatever stands for them.
 */
import type { Clock, Effect, UntimedEvent } from "@jute-ts/quorum";
import type { ClientEffect, QuorumRequest } from "./client-effects.js";
import type { ClientEvent } from "./client-events.js";
import type { ClientService } from "./client-service.js";

/** What a driver finds around it. */
export interface ClientSurroundings {
  clock(): Clock;
  /**
   * Does something with a connection; one that is gone is left alone. May report events. Whether
   * all is over with it: then the bytes of a send are not needed any more, and will change.
   */
  carryOut(effect: ClientEffect): boolean;
  /** Has `wake` called at this time of the clock, and not at one that was named before. Infinity: not at all. */
  wakeAt(deadlineMs: number): void;
}

/** The peer, as the client side reaches it. */
export interface ClientHost {
  /** Hands events to the peer, at once; what led to them began at `beganMs` of the clock. */
  ask(events: readonly UntimedEvent[], beganMs: number): void;
  /**
   * Has `settle` called soon, after what happens now, which began at `beganMs` of the clock, and perhaps
   * what comes together with it; and before it the peer handed what `takeQuorumRequests` has.
   */
  settleSoon(beganMs: number): void;
}

export class ClientDriver {
  readonly #service: ClientService;
  readonly #around: ClientSurroundings;
  #host: ClientHost | undefined;
  #deadlineMs = Infinity;
  #isPaused = false;
  #isCarryingOut = false;
  /** What happened while it was paused. */
  readonly #waiting: ClientEvent[] = [];

  constructor(service: ClientService, around: ClientSurroundings) {
    this.#service = service;
    this.#around = around;
  }

  /** Called once, before anything else. */
  attach(host: ClientHost): void {
    this.#host = host;
  }

  /** An effect of the peer arises. */
  observe(effect: Effect): void {
    // Most effects are these, and no client's business.
    if (effect.kind === "send" || effect.kind === "file") return;
    this.#service.observe(effect, this.#around.clock());
  }

  /** What the peer is asked because of what it has done itself, and what was not urgent. */
  takeQuorumRequests(): readonly QuorumRequest[] {
    return this.#service.takeQuorumRequests();
  }

  /** Something happened to a connection. Waits for `resume` while paused. */
  happen(event: ClientEvent): void {
    if (this.#isPaused) {
      this.#waiting.push(event);
      return;
    }
    const clock = this.#around.clock();
    this.#service.step(event, clock);
    if (this.#service.hasMuchToSend) this.#carryOutEffects();
    if (this.#service.hasUrgentRequests)
      this.#host?.ask(this.#service.takeQuorumRequests(), clock.nowMs);
    else this.#host?.settleSoon(clock.nowMs);
  }

  /** About how much `settle` has to do. */
  get effectCount(): number {
    return this.#service.effectCount;
  }

  /** Has carried out what the client side has asked for since the last time. */
  settle(): void {
    this.#carryOutEffects();
    const deadlineMs = this.#service.nextDeadline() ?? Infinity;
    if (deadlineMs === this.#deadlineMs) return;
    this.#deadlineMs = deadlineMs;
    this.#around.wakeAt(deadlineMs);
  }

  /** What one of them leads to waits for the others: what is sent on a connection keeps its order. */
  #carryOutEffects(): void {
    if (this.#isCarryingOut) return;
    this.#isCarryingOut = true;
    try {
      for (const effect of this.#service.takeEffects()) {
        const isOver = this.#around.carryOut(effect);
        if (isOver && effect.kind === "send") this.#service.giveBack(effect.memory);
      }
    } finally {
      this.#isCarryingOut = false;
    }
  }

  /** The time has come that was named last. */
  wake(): void {
    this.#deadlineMs = Infinity;
    this.happen({ kind: "deadline" });
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** Goes on with what happened meanwhile, in order. */
  resume(): void {
    this.#isPaused = false;
    for (const event of this.#waiting.splice(0)) this.happen(event);
  }
}
