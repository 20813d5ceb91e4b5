/**
 * How simulated clients speak to peers. A client is an actor in the world: it
 * asks through its port and is called back. What it asks for is up to the
 * workload (see clients/); how long requests travel, and what becomes of them
 * when a peer crashes, is up to the world.
 *
 * Between one client and one peer requests and answers keep their order, as on
 * one connection. Nothing is sent twice and nothing is dropped silently: when a
 * peer's process ends, what it has not answered is answered with `disconnected`.
 */
import type { Answer, ChangeRequest, ReplicatedState } from "@jute-ts/quorum";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";

/** Names an operation within a run. Numbered from 1 in the order of invocation. */
export type OperationId = number;

/** One simulated client with its workload. Calls back only through its port. */
export interface SimClient {
  /** As traces and histories name it: "register-2". Unique in a run. */
  readonly name: string;
  /** Called once when the run begins. The client goes on from timers and answers. */
  start(port: ClientPort): void;
  /** No more faults: the client stops asking for new things, and may check what it holds. */
  onHealing?(): void;
}

export interface ClientPort {
  readonly nowMs: number;
  /** The client's own randomness: other parts of the world do not change what it draws. */
  readonly random: Random;
  /** All members of the ensemble, by sid in rising order. */
  readonly sids: readonly Sid[];
  /** Asks for a change. `onAnswer` is called at most once, never before this returns; not at all when the run ends first. */
  submit(sid: Sid, change: ChangeRequest, onAnswer: (answer: ClientAnswer) => void): OperationId;
  /** Asks the peer to catch up with the leader. */
  sync(
    sid: Sid,
    sessionId: bigint,
    cxid: number,
    onAnswer: (answer: ClientAnswer) => void,
  ): OperationId;
  /**
   * Reads at a peer that serves clients. `look` is called when the request arrives
   * there, and must copy what it returns, which becomes the `value` of the answer.
   * `what` tells readers and checkers what was looked at.
   */
  read(
    sid: Sid,
    what: string,
    look: (state: ReplicatedState) => unknown,
    onAnswer: (answer: ClientAnswer) => void,
  ): OperationId;
  /** Moves a session to another peer. */
  revalidate(
    sid: Sid,
    sessionId: bigint,
    timeoutMs: number,
    onAnswer: (answer: ClientAnswer) => void,
  ): OperationId;
  /** Tells a peer that a session's client is alive. Not answered. */
  touch(sid: Sid, sessionId: bigint): void;
  /** Calls back after a simulated time. */
  after(delayMs: number, call: () => void): void;
}

/** What a client asked for, as histories and checkers see it. */
export type ClientRequest =
  | { readonly kind: "submit"; readonly change: ChangeRequest }
  | { readonly kind: "sync"; readonly sessionId: bigint; readonly cxid: number }
  | { readonly kind: "read"; readonly what: string }
  | { readonly kind: "revalidate"; readonly sessionId: bigint; readonly timeoutMs: number };

export type ClientAnswer =
  | Answer
  /** What `look` returned, and the last txn that the state held then. */
  | { readonly kind: "value"; readonly value: unknown; readonly zxid: Zxid }
  /** The peer's process ended, or was not running. Whether a change is ever committed is not known. */
  | { readonly kind: "disconnected" };
