import type { OutgoingPacket } from "@jute-ts/quorum/wire";

/** Where a conversation may break off: most often while a learner joins, because that is over so soon. */
export const BREAKING_PACKETS: readonly OutgoingPacket["kind"][] = [
  "FOLLOWERINFO",
  "LEADERINFO",
  "ACKEPOCH",
  "DIFF",
  "TRUNC",
  "SNAP",
  "SNAPSHOTPIECE",
  "SNAPSHOTPIECE",
  "SNAPSHOTEND",
  "NEWLEADER",
  "NEWLEADER",
  "ACK",
  "UPTODATE",
  "PROPOSAL",
  "COMMIT",
  "REQUEST",
];
