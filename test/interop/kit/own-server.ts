/** One of our peers in this process, with everything that it reported. It can be stopped, not killed. */
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { PeerReport } from "../../../packages/server/src/node/network-report.js";
import { Peer } from "../../../packages/server/src/node/peer.js";
import { CountingTree } from "./counting-tree.js";
import { historyOf, modeOf, type OwnOptions, ownConfiguration } from "./own-configuration.js";
import type { Server, ServerCertificates, ServerMode } from "./server.js";

export interface OwnServerOptions {
  readonly sid: Sid;
  readonly members: readonly Member[];
  /** `version-2` lies in its subdirectory `data`. */
  readonly directory: string;
  readonly options?: OwnOptions;
  /** Without them, connections are plain. */
  readonly certificates?: ServerCertificates;
  /** What names stand for; the system's names when undefined. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

export class OwnServer implements Server {
  readonly #options: OwnServerOptions;
  /** Of all starts, oldest first. */
  readonly reports: PeerReport[] = [];
  #peer: Peer<CountingTree> | undefined;

  constructor(options: OwnServerOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return ownConfiguration(this.#options).dataDir;
  }

  get isRunning(): boolean {
    return this.#peer !== undefined;
  }

  /** The peer that runs. Throws when none does. */
  get peer(): Peer<CountingTree> {
    if (this.#peer === undefined) throw new Error(`server ${this.#options.sid} does not run`);
    return this.#peer;
  }

  get tree(): CountingTree {
    return this.peer.state;
  }

  /** All reports of one kind, oldest first. */
  reported<K extends PeerReport["kind"]>(kind: K): Extract<PeerReport, { readonly kind: K }>[] {
    return this.reports.filter(
      (report): report is Extract<PeerReport, { readonly kind: K }> => report.kind === kind,
    );
  }

  async start(): Promise<void> {
    // Not by startPeer: what the start itself reports would be missed.
    const peer = new Peer(ownConfiguration(this.#options), new CountingTree());
    peer.on("report", (report) => {
      this.reports.push(report);
    });
    this.#peer = peer;
    await peer.start();
  }

  async stop(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    await peer?.stop();
  }

  kill(): Promise<void> {
    throw new Error("a peer in this process cannot be killed");
  }

  mode(): Promise<ServerMode | undefined> {
    return Promise.resolve(this.#peer === undefined ? undefined : modeOf(this.#peer.status()));
  }

  lastZxid(): Promise<bigint | undefined> {
    return Promise.resolve(this.#peer?.state.lastProcessedZxid);
  }

  history(): Promise<string> {
    return Promise.resolve(historyOf(this.reports));
  }
}
