/** What reaches a peer, before its own clocks have stamped it. */
import type { Clock, QuorumEvent } from "@jute-ts/quorum";

type WithoutClock<E> = E extends QuorumEvent ? Omit<E, keyof Clock> : never;

export type PeerEvent = WithoutClock<QuorumEvent>;
