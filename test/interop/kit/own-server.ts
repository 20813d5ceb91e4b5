/** One of our peers in this process, with everything that it reported. It can be stopped, not killed. */
import type { PeerReport } from "../../../packages/server/src/node/network-report.js";
import type { Peer } from "../../../packages/server/src/node/peer.js";
import {
  type ConfiguredPeer,
  configurePeer,
  loadConfiguration,
} from "../../../packages/server/src/node/server.js";
import { CountingTree } from "./counting-tree.js";
import {
  historyOf,
  lookupIn,
  modeOf,
  type OwnOptions,
  ownDataDir,
  writeOwnConfiguration,
} from "./own-configuration.js";
import type { Server, ServerMode } from "./server.js";

export class OwnServer implements Server {
  readonly #options: OwnOptions;
  /** Of all starts, oldest first. */
  readonly reports: PeerReport[] = [];
  #configured: ConfiguredPeer<CountingTree> | undefined;

  constructor(options: OwnOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return ownDataDir(this.#options);
  }

  get isRunning(): boolean {
    return this.#configured !== undefined;
  }

  /** The peer that runs. Throws when none does. */
  get peer(): Peer<CountingTree> {
    if (this.#configured === undefined) throw new Error(`server ${this.#options.sid} does not run`);
    return this.#configured.peer;
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
    const loaded = loadConfiguration(writeOwnConfiguration(this.#options));
    const { names } = this.#options;
    const configured = await configurePeer(loaded, {
      newState: (_sid, options) => new CountingTree(options),
      lookup: names && lookupIn(names),
    });
    configured.peer.on("report", (report) => {
      this.reports.push(report);
    });
    this.#configured = configured;
    await configured.start();
  }

  async stop(): Promise<void> {
    const configured = this.#configured;
    this.#configured = undefined;
    await configured?.stop();
  }

  kill(): Promise<void> {
    throw new Error("a peer in this process cannot be killed");
  }

  mode(): Promise<ServerMode | undefined> {
    return Promise.resolve(this.isRunning ? modeOf(this.peer.status()) : undefined);
  }

  lastZxid(): Promise<bigint | undefined> {
    return Promise.resolve(this.#configured?.peer.state.lastProcessedZxid);
  }

  history(): Promise<string> {
    return Promise.resolve(historyOf(this.reports));
  }
}
