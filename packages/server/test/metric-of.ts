/** One of a peer's figures, for tests. */
import type { Peer } from "../src/node/peer.js";

export function metricOf(peer: Peer, name: string): number | undefined {
  return peer.metrics().find((metric) => metric.name === name)?.value;
}
