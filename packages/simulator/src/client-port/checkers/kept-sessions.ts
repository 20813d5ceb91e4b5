/**
 * KeptSessions: a session belongs to whoever has its password, and to nobody else; a
 * new one has an id that no other ever had, and the timeout that was asked for
 * within the limits; nobody is told that a session is over which nothing has ended;
 * and when all is calm, every client keeps its connection and its session, and of
 * all others none is left.
 */
import { decodeTxn, OpCode, type Sid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { Leaderships } from "./leaderships.js";

type Connecting = Extract<FrameEvent, { kind: "connecting" }>;

export interface SessionBounds {
  readonly minTimeoutMs: number;
  readonly maxTimeoutMs: number;
}

export class KeptSessions implements Checker {
  readonly name = "kept-sessions";
  readonly watches: readonly Watch[] = [
    ...(["frame", "connection", "sent"] as const),
    ...(["changed", "crash", "calm"] as const),
  ];
  readonly #requests: CommittedRequests;
  readonly #bounds: SessionBounds;
  readonly #localSessions: boolean;
  readonly #leaderships = new Leaderships();
  /** What was said first on each connection, and under which leadership. */
  readonly #connecting = new Map<
    number,
    {
      readonly event: Connecting;
      readonly leadership: number | undefined;
      /** Whether everybody knew the session then, and whether it was over. */
      readonly wasThere: boolean;
      readonly wasOver: boolean;
    }
  >();
  /** All sessions that clients were given, and that some may have still. */
  readonly #given = new Set<bigint>();
  /** By client. */
  readonly #open = new Map<string, bigint>();
  /** Sessions whose end was proposed. */
  readonly #ending = new Set<bigint>();
  /** Connections that were closed because what waited for their clients was more than may: whether it was, another checker judges. */
  readonly #unread = new Set<number>();
  #isCalm = false;

  /** `localSessions`: whether the ensemble may never have heard of a session. */
  constructor(requests: CommittedRequests, bounds: SessionBounds, localSessions: boolean) {
    this.#requests = requests;
    this.#bounds = bounds;
    this.#localSessions = localSessions;
  }

  observe(observation: Observation, world: WorldView): void {
    this.#leaderships.observe(observation);
    if (observation.kind === "calm") this.#isCalm = true;
    else if (observation.kind === "step") this.#noteProposals(observation);
    else if (observation.kind === "connection") {
      const { connection, closing } = observation;
      if (closing?.reason === "client does not read") this.#unread.add(connection);
    } else if (observation.kind === "frame")
      this.#onFrame(observation.sid, observation.happening, world);
  }

  atEnd(world: WorldView): void {
    if (this.#requests.isLost) return;
    const open = new Set(this.#open.values());
    for (const { sid, tree } of world.peers.values()) {
      if (tree === undefined) continue;
      for (const sessionId of this.#given)
        if (tree.sessions.has(sessionId) && !open.has(sessionId))
          throw violation(`server ${sid} still has session ${hex(sessionId)}, which nobody uses`);
      for (const sessionId of open)
        if (this.#isOfEnsemble(sessionId) && !tree.sessions.has(sessionId))
          throw violation(`server ${sid} lacks session ${hex(sessionId)}, which is in use`);
    }
  }

  #noteProposals({ effects }: Extract<Observation, { kind: "step" }>): void {
    for (const effect of effects) {
      if (effect.kind !== "send" || effect.packet.kind !== "PROPOSAL") continue;
      const { type, header } = decodeTxn(effect.packet.txn.bytes);
      if (type === OpCode.closeSession) this.#ending.add(header.clientId);
    }
  }

  #onFrame(sid: Sid, { client, connection, event }: FrameHappening, { peers }: WorldView): void {
    const begun = this.#connecting.get(connection);
    switch (event.kind) {
      case "connecting":
        this.#connecting.set(connection, {
          event,
          leadership: this.#leaderships.only,
          wasThere: this.#isThere(event.sessionId),
          wasOver: this.#isOver(event.sessionId),
        });
        return;
      case "connected":
        if (begun === undefined) return;
        this.#judgeConnected(client, sid, begun.event, event);
        if (
          begun.wasOver &&
          begun.leadership !== undefined &&
          begun.leadership === this.#leaderships.only
        )
          throw violation(`server ${sid} revives session ${hex(event.sessionId)} of ${client}`);
        this.#open.set(client, event.sessionId);
        this.#given.add(event.sessionId);
        return;
      case "expired": {
        if (begun === undefined || begun.event.isThief) return;
        this.#open.delete(client);
        // A leader that is alone tells nobody what it proposes.
        const isProposing = [...peers.values()].some(
          ({ status }) => (status?.outstanding ?? 0) > 0,
        );
        const isSettled =
          peers.size > 1 &&
          !isProposing &&
          begun.leadership !== undefined &&
          begun.leadership === this.#leaderships.only;
        if (this.#isCalm) throw violation(`${client} loses its session while all is calm`);
        const isThere = begun.wasThere && this.#isThere(event.sessionId);
        if (isSettled && isThere && !this.#ending.has(event.sessionId))
          throw violation(
            `${client} is told by server ${sid} that session ${hex(event.sessionId)} is over, which nobody has ended`,
          );
        return;
      }
      case "closed":
        // Whoever is silent comes back for nothing.
        if (event.silence !== undefined) this.#open.delete(client);
        if (this.#isCalm && begun?.event.isThief === false && !this.#unread.has(connection))
          throw violation(`${client} loses its connection to server ${sid} while all is calm`);
        return;
      case "asked":
        if (event.request.message.type === OpCode.closeSession)
          this.#ending.add(this.#open.get(client) ?? 0n);
        return;
      default:
        return;
    }
  }

  #judgeConnected(
    client: string,
    sid: Sid,
    { sessionId: asked, timeoutMs: wanted, isThief }: Connecting,
    { sessionId, timeoutMs }: Extract<FrameEvent, { kind: "connected" }>,
  ): void {
    if (isThief)
      throw violation(`server ${sid} gives session ${hex(sessionId)} away for a wrong password`);
    if (asked === 0n && this.#given.has(sessionId))
      throw violation(
        `server ${sid} gives session ${hex(sessionId)} to ${client}, which another has`,
      );
    if (asked !== 0n && asked !== sessionId)
      throw violation(`server ${sid} renews session ${hex(asked)} as ${hex(sessionId)}`);
    const { minTimeoutMs, maxTimeoutMs } = this.#bounds;
    const expected = Math.min(Math.max(wanted, minTimeoutMs), maxTimeoutMs);
    if (timeoutMs !== expected)
      throw violation(
        `server ${sid} gives ${client} ${timeoutMs} ms, where ${expected} ms is right`,
      );
  }

  /** Whether the ensemble has the session. */
  #isThere(sessionId: bigint): boolean {
    return this.#requests.tree.session(sessionId) !== undefined;
  }

  /** Whether all servers must know the session, if its client has it still. */
  #isOfEnsemble(sessionId: bigint): boolean {
    return !this.#localSessions || this.#requests.tree.hadSession(sessionId);
  }

  /** Whether the ensemble has had the session, and has it no more. */
  #isOver(sessionId: bigint): boolean {
    return this.#requests.tree.hadSession(sessionId) && !this.#isThere(sessionId);
  }
}

function hex(sessionId: bigint): string {
  return BigInt.asUintN(64, sessionId).toString(16);
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("KeptSessions", text);
}
