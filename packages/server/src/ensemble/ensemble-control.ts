/** What can be done with the servers of an ensemble, whether they share this process or have their own. */
import type { Sid } from "@jute-ts/zookeeper";
import type { WaitOptions } from "../node/waiting.js";
import type { ServerLayout } from "./ensemble-layout.js";

/** Servers are named by their ids, as 3 or 3n; an id that no server has is an error. */
export interface EnsembleControl extends AsyncDisposable {
  /** What clients are given to find the servers: `host:port,host:port`. */
  readonly connectString: string;
  /** Holds a directory for each server, with its zoo.cfg and its data; undefined where nothing is on a disk. */
  readonly directory: string | undefined;
  /** Where each server answers and keeps its data, those that vote first. */
  readonly servers: readonly ServerLayout[];
  /** Starts a server that does not run, on the data that it has. Resolves when it looks for a leader. */
  startServer(id: Sid | number): Promise<unknown>;
  /** Stops a server, as an operator does. Its data stays, so that it can be started again. */
  stopServer(id: Sid | number): Promise<void>;
  /** Ends a server without a goodbye, as a crash does. Its data stays. */
  killServer(id: Sid | number): Promise<void>;
  /** Freezes a server: connections stay, and nobody is answered, until it is resumed, stopped or killed. */
  pauseServer(id: Sid | number): Promise<void>;
  resumeServer(id: Sid | number): void;
  /** Resolves when all servers that run serve. Rejects with TimeoutError after 30 s unless told otherwise. */
  ready(options?: WaitOptions): Promise<unknown>;
  /** Stops all servers and removes what was made for them. */
  stop(): Promise<void>;
}
