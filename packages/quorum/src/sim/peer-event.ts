/** What reaches a peer, before its own clocks have stamped it. */
import type { Clock, QuorumEvent } from "../core/events.js";

type WithoutClock<E> = E extends QuorumEvent ? Omit<E, keyof Clock> : never;

export type PeerEvent = WithoutClock<QuorumEvent>;
