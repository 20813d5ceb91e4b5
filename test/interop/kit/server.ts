/** What the kit asks of a server, whoever made it. */

/** ZooKeeper's own words for the roles of servers that serve. */
export type ServerMode = "leader" | "follower" | "observer";

export interface Server {
  readonly dataDir: string;
  readonly isRunning: boolean;
  /** Starts the server with the data that it has. */
  start(): Promise<void>;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** What it does, or undefined while it does not serve. */
  mode(): Promise<ServerMode | undefined>;
  /** The last txn that it has applied; undefined while it does not serve. */
  lastZxid(): Promise<bigint | undefined>;
  /** What happened there last, for the message of a failed test. */
  history(): Promise<string>;
}

/** A server in a process of its own. */
export interface ServerProcess extends Server {
  /** Freezes the process, connections and all, until it is killed or resumed. Resolves when it does nothing more. */
  pause(): Promise<void>;
  resume(): void;
}

/** The PEM files of a server whose connections to the others are encrypted. */
export interface ServerCertificates {
  /** Its key and its certificate. */
  readonly keyStore: string;
  /** Those that vouch for the others. */
  readonly trustStore: string;
}
