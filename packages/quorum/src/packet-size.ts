/** About how much packets take while they wait for a learner: enough to bound memory by. */
import type { LoggedTxn } from "./replicated-state.js";
import type { Packet } from "./wire/packet.js";

/** About how many bytes a packet takes. */
export function sizeOf(packet: Packet): number {
  return PACKET_BYTES + ("txn" in packet ? packet.txn.bytes.length : 0);
}

/** About how many bytes it takes to send committed txns: a PROPOSAL and a COMMIT for each. */
export function sizeOfCommitted(txns: readonly LoggedTxn[]): number {
  return txns.reduce((sum, { bytes }) => sum + 2 * PACKET_BYTES + bytes.length, 0);
}

/** What surrounds a packet's contents, in bytes; a little more than its 20 on the wire. */
const PACKET_BYTES = 32;
