/**
 * A whole ensemble in one process, on loopback: for trying things out and for
 * tests. It finds its own ports, keeps its data in a temporary directory, and
 * leaves nothing behind.
 */
import { setTimeout as timer } from "node:timers/promises";
import type { Member, PeerOptions, ReplicatedState } from "@jute-ts/quorum";
import type { RequestBodyInit, RequestOpCode, Sid } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import { type ConfiguredPeer, configurePeer, loadConfiguration } from "../node/server.js";
import {
  type EnsembleLayout,
  type EnsembleLayoutOptions,
  layOutEnsemble,
  type ServerLayout,
  toSid,
} from "./ensemble-layout.js";
export { findFreePorts } from "./ensemble-layout.js";
import { RequestError, TimeoutError } from "../node/errors.js";
import type { Peer } from "../node/peer.js";
import type { Committed, RawChange, ResultOf } from "../node/requests.js";
import { DEFAULT_WAIT_MS, type WaitOptions } from "../node/waiting.js";

export interface EnsembleOptions<S extends ReplicatedState>
  extends EnsembleLayoutOptions, WaitOptions {
  /** What is replicated. Default: ZooKeeper's data tree. */
  readonly newState?: (sid: Sid) => S;
  /** Options of every peer, in place of those that zoo.cfg gives it. */
  readonly peer?: Partial<Omit<PeerOptions, "sid" | "ensemble">>;
}

export class Ensemble<S extends ReplicatedState = DataTree> {
  readonly #options: EnsembleOptions<S>;
  readonly #layout: EnsembleLayout;
  /** Who belongs to it, and where they listen. */
  readonly members: readonly Member[];
  readonly #running = new Map<Sid, ConfiguredPeer<S>>();

  /** Use `startEnsemble`. */
  constructor(options: EnsembleOptions<S>, layout: EnsembleLayout) {
    this.#options = options;
    this.#layout = layout;
    this.members = layout.members;
  }

  /** Holds a directory for each server, with its zoo.cfg and its data. */
  get directory(): string {
    return this.#layout.directory;
  }

  /** Where the servers answer, as clients are told: `host:port,host:port`. */
  get connectString(): string {
    return this.#layout.connectString;
  }

  /** Where each server answers and keeps its data, those that vote first. */
  get servers(): readonly ServerLayout[] {
    return this.#layout.servers;
  }

  /** The servers' ids, participants first. */
  get sids(): readonly Sid[] {
    return this.#layout.servers.map(({ sid }) => sid);
  }

  /** The peers that run, by id. */
  get peers(): ReadonlyMap<Sid, Peer<S>> {
    return new Map([...this.#running].map(([sid, { peer }]) => [sid, peer]));
  }

  /** A peer that runs. Throws when it does not. */
  peer(id: Sid | number): Peer<S> {
    return this.#runningServer(toSid(id)).peer;
  }

  /** Starts a server, with the data that it has. Resolves when it has read them and looks for a leader. */
  async start(id: Sid | number): Promise<Peer<S>> {
    const sid = toSid(id);
    if (this.#running.has(sid)) throw new Error(`server ${sid} runs already`);
    const server = this.#layout.servers.find((candidate) => candidate.sid === sid);
    if (server === undefined) throw new Error(`there is no server ${sid}`);
    const configured = await configurePeer<S>(loadConfiguration(server.configurationPath), {
      // Without a factory S is DataTree, which the type of the options cannot say.
      newState: this.#options.newState ?? (() => new DataTree() as ReplicatedState as S),
      peer: { finalizeWaitMs: FINALIZE_WAIT_MS, ...this.#options.peer },
    });
    try {
      await configured.start();
    } catch (error) {
      await configured.stop();
      throw error;
    }
    this.#running.set(sid, configured);
    return configured.peer;
  }

  /** Stops a server. Its data stays, so that it can be started again. */
  async stopServer(id: Sid | number): Promise<void> {
    const sid = toSid(id);
    const server = this.#runningServer(sid);
    this.#running.delete(sid);
    await server.stop();
  }

  /** The server that leads now, if one does and is established. */
  get leader(): Peer<S> | undefined {
    return [...this.peers.values()].find((peer) => {
      const { role, serving } = peer.status();
      return role === "leading" && serving;
    });
  }

  /**
   * Resolves with the leader once there is one and everyone who runs serves. Rejects
   * with PeerStoppedError, or with TimeoutError after 30 s unless told otherwise.
   */
  async ready({ signal, timeoutMs = DEFAULT_WAIT_MS }: WaitOptions = {}): Promise<Peer<S>> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const left = { signal, timeoutMs: Math.max(1, endMs - performance.now()) };
      await Promise.all([...this.peers.values()].map((peer) => peer.waitUntilServing(left)));
      // While the last one was waited for, the first may have lost its leader again.
      const { leader } = this;
      const all = [...this.peers.values()].every((peer) => peer.status().serving);
      if (leader !== undefined && all) return leader;
      if (performance.now() > endMs) throw this.#timeoutError("no leader", timeoutMs);
      // Followers that have not noticed yet that their leader is gone must get the chance to.
      await sleep(LOOK_AGAIN_MS, signal);
    }
  }

  /** Asks any serving peer for a change, the leader first, as `Peer.propose` does. */
  async propose<C extends RequestOpCode>(
    opCode: C,
    body: RequestBodyInit<C>,
    options?: WaitOptions,
  ): Promise<Committed<ResultOf<C>>> {
    return await this.#servingPeer().propose(opCode, body, options);
  }

  /** The same for an encoded request, as `Peer.proposeRaw` does. */
  async proposeRaw(change: RawChange, options?: WaitOptions): Promise<Committed> {
    return await this.#servingPeer().proposeRaw(change, options);
  }

  #servingPeer(): Peer<S> {
    const peer =
      this.leader ?? [...this.peers.values()].find((candidate) => candidate.status().serving);
    if (peer !== undefined) return peer;
    throw new RequestError("ERR_REQUEST_REFUSED", "no server of the ensemble serves now");
  }

  /**
   * Resolves when all servers that run have applied the same txns, with the digest that they
   * agree on. Rejects with TimeoutError after 30 s unless told otherwise.
   */
  async converged({ signal, timeoutMs = DEFAULT_WAIT_MS }: WaitOptions = {}): Promise<bigint> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      const seen = [...this.peers.values()].map((peer) => ({
        zxid: peer.status().lastProcessedZxid,
        digest: peer.state.digest(),
      }));
      const first = seen[0];
      if (
        first !== undefined &&
        seen.every(({ zxid, digest }) => zxid === first.zxid && digest === first.digest)
      ) {
        return first.digest;
      }
      if (performance.now() > endMs) {
        throw this.#timeoutError("the servers do not agree", timeoutMs);
      }
      await sleep(LOOK_AGAIN_MS, signal);
    }
  }

  #timeoutError(what: string, timeoutMs: number): TimeoutError {
    const statuses = [...this.peers.values()].map((peer) => peer.status());
    return new TimeoutError(`${what} within ${timeoutMs} ms`, timeoutMs, statuses);
  }

  /** Stops all servers and removes what was made for them. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((sid) => this.stopServer(sid)));
    await this.#layout.remove();
  }

  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #runningServer(sid: Sid): ConfiguredPeer<S> {
    const server = this.#running.get(sid);
    if (server === undefined) throw new Error(`server ${sid} does not run`);
    return server;
  }
}

/**
 * Starts an ensemble and resolves when it has a leader and all its servers serve.
 * Rejects with EnsembleOptionsError for options that make no sense, and with
 * ConfigurationError or StartError when a server cannot start.
 */
export async function startEnsemble<S extends ReplicatedState = DataTree>(
  options: EnsembleOptions<S> = {},
): Promise<Ensemble<S>> {
  const ensemble = new Ensemble<S>(options, await layOutEnsemble(options));
  try {
    const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
    const endMs = performance.now() + timeoutMs;
    signal?.throwIfAborted();
    await startAll(ensemble);
    await ensemble.ready({ signal, timeoutMs: Math.max(1, endMs - performance.now()) });
    return ensemble;
  } catch (error) {
    await ensemble.stop();
    throw error;
  }
}

/** Waits for all, also when one fails: a server that is still starting could not be stopped. */
async function startAll(ensemble: Ensemble<ReplicatedState>): Promise<void> {
  const starts = ensemble.sids.map((sid) => ensemble.start(sid));
  for (const outcome of await Promise.allSettled(starts)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** Rejects with the signal's reason. */
async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await timer(ms);
  signal?.throwIfAborted();
}

const LOOK_AGAIN_MS = 5;
/** How long an election waits for a better vote: on loopback all votes are there at once. */
const FINALIZE_WAIT_MS = 20;
