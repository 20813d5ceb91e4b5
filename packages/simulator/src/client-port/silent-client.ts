/**
 * A simulated client of the client port that opens more connections than it needs and
 * then says nothing on them: not even what it is, half of that, or nothing more as soon
 * as it has a session, which may go on at another server. It leaves most connections
 * to the servers to close.
 */
import {
  decodeConnectResponse,
  decodeReplyHeader,
  encodeConnectRequest,
  OpCode,
  type Sid,
  Xid,
} from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { FrameConnection, withLength } from "./frame-connection.js";
import type { Silence } from "./frame-event.js";
import { request } from "./frame-operations.js";
import type { FrameClient, FramePort } from "./frame-port.js";

export interface SilentWorkload {
  /** The client's address, as servers see it. */
  readonly address: string;
  /** The time between two bursts of connections, on average, in milliseconds. */
  readonly meanGapMs: number;
  /** The most connections that it opens at once, all to one server. */
  readonly burst: number;
  readonly sessionTimeoutMs: number;
  /** Whether it says that reading is enough for it, where there is no leader. */
  readonly mayOnlyRead: boolean;
  /** How often it ends a connection by itself, after some time. */
  readonly leaveProbability: number;
}

/** Draws the workload of a client at this address. */
export function drawSilentWorkload(
  random: Random,
  { peer: { tickTimeMs }, safetyMs }: WorldSettings,
  address: string,
): SilentWorkload {
  return {
    address,
    meanGapMs: safetyMs / random.pick([4, 12]),
    burst: random.pick([1, 4, 9]),
    sessionTimeoutMs: tickTimeMs * random.pick([3, 6]),
    mayOnlyRead: false,
    leaveProbability: random.pick([0, 0.3]),
  };
}

export const SILENCES: readonly Silence[] = [
  "nothing",
  "half a message",
  "session",
  "session elsewhere",
];

export class SilentClient implements FrameClient {
  readonly name: string;
  readonly #workload: SilentWorkload;
  readonly #connections = new Set<FrameConnection>();
  /** Where the sessions of silent connections go on. */
  readonly #elsewhere = new Map<FrameConnection, FrameConnection>();
  #count = 0;
  #isHealing = false;

  constructor(name: string, workload: SilentWorkload) {
    this.name = name;
    this.#workload = workload;
  }

  start(port: FramePort): void {
    const { meanGapMs, burst } = this.#workload;
    port.after(port.random.exponential(meanGapMs), () => {
      if (this.#isHealing) return;
      const sid = port.random.pick(port.sids);
      const count = port.random.integer(1, burst);
      for (let nth = 0; nth < count; nth += 1) {
        const silence = port.random.pick(SILENCES);
        if (port.begins()) this.#begin(port, sid, silence);
      }
      this.start(port);
    });
  }

  onHealing(): void {
    this.#isHealing = true;
    for (const connection of [...this.#connections]) this.#close(connection, true);
  }

  #begin(port: FramePort, sid: Sid, silence: Silence): void {
    this.#count += 1;
    const owner = `${this.name}/${this.#count}`;
    switch (silence) {
      case "nothing":
        this.#open(port, owner, sid, silence, () => undefined);
        break;
      case "half a message":
        this.#open(port, owner, sid, silence, (connection) => {
          this.#sayHalf(port, connection);
        });
        break;
      case "session":
      case "session elsewhere":
        this.#openSession(port, owner, sid, silence);
        break;
    }
  }

  /** Some of its first message, and perhaps some more later, but never all. */
  #sayHalf(port: FramePort, connection: FrameConnection): void {
    const bytes = withLength(this.#firstMessage(0n, NO_PASSWORD));
    const until = port.random.integer(1, bytes.length - 1);
    const middle = port.random.integer(1, until);
    connection.sendPart(bytes.subarray(0, middle));
    port.after(port.random.exponential(this.#workload.sessionTimeoutMs), () => {
      if (this.#connections.has(connection)) connection.sendPart(bytes.subarray(middle, until));
    });
  }

  #openSession(port: FramePort, owner: string, sid: Sid, silence: Silence): void {
    const connection = this.#open(
      port,
      owner,
      sid,
      silence,
      () => {
        this.#sayHello(connection, 0n, NO_PASSWORD);
      },
      (bytes) => {
        const {
          sessionId,
          timeOut: timeoutMs,
          passwd,
          readOnly = false,
        } = decodeConnectResponse(bytes);
        if (timeoutMs <= 0) return;
        connection.isReader = readOnly;
        connection.sessionId = sessionId;
        connection.stage = "open";
        connection.observe({ kind: "connected", sessionId, timeoutMs, readOnly, bytes });
        const others = port.sids.filter((other) => other !== sid);
        if (silence !== "session elsewhere" || others.length === 0) return;
        const password = (passwd ?? NO_PASSWORD).slice();
        const other = this.#goOn(port, owner, port.random.pick(others), sessionId, password);
        this.#elsewhere.set(connection, other);
      },
    );
  }

  /** Takes a session to another server, and keeps it there by pings. */
  #goOn(
    port: FramePort,
    owner: string,
    sid: Sid,
    sessionId: bigint,
    password: Uint8Array,
  ): FrameConnection {
    const connection = this.#open(
      port,
      owner,
      sid,
      undefined,
      () => {
        port.revalidates(sid, sessionId, this.#workload.sessionTimeoutMs);
        this.#sayHello(connection, sessionId, password);
      },
      (bytes) => {
        if (connection.stage === "open") {
          if (decodeReplyHeader(bytes).xid === Xid.ping)
            connection.observe(connection.answered(bytes));
          return;
        }
        const { timeOut: timeoutMs, readOnly = false } = decodeConnectResponse(bytes);
        if (timeoutMs <= 0) {
          connection.observe({ kind: "expired", sessionId, bytes });
          return;
        }
        connection.isReader = readOnly;
        connection.stage = "open";
        connection.observe({ kind: "connected", sessionId, timeoutMs, readOnly, bytes });
        this.#ping(port, connection, timeoutMs);
      },
    );
    connection.sessionId = sessionId;
    return connection;
  }

  #ping(port: FramePort, connection: FrameConnection, timeoutMs: number): void {
    if (!this.#connections.has(connection)) return;
    connection.ask(Xid.ping, request(OpCode.ping, null));
    port.after(timeoutMs / 4, () => {
      this.#ping(port, connection, timeoutMs);
    });
  }

  #open(
    port: FramePort,
    owner: string,
    sid: Sid,
    silence: Silence | undefined,
    onOpen: (connection: FrameConnection) => void,
    onFrame: (bytes: Uint8Array) => void = () => undefined,
  ): FrameConnection {
    const { address, leaveProbability, sessionTimeoutMs } = this.#workload;
    const connection = new FrameConnection(port, owner, sid, address);
    connection.silence = silence;
    this.#connections.add(connection);
    connection.open({
      onOpen: () => {
        onOpen(connection);
      },
      onFrame,
      onEnd: () => {
        this.#forget(connection);
      },
    });
    if (port.random.chance(leaveProbability)) {
      port.after(port.random.exponential(sessionTimeoutMs), () => {
        this.#close(connection, port.random.chance(0.5));
      });
    }
    return connection;
  }

  #close(connection: FrameConnection, gracefully: boolean): void {
    if (!this.#connections.has(connection)) return;
    connection.close(gracefully);
    this.#forget(connection);
  }

  /** When a silent connection has ended, its session is of no more use. */
  #forget(connection: FrameConnection): void {
    this.#connections.delete(connection);
    const other = this.#elsewhere.get(connection);
    if (other === undefined) return;
    this.#elsewhere.delete(connection);
    this.#close(other, true);
  }

  #sayHello(connection: FrameConnection, sessionId: bigint, password: Uint8Array): void {
    const { sessionTimeoutMs: timeoutMs, mayOnlyRead: readOnly } = this.#workload;
    connection.sendFirst(this.#firstMessage(sessionId, password));
    connection.observe({ kind: "connecting", sessionId, timeoutMs, isThief: false, readOnly });
  }

  #firstMessage(sessionId: bigint, passwd: Uint8Array): Uint8Array {
    const { sessionTimeoutMs: timeOut, mayOnlyRead: readOnly } = this.#workload;
    return encodeConnectRequest({
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut,
      sessionId,
      passwd,
      readOnly,
    });
  }
}

const NO_PASSWORD = new Uint8Array(16);
