/**
 * ReadOnlyServers: a server that has looked for a leader for as long as it was told to serves those
 * who have said that reading is enough for them, and nobody else, and says so to them. It begins no
 * session of the ensemble, takes none over, and ends none. As soon as it has a leader, or leads, its
 * readers must look for a server again, and as soon as it has lost that, all others.
 */
import { OpCode, type Sid } from "@jute-ts/zookeeper";
import type { CommittedRequests } from "../../checkers/committed-requests.js";
import {
  type Checker,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { CommittedTxns } from "../../model/committed-txns.js";
import type { SocketId } from "../../world/client-network.js";
import type { WorldSettings } from "../../world/settings.js";
import type { FrameEvent, FrameHappening } from "../frame-event.js";
import { latestMs, soonestMs } from "./server-times.js";

/** A connection to a server. */
interface Link {
  readonly sid: Sid;
  hello: Extract<FrameEvent, { kind: "connecting" }> | undefined;
  /** Whether the ensemble had the session that was asked for. */
  wasThere: boolean;
  /** When its first message came, if its server was looking for a leader then, and since when it was. */
  heardMs: number | undefined;
  sinceMs: number | undefined;
  /** Whether its server was looking for a leader when it answered, too. */
  isReader: boolean;
  isAnswered: boolean;
  isOpen: boolean;
  /** Whether its client has left: a server that is paused takes the connection later, with what came on it before. */
  isLeft: boolean;
}

export class ReadOnlyServers implements Checker {
  readonly name = "read-only-servers";
  readonly watches: readonly Watch[] = [
    ...(["connection", "frame", "changed", "settled"] as const),
    ...(["crash", "pause", "resume"] as const),
  ];
  readonly #committed: CommittedTxns;
  readonly #requests: CommittedRequests;
  readonly #clockDrift: number;
  readonly #isThrottled: boolean;
  /** Since when each server is looking for a leader; undefined where its clock has stood still since. */
  readonly #looking = new Map<Sid, number | undefined>();
  readonly #links = new Map<SocketId, Link>();
  /** Sessions that servers without a leader have begun. */
  readonly #readers = new Set<bigint>();

  constructor(
    committed: CommittedTxns,
    requests: CommittedRequests,
    { clockDrift, clientLimits }: Pick<WorldSettings, "clockDrift" | "clientLimits">,
  ) {
    this.#committed = committed;
    this.#requests = requests;
    this.#clockDrift = clockDrift;
    this.#isThrottled = clientLimits.connections !== undefined;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "connection":
        this.#onConnection(observation, world);
        return;
      case "frame":
        this.#onFrame(observation.sid, observation.happening);
        return;
      case "step":
        this.#onStep(observation, world.nowMs);
        return;
      case "settled":
        this.#judgeKept(observation.sid, world);
        return;
      case "crash":
        this.#looking.delete(observation.sid);
        for (const [connection, link] of this.#links)
          if (link.sid === observation.sid) this.#end(connection, link);
        return;
      case "pause":
      case "resume":
        if (this.#looking.has(observation.sid)) this.#looking.set(observation.sid, undefined);
        return;
      default:
        return;
    }
  }

  #onStep({ sid, before, after }: Extract<Observation, { kind: "step" }>, nowMs: number): void {
    if (after.role !== "looking") this.#looking.delete(sid);
    else if (before.role !== "looking" || !this.#looking.has(sid)) this.#looking.set(sid, nowMs);
    for (const { message } of this.#committed.fresh) {
      if (message.type !== OpCode.createSession) continue;
      const { clientId } = message.header;
      if (this.#readers.has(clientId))
        throw violation(`the ensemble has ${hex(clientId)}, which a server without a leader began`);
    }
  }

  /** Readers are gone when there is a leader, and all others when there is none. */
  #judgeKept(sid: Sid, { peers }: WorldView): void {
    const role = peers.get(sid)?.status?.role;
    if (role === undefined) return;
    for (const [id, link] of this.#links) {
      if (link.sid !== sid || !link.isOpen || !link.isAnswered) continue;
      if (link.isReader !== (role === "looking"))
        throw violation(
          `server ${sid} is ${role}, and keeps connection ${id}, which ${link.isReader ? "only reads" : "had a leader"}`,
        );
    }
  }

  #onConnection(
    { sid, connection, change }: Extract<Observation, { kind: "connection" }>,
    { nowMs, peers }: WorldView,
  ): void {
    const link = this.#links.get(connection) ?? newLink(sid);
    if (change === "admitted") this.#links.set(connection, link);
    const isLooking = this.#looking.has(sid);
    const afterMs = peers.get(sid)?.clientRules?.readOnlyAfterMs ?? Infinity;
    switch (change) {
      case "admitted":
      case "refused":
        return;
      case "heard":
        if (link.isAnswered) return;
        link.heardMs = isLooking ? nowMs : undefined;
        link.sinceMs = this.#looking.get(sid);
        return;
      case "answered":
        link.isAnswered = true;
        // What was decided before the leader was lost is sent afterwards.
        if (!isLooking || link.heardMs === undefined) return;
        link.isReader = true;
        this.#judgeAnswered(link, connection, afterMs, nowMs);
        return;
      case "closed": {
        const { lastProcessedZxid } = peers.get(sid)?.tree ?? { lastProcessedZxid: 0n };
        if (isLooking && !link.isAnswered)
          this.#judgeTurnedAway(link, connection, afterMs, lastProcessedZxid);
        this.#end(connection, link);
        return;
      }
      case "ended":
        this.#end(connection, link);
        return;
    }
  }

  #end(connection: SocketId, link: Link): void {
    link.isOpen = false;
    if (link.isLeft) this.#links.delete(connection);
  }

  #judgeAnswered({ sid, hello }: Link, id: SocketId, afterMs: number, nowMs: number): void {
    const sinceMs = this.#looking.get(sid);
    if (hello?.readOnly !== true)
      throw violation(`server ${sid} has no leader, and answers connection ${id}, which may write`);
    if (sinceMs !== undefined && nowMs - sinceMs < soonestMs(afterMs, this.#clockDrift))
      throw violation(
        `server ${sid} serves readers after ${(nowMs - sinceMs).toFixed(1)} ms without a leader, where ${afterMs} ms are right`,
      );
  }

  /** A new reader is welcome, unless it has seen more than there is to see. */
  #judgeTurnedAway(
    { sid, hello, heardMs, sinceMs }: Link,
    id: SocketId,
    afterMs: number,
    zxid: bigint,
  ): void {
    if (hello?.readOnly !== true || hello.sessionId !== 0n || this.#isThrottled) return;
    if (heardMs === undefined || sinceMs === undefined || sinceMs !== this.#looking.get(sid))
      return;
    if ((hello.lastZxid ?? 0n) > zxid) return;
    if (heardMs - sinceMs <= latestMs(afterMs, this.#clockDrift)) return;
    throw violation(
      `server ${sid} turns connection ${id} away, which only reads, after ${(heardMs - sinceMs).toFixed(1)} ms without a leader`,
    );
  }

  #onFrame(sid: Sid, { client, connection, event }: FrameHappening): void {
    const link = this.#links.get(connection) ?? newLink(sid);
    switch (event.kind) {
      case "connecting":
        // A server that is paused has not taken the connection yet.
        this.#links.set(connection, link);
        link.hello = event;
        link.wasThere = this.#isThere(event.sessionId);
        return;
      case "connected":
        this.#judgeConnected(client, link, event);
        if (link.isReader) this.#readers.add(event.sessionId);
        return;
      case "expired":
        if (link.isReader && link.wasThere && this.#isThere(event.sessionId))
          throw violation(
            `server ${link.sid} has no leader, and says to ${client} that ${hex(event.sessionId)} is over, which the ensemble has`,
          );
        return;
      case "closed":
        link.isLeft = true;
        if (!link.isOpen) this.#links.delete(connection);
        return;
      default:
        return;
    }
  }

  #judgeConnected(
    client: string,
    { sid, hello, isReader, wasThere }: Link,
    { sessionId, readOnly }: Extract<FrameEvent, { kind: "connected" }>,
  ): void {
    if ((readOnly === true) !== isReader && (isReader || hello?.readOnly !== true))
      throw violation(
        `server ${sid} tells ${client} that it ${readOnly === true ? "only serves readers" : "has a leader"}`,
      );
    if (isReader && hello?.sessionId === sessionId && wasThere && this.#isThere(sessionId))
      throw violation(
        `server ${sid} has no leader, and goes on with ${hex(sessionId)} of the ensemble`,
      );
  }

  #isThere(sessionId: bigint): boolean {
    return this.#requests.tree.session(sessionId) !== undefined;
  }
}

function newLink(sid: Sid): Link {
  return {
    sid,
    hello: undefined,
    wasThere: false,
    heardMs: undefined,
    sinceMs: undefined,
    isReader: false,
    isAnswered: false,
    isOpen: true,
    isLeft: false,
  };
}

function hex(sessionId: bigint): string {
  return `session ${BigInt.asUintN(64, sessionId).toString(16)}`;
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("ReadOnlyServers", text);
}
