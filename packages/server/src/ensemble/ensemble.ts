/**
 * A whole ensemble in one process, on loopback: for trying things out and for
 * tests. It finds its own ports, keeps its data in a temporary directory, and
 * leaves nothing behind.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChangeRequest,
  MajorityVerifier,
  type Member,
  type PeerOptions,
  type ReplicatedState,
} from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { DataTree } from "@jute-ts/data-tree";
import {
  type Committed,
  type Peer,
  type PeerConfiguration,
  RequestError,
  startPeer,
} from "../node/peer.js";

export interface EnsembleOptions<S extends ReplicatedState> {
  /** How many servers vote. 3. */
  readonly size?: number;
  /** How many more only observe. 0. */
  readonly observers?: number;
  /** Where the data lies, a directory for each server. Default: a temporary one, removed at the end. */
  readonly directory?: string;
  /** What is replicated. Default: ZooKeeper's data tree. */
  readonly newState?: (sid: Sid) => S;
  /** Options of every peer; the defaults are for a fast local network. */
  readonly peer?: Partial<Omit<PeerOptions, "sid" | "ensemble">>;
}

export class Ensemble<S extends ReplicatedState = DataTree> {
  readonly directory: string;
  readonly #options: EnsembleOptions<S>;
  readonly #removeDirectory: boolean;
  /** Who belongs to it, and where they listen. */
  readonly members: readonly Member[];
  readonly #peers = new Map<Sid, Peer<S>>();

  /** Use `startEnsemble`. */
  constructor(
    options: EnsembleOptions<S>,
    directory: string,
    removeDirectory: boolean,
    members: readonly Member[],
  ) {
    this.#options = options;
    this.directory = directory;
    this.#removeDirectory = removeDirectory;
    this.members = members;
  }

  /** The servers' ids, participants first. */
  get sids(): readonly Sid[] {
    return this.members.map(({ sid }) => sid);
  }

  /** The peers that run, by id. */
  get peers(): ReadonlyMap<Sid, Peer<S>> {
    return this.#peers;
  }

  /** A peer that runs. Throws when it does not. */
  peer(sid: Sid): Peer<S> {
    const peer = this.#peers.get(sid);
    if (peer === undefined) throw new Error(`server ${sid} does not run`);
    return peer;
  }

  /** Starts a server, with the data that it has. */
  async start(sid: Sid): Promise<Peer<S>> {
    if (this.#peers.has(sid)) throw new Error(`server ${sid} runs already`);
    const peer = await startPeer(this.#configurationOf(sid), this.#newState(sid));
    this.#peers.set(sid, peer);
    return peer;
  }

  /** Stops a server. Its data stays, so that it can be started again. */
  async stopServer(sid: Sid): Promise<void> {
    const peer = this.peer(sid);
    this.#peers.delete(sid);
    await peer.stop();
  }

  /** The server that leads now, if one does and is established. */
  get leader(): Peer<S> | undefined {
    return [...this.#peers.values()].find((peer) => {
      const { role, serving } = peer.status();
      return role === "leading" && serving;
    });
  }

  /** Resolves with the leader once there is one and everyone who runs serves. */
  async ready(timeoutMs = 30_000): Promise<Peer<S>> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(1, endMs - performance.now());
      await Promise.all([...this.#peers.values()].map((peer) => peer.waitUntilServing(leftMs)));
      // While the last one was waited for, the first may have lost its leader again.
      const { leader } = this;
      const all = [...this.#peers.values()].every((peer) => peer.status().serving);
      if (leader !== undefined && all) return leader;
      if (performance.now() > endMs) throw new Error(`no leader within ${timeoutMs} ms`);
      // Followers that have not noticed yet that their leader is gone must get the chance to.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Asks any serving peer for a change, the leader first. */
  async propose(
    change: Pick<ChangeRequest, "opCode" | "body"> & Partial<ChangeRequest>,
  ): Promise<Committed> {
    const peer =
      this.leader ?? [...this.#peers.values()].find((candidate) => candidate.status().serving);
    if (peer === undefined) throw new RequestError("no server of the ensemble serves now", false);
    return await peer.propose(change);
  }

  /** Resolves when all servers that run have applied the same txns, and returns the digest that they agree on. */
  async converged(timeoutMs = 30_000): Promise<bigint> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const seen = [...this.#peers.values()].map((peer) => ({
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
        throw new Error(`the servers do not agree within ${timeoutMs} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Stops all servers and removes what was made for them. */
  async stop(): Promise<void> {
    await Promise.all(
      this.sids.filter((sid) => this.#peers.has(sid)).map((sid) => this.stopServer(sid)),
    );
    if (this.#removeDirectory) await rm(this.directory, { recursive: true, force: true });
  }

  #configurationOf(sid: Sid): PeerConfiguration {
    return {
      tickTimeMs: 200,
      initLimit: 20,
      syncLimit: 10,
      minNotificationIntervalMs: 50,
      maxNotificationIntervalMs: 1000,
      finalizeWaitMs: 20,
      random: Math.random,
      ...this.#options.peer,
      storage: { preAllocSizeBytes: 64 * 1024, ...this.#options.peer?.storage },
      sid,
      ensemble: new MajorityVerifier(this.members),
      dataDir: join(this.directory, String(sid)),
    };
  }

  #newState(sid: Sid): S {
    // Without a factory S is DataTree, which the type of the options cannot say.
    return this.#options.newState?.(sid) ?? (new DataTree() as ReplicatedState as S);
  }
}

/** Starts an ensemble and resolves when it has a leader and all its servers serve. */
export async function startEnsemble<S extends ReplicatedState = DataTree>(
  options: EnsembleOptions<S> = {},
): Promise<Ensemble<S>> {
  const { size = 3, observers = 0 } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "jute-ts-ensemble-")));
  const members = await makeMembers(size, observers);
  const ensemble = new Ensemble<S>(options, directory, options.directory === undefined, members);
  try {
    await Promise.all(ensemble.sids.map((sid) => ensemble.start(sid)));
    await ensemble.ready();
  } catch (error) {
    await ensemble.stop();
    throw error;
  }
  return ensemble;
}

async function makeMembers(size: number, observers: number): Promise<Member[]> {
  const count = size + observers;
  const ports = await findFreePorts(2 * count);
  return Array.from({ length: count }, (_, index) => ({
    sid: BigInt(index + 1),
    role: index < size ? "participant" : "observer",
    addresses: [
      {
        host: LOOPBACK,
        quorumPort: ports[2 * index] ?? 0,
        electionPort: ports[2 * index + 1] ?? 0,
      },
    ],
    client: undefined,
  }));
}

/** Ports that nobody listens on. All are held until all are found, so that none is found twice. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen({ host: LOOPBACK, port: 0 }, () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const LOOPBACK = "127.0.0.1";
