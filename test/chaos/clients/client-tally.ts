/** The figures of a run with clients, as text and as JSON. */
import type { Attack } from "../attack.js";
import { VictimCounts } from "../victim-counts.js";
import { type Entry, isOperation, type Maker, type SessionInfo } from "./history.js";

export class ClientTally {
  cycles = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  /** Sessions by who made their client. */
  readonly sessions: Record<Maker, number> = { socket: 0, apache: 0, kazoo: 0 };
  /** How often a session went on over another connection. */
  reconnected = 0;
  expired = 0;
  /** Events of watches. */
  events = 0;
  /** Changes that persistent watches told of, one by one. */
  counted = 0;
  /** Ephemerals found on servers. */
  ephemerals = 0;
  treeDigests = 0;
  txnDigests = 0;
  /** Histories of registers for which the search for an order was given up. */
  undecided = 0;
  readonly #victims = new VictimCounts();

  attacked(attack: Attack): void {
    this.#victims.add(attack);
  }

  /** Everything in it was found to be as it must be: otherwise a run ends. */
  judged(entries: readonly Entry[]): void {
    const connections = new Map<SessionInfo, number>();
    for (const entry of entries) {
      if (isOperation(entry)) {
        if (entry.outcome.kind === "ok") this.acknowledged++;
        else this[entry.outcome.kind]++;
      } else if (entry.kind === "connected") {
        connections.set(entry.session, (connections.get(entry.session) ?? 0) + 1);
      } else if (entry.kind === "expired") {
        this.expired++;
      }
    }
    for (const [{ maker }, count] of connections) {
      this.sessions[maker]++;
      this.reconnected += count - 1;
    }
  }

  toJSON(): Record<string, unknown> {
    const figures = Object.fromEntries(Object.entries(this));
    return { ...figures, victims: this.#victims.toJSON(), violations: 0 };
  }

  toString(): string {
    const { socket, apache, kazoo } = this.sessions;
    return (
      `${this.cycles} cycles; ${String(this.#victims)}; ${socket + apache + kazoo} sessions ` +
      `(${socket} ours, ${apache} of Apache's client, ${kazoo} of kazoo) reconnected ${this.reconnected} times, ` +
      `${this.expired} expired; ${this.acknowledged} requests acknowledged, ${this.refused} refused, ` +
      `${this.unknown} unknown; ${this.events} events of watches, ${this.counted} changes counted one by one, ` +
      `${this.ephemerals} ephemerals found; ${this.treeDigests} digests of trees and ${this.txnDigests} of txns ` +
      `were equal; ${this.undecided} searches given up; 0 violations`
    );
  }
}
