/**
 * The one message of the election: how a server votes, in which round, and what
 * it is doing. Three generations of it are in use; all are read, the last is written.
 */
import type { Sid, Zxid } from "@jute-ts/zookeeper";

/** What a server says that it is doing. */
export type ServerState = "looking" | "following" | "leading" | "observing";

/** A vote for a leader. Epochs are signed 64-bit here: a server that may not vote votes with the lowest numbers. */
export interface Vote {
  /** The proposed leader. */
  readonly leader: Sid;
  /** The proposed leader's last txn. */
  readonly zxid: Zxid;
  /** The proposed leader's current epoch. */
  readonly peerEpoch: bigint;
}

export interface Notification extends Vote {
  readonly state: ServerState;
  /** The sender's round (its logical clock). */
  readonly electionEpoch: bigint;
  /** Generation of the message: 0 (28 and 40 bytes), 1, or 2 with a configuration. */
  readonly version: number;
  /** The sender's last configuration as a text, or undefined. */
  readonly configuration: string | undefined;
}
