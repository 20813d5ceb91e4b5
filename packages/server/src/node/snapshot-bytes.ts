/** The state as a snapshot file: as it is when the first piece is pulled, whatever changes while the others are. */
import type { DataTree } from "@jute-ts/data-tree";
import { SnapshotFileEncoder } from "@jute-ts/persistence";
import type { PeerSettings } from "../configuration/index.js";

/** The pieces of the file in order, each the caller's. How it ends, `storage` says. */
export function* snapshotBytes(
  tree: DataTree,
  { digestInSnapshots, lastZxidInSnapshots }: PeerSettings["storage"],
): Generator<Uint8Array, void, undefined> {
  const encoder = new SnapshotFileEncoder();
  const source = tree.snapshot();
  const { zxid } = source;
  const digest = { zxid, version: 2, digest: BigInt.asIntN(64, tree.digest()) };
  yield encoder.header();
  for (let piece = source.next(); piece !== undefined; piece = source.next()) {
    yield encoder.body(piece);
  }
  yield encoder.trailer({
    ...(digestInSnapshots ? { digest } : {}),
    ...(lastZxidInSnapshots ? { lastProcessedZxid: zxid } : {}),
  });
}
