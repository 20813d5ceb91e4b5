/** What the load needs of a client, whoever made it. */
import type { Outcome, Request, SessionInfo } from "./history.js";

/** A session with a client that finds another server when it loses one. */
export interface ClientSession {
  readonly info: SessionInfo;
  /** Whether it has ended: closed, expired or abandoned. */
  readonly isOver: boolean;
  /** Whether a read may ask for a watch. A client without watches its znodes by itself. */
  readonly setsWatches: boolean;
  /** Requests made without waiting are carried out in their order. */
  request(request: Request): Promise<Outcome>;
  /** Sets a persistent watch. False if this client has none, or it is not known to be set. */
  watchPersistently(path: string): Promise<boolean>;
  /** Begins to show the data of one znode and the children of another, now and whenever they change. */
  show(dataOf: string, childrenOf: string): Promise<void>;
  close(): Promise<Outcome>;
  /** Goes away without a word: the server has to find out. */
  abandon(): Promise<void>;
}
