/**
 * What every role has to do with: the options, the clock of the event that is
 * being handled, the history, the storage, and a way to ask the world for
 * something. A role that is over says so here, and the peer ends it.
 */
import type { CloseReason, ConnectionId, Effect } from "./effects.js";
import type { Clock } from "./events.js";
import type { History } from "./history.js";
import type { KnownConfigurations } from "./election/known-configurations.js";
import type { OutgoingPacket } from "./wire/packet.js";
import type { ResolvedPeerOptions } from "./peer-options.js";
import type { Report } from "./report.js";
import type { Storage } from "./storage/storage.js";
import type { Epoch } from "@jute-ts/zookeeper";

export class PeerContext {
  readonly options: ResolvedPeerOptions;
  readonly history: History;
  readonly storage: Storage;
  readonly configurations: KnownConfigurations;
  readonly emit: (effect: Effect) => void;
  private readonly clock: () => Clock;
  private epochSeen: Epoch = 0;
  private whyLeaving: string | undefined;
  private whyUnrecoverable: string | undefined;

  constructor(
    options: ResolvedPeerOptions,
    history: History,
    storage: Storage,
    configurations: KnownConfigurations,
    emit: (effect: Effect) => void,
    clock: () => Clock,
  ) {
    this.options = options;
    this.history = history;
    this.storage = storage;
    this.configurations = configurations;
    this.emit = emit;
    this.clock = clock;
  }

  get nowMs(): number {
    return this.clock().nowMs;
  }

  get wallMs(): bigint {
    return BigInt(Math.trunc(this.clock().wallMs));
  }

  report(report: Report): void {
    this.emit({ kind: "report", report });
  }

  send(connection: ConnectionId, packet: OutgoingPacket): void {
    this.emit({ kind: "send", connection, packet });
  }

  close(connection: ConnectionId, reason: CloseReason): void {
    if (reason.kind === "violation") this.report(reason);
    this.emit({ kind: "closeConnection", connection, reason });
  }

  /** The latest epoch that a server which could not follow us has accepted; 0 when there was none. */
  get latestEpochSeen(): Epoch {
    return this.epochSeen;
  }

  noteEpoch(epoch: Epoch): void {
    this.epochSeen = Math.max(this.epochSeen, epoch);
  }

  /** Why the role is to be left, if it is. */
  get leaving(): string | undefined {
    return this.whyLeaving;
  }

  /** Ends the role once the event is handled. The first reason counts. */
  leave(why: string): void {
    this.whyLeaving ??= why;
  }

  /** The role has ended: the next one begins. */
  left(): void {
    this.whyLeaving = undefined;
  }

  /** Why the peer cannot go on at all, if so. */
  get unrecoverable(): string | undefined {
    return this.whyUnrecoverable;
  }

  /** Ends the peer once the event is handled. */
  giveUp(why: string): void {
    this.whyUnrecoverable ??= why;
  }
}
