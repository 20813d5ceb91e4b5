/** How simulated clients of the client port reach the world: time, chance, connections, and whoever watches. */
import type { Sid } from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import type { OperationId } from "../clients/client.js";
import type { Random } from "../world/random.js";
import type { ClientEnd, SocketId } from "../world/client-network.js";
import type { LoginSettings } from "../world/login-settings.js";
import type { ClientRules } from "../world/settings.js";
import type { FrameHappening } from "./frame-event.js";

/** A client that speaks frames. */
export interface FrameClient {
  /** Unique in a run. */
  readonly name: string;
  start(port: FramePort): void;
  /** No more faults: it asks for nothing new, but stays connected. */
  onHealing(): void;
}

export interface FramePort {
  readonly nowMs: number;
  readonly random: Random;
  /** For what only some clients do: those that do not are as they were. */
  readonly oddRandom: Random;
  /** All servers, in rising order. */
  readonly sids: readonly Sid[];
  /** By what a server's process goes now; undefined while there is none. */
  rulesOf(sid: Sid): ClientRules | undefined;
  after(delayMs: number, call: () => void): void;
  /** How clients may prove who they are, beyond address and digest; undefined where that is all. */
  readonly logins: LoginSettings | undefined;
  /** `certificate`: the subject of the client's certificate. Undefined: it has none. */
  connect(sid: Sid, end: ClientEnd, certificate?: string): SocketId;
  /** The bytes are handed over. */
  send(socket: SocketId, bytes: Uint8Array): void;
  close(socket: SocketId, graceful: boolean): void;
  /** How slowly the client reads on the connections that it has: so long between two small reads; 0 for as fast as it can. */
  readSlowly(everyMs: number): void;
  /** Whether the next operation of this client happens; false if it was taken out of the schedule. */
  begins(): boolean;
  /** Something is asked for that may become a txn. Call it before it is sent. */
  submitted(sid: Sid, change: ChangeRequest): OperationId;
  /** A session is taken to a server. */
  revalidates(sid: Sid, sessionId: bigint, timeoutMs: number): void;
  observe(sid: Sid, happening: FrameHappening): void;
}
