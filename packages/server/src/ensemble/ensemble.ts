/**
 * A whole ensemble in one process, on loopback: for trying things out and for
 * tests. It finds its own ports, keeps its data in a temporary directory or in
 * memory, and leaves nothing behind.
 */
import { setTimeout as timer } from "node:timers/promises";
import type { Member, PeerOptions, ReplicatedState, Role } from "@jute-ts/quorum";
import {
  ErrorCode,
  OpCode,
  type RequestBodyInit,
  type RequestOpCode,
  type Sid,
} from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import {
  configurationOfText,
  type ConfiguredPeer,
  configurePeer,
  loadConfiguration,
} from "../node/server.js";
import { EnsembleStoppedError, failedRequest, RequestError, TimeoutError } from "../node/errors.js";
import { MemoryStorage } from "../node/memory-storage.js";
import { type OptionNames, whyNotOptions } from "../node/option-names.js";
import { type Peer, PEER_OPTION_NAMES } from "../node/peer.js";
import type { Committed, RawChange, ResultOf } from "../node/requests.js";
import { StartError } from "../node/start-failure.js";
import { checkWaitOptions, DEFAULT_WAIT_MS, type WaitOptions } from "../node/waiting.js";
import type { EnsembleControl } from "./ensemble-control.js";
import {
  type EnsembleLayout,
  type LayoutKind,
  layOutInMemory,
  layOutOnDisk,
  type ServerLayout,
} from "./ensemble-layout.js";
import {
  checkLayoutOptions,
  checkStartOptions,
  type EnsembleLayoutOptions,
  EnsembleOptionsError,
  LAYOUT_OPTION_NAMES,
  serverOf,
} from "./ensemble-options.js";
import { LoopbackNetwork } from "./loopback-network.js";

export interface EnsembleOptions<S extends ReplicatedState>
  extends EnsembleLayoutOptions, WaitOptions {
  /**
   * Where the servers keep their data. On "disk", the default, as in production. In "memory"
   * nothing is durable: a server that is stopped and started again has its data, but all of
   * it is gone with the ensemble or the process.
   */
  readonly storage?: "disk" | "memory" | undefined;
  /** What is replicated. Default: ZooKeeper's data tree. */
  readonly newState?: (sid: Sid) => S;
  /** Options of every peer, in place of those that zoo.cfg gives it. */
  readonly peer?: Partial<Omit<PeerOptions, "sid" | "ensemble">>;
}

export class Ensemble<S extends ReplicatedState = DataTree> implements EnsembleControl {
  readonly #options: EnsembleOptions<S>;
  readonly #layout: EnsembleLayout;
  readonly #network = new LoopbackNetwork();
  /** What servers without a disk keep while they do not run. */
  readonly #memories = new Map<Sid, MemoryStorage>();
  /** Who belongs to it, and where they listen. */
  readonly members: readonly Member[];
  readonly #running = new Map<Sid, ConfiguredPeer<S>>();
  /** Servers that are being started or ended, which `stop` waits for. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** Undefined until `stop` is called. */
  #stop: Promise<void> | undefined;

  /** Use `startEnsemble`. */
  constructor(options: EnsembleOptions<S>, layout: EnsembleLayout) {
    this.#options = options;
    this.#layout = layout;
    this.members = layout.members;
  }

  /** Holds a directory for each server, with its zoo.cfg and its data. Undefined where everything is in memory. */
  get directory(): string | undefined {
    return this.#layout.directory;
  }

  /** What clients are given to find the servers: `host:port,host:port`. */
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
    return this.#runningServer(id).peer;
  }

  /** The port of a server's admin server; undefined where it has none. Throws when the server does not run. */
  adminPort(id: Sid | number): number | undefined {
    return this.#runningServer(id).adminPort;
  }

  /** What a server holds now, to be read directly; the leader's without an id. Throws when it does not run. */
  tree(id?: Sid | number): S {
    const peer = id === undefined ? this.leader : this.peer(id);
    if (peer === undefined) {
      this.#checkNotStopped();
      throw new Error("no server of the ensemble leads now");
    }
    return peer.state;
  }

  /** Starts a server, with the data that it has. Resolves when it has read them and looks for a leader. */
  async startServer(id: Sid | number): Promise<Peer<S>> {
    this.#checkNotStopped();
    const server = serverOf(this.servers, id);
    if (this.#running.has(server.sid)) throw new Error(`server ${server.sid} runs already`);
    return await this.#whileUnderWay(this.#start(server));
  }

  async #whileUnderWay<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #start(server: ServerLayout): Promise<Peer<S>> {
    const configured = await this.#configure(server);
    try {
      await configured.start();
    } catch (error) {
      await configured.stop();
      throw error;
    }
    this.#running.set(server.sid, configured);
    return configured.peer;
  }

  async #configure({ sid, configurationPath }: ServerLayout): Promise<ConfiguredPeer<S>> {
    const { storage, newState, peer } = this.#options;
    const memory = storage === "memory" ? this.#memoryOf(sid) : undefined;
    const configuration =
      configurationPath === undefined
        ? configurationOfText(this.#layout.zooCfgOf(sid), "zoo.cfg", String(sid))
        : loadConfiguration(configurationPath);
    return await configurePeer<S>(configuration, {
      // Without a factory S is DataTree, which the type of the options cannot say.
      newState: newState ?? ((_sid, tree) => new DataTree(tree) as ReplicatedState as S),
      peer: {
        finalizeWaitMs: FINALIZE_WAIT_MS,
        ...(memory === undefined ? {} : { storage: MEMORY_STORAGE_OPTIONS }),
        ...peer,
      },
      memory,
      transport: (transport) => this.#network.transportOf(sid, transport),
    });
  }

  #memoryOf(sid: Sid): MemoryStorage {
    const memory = this.#memories.get(sid) ?? new MemoryStorage();
    this.#memories.set(sid, memory);
    return memory;
  }

  /** Stops a server: what is done is answered before its connections close. Its data stays, so that it can be started again. */
  async stopServer(id: Sid | number): Promise<void> {
    await this.#whileUnderWay(this.#takeServer(id).stop());
  }

  /**
   * Ends a server as a crash of its process does: connections break off, and what was to be
   * sent or written is lost, such as the answers to requests that are done. What it had written
   * stays, so that it can be started again.
   */
  async killServer(id: Sid | number): Promise<void> {
    await this.#whileUnderWay(this.#takeServer(id).kill());
  }

  /** Stops a server and starts it again. Resolves when it serves; rejects with TimeoutError after 30 s unless told otherwise. */
  async restartServer(id: Sid | number, options?: WaitOptions): Promise<Peer<S>> {
    await this.stopServer(id);
    const peer = await this.startServer(id);
    await peer.waitUntilServing(options);
    return peer;
  }

  /**
   * Freezes a server: its connections stay, and nobody is answered, until it is resumed,
   * stopped or killed. The others notice after `syncLimit` ticks, 2 s unless told otherwise.
   */
  pauseServer(id: Sid | number): Promise<void> {
    this.peer(id).pause();
    return Promise.resolve();
  }

  resumeServer(id: Sid | number): void {
    this.peer(id).resume();
  }

  /**
   * Separates a server from the other servers: connections break off, and none comes about
   * until `reconnectServer`. Clients still reach it.
   */
  isolateServer(id: Sid | number): void {
    this.#checkNotStopped();
    this.#network.isolate(serverOf(this.servers, id).sid);
  }

  reconnectServer(id: Sid | number): void {
    this.#checkNotStopped();
    this.#network.reconnect(serverOf(this.servers, id).sid);
  }

  /**
   * Ends a session as if its client had not been heard from for too long: its ephemeral znodes
   * go, and its client finds out that it has expired. Takes the id as a number or as the eight
   * bytes that some clients give. Rejects with RequestError when there is no such session.
   */
  async expireSession(sessionId: bigint | Uint8Array, options?: WaitOptions): Promise<void> {
    const id = toSessionId(sessionId);
    const peer = this.#servingPeer();
    if (!peer.state.sessions.has(id)) throw failedRequest(ErrorCode.SESSIONEXPIRED);
    const change = { opCode: OpCode.closeSession, body: new Uint8Array(0), sessionId: id, cxid: 0 };
    const { result } = await peer.proposeRaw(change, options);
    if (result.err !== ErrorCode.OK) throw failedRequest(result.err);
  }

  /** Resolves when a server has this role and serves in it. Rejects as `ready` does. */
  async waitForRole(
    id: Sid | number,
    role: Extract<Role, "leading" | "following" | "observing">,
    options?: WaitOptions,
  ): Promise<Peer<S>> {
    checkRole(role);
    const peer = this.peer(id);
    await peer.waitFor((status) => status.role === role && status.serving, options);
    return peer;
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
   * with EnsembleStoppedError or PeerStoppedError, or with TimeoutError after 30 s unless told
   * otherwise.
   */
  async ready(options: WaitOptions = {}): Promise<Peer<S>> {
    checkWaitOptions(options);
    const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      this.#checkNotStopped();
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
    this.#checkNotStopped();
    throw new RequestError("ERR_REQUEST_REFUSED", "no server of the ensemble serves now");
  }

  /**
   * Resolves when all servers that run have applied the same txns, with the digest that they
   * agree on. Rejects with EnsembleStoppedError, or with TimeoutError after 30 s unless told
   * otherwise.
   */
  async converged(options: WaitOptions = {}): Promise<bigint> {
    checkWaitOptions(options);
    const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      this.#checkNotStopped();
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

  /** Stops all servers for good and removes what was made for them. */
  stop(): Promise<void> {
    this.#stop ??= this.#stopAll();
    return this.#stop;
  }

  async #stopAll(): Promise<void> {
    // Another caller may be starting, stopping or killing a server: its directory is in use until then.
    await Promise.allSettled(this.#underWay);
    await Promise.all([...this.#running.keys()].map((sid) => this.stopServer(sid)));
    await this.#layout.remove();
  }

  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #runningServer(id: Sid | number): ConfiguredPeer<S> {
    const { sid } = serverOf(this.servers, id);
    const server = this.#running.get(sid);
    if (server !== undefined) return server;
    this.#checkNotStopped();
    throw new Error(`server ${sid} does not run`);
  }

  /** Takes a server out of those that run, to be ended. */
  #takeServer(id: Sid | number): ConfiguredPeer<S> {
    const server = this.#runningServer(id);
    this.#running.delete(serverOf(this.servers, id).sid);
    return server;
  }

  #checkNotStopped(): void {
    if (this.#stop === undefined) return;
    const isAlone = this.#layout.kind === "standalone";
    throw new EnsembleStoppedError(isAlone ? "this server" : "this ensemble");
  }
}

/** JavaScript does not hold a caller to the type, and no server would ever have another role. */
function checkRole(role: string): void {
  if (Object.values(ROLES).includes(role)) return;
  const meant = ROLES[role];
  const hint = meant === undefined ? "" : ` What operators read as ${role} is ${meant} here.`;
  const roles = Object.values(ROLES).join(", ");
  throw new EnsembleOptionsError(`role is ${role}. Give one of ${roles}.${hint}`);
}

/**
 * Starts an ensemble and resolves when it has a leader and all its servers serve.
 * Rejects with EnsembleOptionsError for options that make no sense, and with
 * ConfigurationError or StartError when a server cannot start.
 */
export async function startEnsemble<S extends ReplicatedState = DataTree>(
  options: EnsembleOptions<S> = {},
): Promise<Ensemble<S>> {
  checkStartOptions(options, "startEnsemble", ENSEMBLE_OPTION_NAMES);
  return await startLaidOut(options, "ensemble");
}

/** The same for servers that find each other, or for one that stands alone. */
export async function startLaidOut<S extends ReplicatedState>(
  options: EnsembleOptions<S>,
  kind: LayoutKind,
): Promise<Ensemble<S>> {
  const { storage = "disk", signal, timeoutMs = DEFAULT_WAIT_MS, clientPort } = options;
  // JavaScript does not hold a caller to the type.
  if (!STORAGES.includes(storage)) {
    throw new EnsembleOptionsError(`storage is ${storage}. Give "disk" or "memory".`);
  }
  const why = whyNotOptions(options.peer ?? {}, "peer", PEER_OPTION_NAMES);
  if (why !== undefined) throw new EnsembleOptionsError(why);
  checkLayoutOptions(options);
  const endMs = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const layOut = storage === "memory" ? layOutInMemory : layOutOnDisk;
    // The thread is the program's, and that of all servers in it.
    const settings = { "fsync.inPlace": false, ...options.settings };
    const ensemble = new Ensemble<S>(options, await layOut({ ...options, settings }, kind));
    try {
      await startAll(ensemble);
      await ensemble.ready({ signal, timeoutMs: Math.max(1, endMs - performance.now()) });
      return ensemble;
    } catch (error) {
      await ensemble.stop();
      // Another program may have taken a port between its choice and its use.
      const isTaken = error instanceof StartError && error.code === "port";
      if (clientPort !== undefined && isTaken) {
        throw takenClientPort(error, clientPort, ensemble.sids.length);
      }
      if (clientPort !== undefined || attempt === MOST_ATTEMPTS || !isTaken) throw error;
    }
  }
}

/** The same error with the option that asks for the port, in place of a file that the caller has not written. */
function takenClientPort(error: StartError, clientPort: number, count: number): StartError {
  const { port } = (error.cause ?? {}) as { readonly port?: number };
  if (port === undefined || port < clientPort || port >= clientPort + count) return error;
  const { message } = error.problem;
  const problem = { fileName: "", line: 0, message: `clientPort is ${clientPort}. ${message}` };
  return new StartError("port", problem, error.cause);
}

/** Waits for all, also when one fails: a server that is still starting could not be stopped. */
async function startAll(ensemble: Ensemble<ReplicatedState>): Promise<void> {
  const starts = ensemble.sids.map((sid) => ensemble.startServer(sid));
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

/** As clients have it: a signed number, or its eight bytes. */
function toSessionId(id: bigint | Uint8Array): bigint {
  if (typeof id === "bigint") return BigInt.asIntN(64, id);
  if (!(id instanceof Uint8Array) || id.length !== 8) {
    throw new TypeError("a session's id is a bigint, or a Uint8Array of 8 bytes");
  }
  return new DataView(id.buffer, id.byteOffset, 8).getBigInt64(0);
}

const ENSEMBLE_OPTION_NAMES: OptionNames<EnsembleOptions<DataTree>> = {
  storage: true,
  ...LAYOUT_OPTION_NAMES,
  newState: true,
  peer: true,
};

/** Roles in which a server serves, by the words of Apache's commands and of `status`. */
const ROLES: Readonly<Record<string, string>> = {
  leader: "leading",
  follower: "following",
  observer: "observing",
};
const STORAGES: readonly unknown[] = ["disk", "memory"];
/** Three snapshots, the fewest there can be, so that memory does not grow without bound. */
const MEMORY_STORAGE_OPTIONS = { retainSnapshots: 3 };
const MOST_ATTEMPTS = 5;
const LOOK_AGAIN_MS = 5;
/** How long an election waits for a better vote: on loopback all votes are there at once. */
const FINALIZE_WAIT_MS = 20;
