/** What disks hold before a run begins, for worlds that do not begin with empty ones. */
import { encodeEpochFile, snapshotFileName, SnapshotFileEncoder } from "@jute-ts/persistence";
import type { FilePath, ReplicatedState } from "@jute-ts/quorum";
import { epochOf, NO_TXN } from "@jute-ts/zookeeper";
import type { WorldSettings } from "./settings.js";

/** A file and its bytes. */
export type FirstFile = readonly [path: FilePath, bytes: Uint8Array];

/** The files of every member: an empty tree at the first zxid, and the epoch that it is of. */
export function firstFiles(
  { firstZxid, mayWipe }: WorldSettings,
  empty: ReplicatedState,
): readonly FirstFile[] {
  // Where an empty disk does not vote, somebody must have said that this one may.
  if (firstZxid === NO_TXN) return mayWipe ? [[inData("../initialize"), new Uint8Array(0)]] : [];
  const epoch = encodeEpochFile(epochOf(firstZxid));
  return [
    [inData("acceptedEpoch"), epoch],
    [inData("currentEpoch"), epoch],
    [inData(snapshotFileName(firstZxid)), snapshotFile(empty)],
  ];
}

function snapshotFile(state: ReplicatedState): Uint8Array {
  const encoder = new SnapshotFileEncoder();
  const pieces = [encoder.header()];
  const source = state.snapshot();
  for (let piece = source.next(); piece !== undefined; piece = source.next())
    pieces.push(encoder.body(piece));
  pieces.push(encoder.trailer({}));
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function inData(name: string): FilePath {
  return { directory: "data", name };
}
