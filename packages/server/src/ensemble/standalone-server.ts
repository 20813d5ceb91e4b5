/** One server in this process that stands alone: the smallest ZooKeeper there is. */
import type { DataTree } from "@jute-ts/data-tree";
import type { Peer } from "../node/peer.js";
import type { OptionNames } from "../node/option-names.js";
import { WAIT_OPTION_NAMES, type WaitOptions } from "../node/waiting.js";
import { type Ensemble, type EnsembleOptions, startLaidOut } from "./ensemble.js";
import { checkStartOptions } from "./ensemble-options.js";

/** As for an ensemble, without what only several servers have. */
export type ServerOptions = Omit<EnsembleOptions<DataTree>, "size" | "observers" | "newState">;

export class StandaloneServer implements AsyncDisposable {
  readonly #ensemble: Ensemble;

  /** Use `startServer`. */
  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  /** What clients are given to find the server: `host:port`. It stays the same over restarts. */
  get connectString(): string {
    return this.#ensemble.connectString;
  }

  /** Where its data lies. Undefined where it is in memory. */
  get directory(): string | undefined {
    return this.#ensemble.directory;
  }

  /** What it holds now, to be read directly. Throws when it does not run. */
  get tree(): DataTree {
    return this.peer.state;
  }

  /** For requests, events and figures. Another one after each start. Throws when it does not run. */
  get peer(): Peer<DataTree> {
    return this.#ensemble.peer(SID);
  }

  /** Starts it again after `kill`, on the data that it has. Resolves when it serves. */
  async start(options?: WaitOptions): Promise<void> {
    const peer = await this.#ensemble.startServer(SID);
    await peer.waitUntilServing(options);
  }

  /** Ends it as a crash does. Its data stays for `start`. */
  async kill(): Promise<void> {
    await this.#ensemble.killServer(SID);
  }

  /** Stops it and starts it again: clients lose their connections and keep their sessions. Resolves when it serves. */
  async restart(options?: WaitOptions): Promise<void> {
    await this.#ensemble.restartServer(SID, options);
  }

  /** Freezes it: connections stay, and nobody is answered until `resume`. */
  pause(): void {
    this.peer.pause();
  }

  resume(): void {
    this.peer.resume();
  }

  /** Ends a session as if its client had not been heard from for too long; see `Ensemble.expireSession`. */
  async expireSession(sessionId: bigint | Uint8Array, options?: WaitOptions): Promise<void> {
    await this.#ensemble.expireSession(sessionId, options);
  }

  /** Stops it for good and removes what was made for it. */
  async stop(): Promise<void> {
    await this.#ensemble.stop();
  }

  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * Starts a server and resolves when it serves clients at its `connectString`. Rejects with
 * EnsembleOptionsError for options that make no sense, and with ConfigurationError or
 * StartError when it cannot start.
 */
export async function startServer(options: ServerOptions = {}): Promise<StandaloneServer> {
  checkStartOptions(options, "startServer", SERVER_OPTION_NAMES);
  return new StandaloneServer(await startLaidOut<DataTree>({ ...options, size: 1 }, "standalone"));
}

const SERVER_OPTION_NAMES: OptionNames<ServerOptions> = {
  storage: true,
  directory: true,
  clientPort: true,
  settings: true,
  ...WAIT_OPTION_NAMES,
  peer: true,
};
const SID = 1n;
