/** Snapshots: the stream from a leader into a tree, files with their seals, and snappy. */
import {
  encodeSnapshotStreamSignature,
  readSnapshot,
  SnappyDecoder,
  SnappyFormatError,
  SnapshotFormatError,
  SnapshotStreamDecoder,
} from "@jute-ts/persistence";
import { DataTree, SnapshotContentError } from "@jute-ts/data-tree";
import { decodeTxn } from "@jute-ts/zookeeper";
import { bodyOf, fileOf, smallTree } from "../../../packages/persistence/test/sample-snapshots.js";
import { type FuzzedParser, inPieces, verdictOf } from "../fuzzed-parser.js";
import { recorded, recordedTxns } from "./txn-samples.js";

const signature = encodeSnapshotStreamSignature();

/** The tree that Java's recorded txns lead to, as our tree writes it. */
function recordedTree(): Uint8Array {
  const tree = new DataTree();
  for (const bytes of recordedTxns) {
    const { header } = decodeTxn(bytes);
    tree.apply({ zxid: header.zxid, header, bytes });
  }
  const source = tree.snapshot();
  const pieces: Uint8Array[] = [];
  for (let piece = source.next(); piece !== undefined; piece = source.next()) pieces.push(piece);
  return Buffer.concat(pieces);
}

export const snapshotStream: FuzzedParser = {
  name: "snapshot-stream",
  samples: [bodyOf(smallTree), recordedTree()].map(
    (body) => new Uint8Array(Buffer.concat([body, signature])),
  ),
  words: ["/zookeeper", "/zookeeper/quota", "/a/b/c", "BenWasHere"],
  begin: (random) => {
    const tree = new DataTree();
    const decoder = new SnapshotStreamDecoder(tree.restore(0x1_0000_0001n));
    return (input) =>
      verdictOf(
        () => {
          inPieces(input, random, (piece) => {
            decoder.push(piece);
            piece.fill(0xa5);
          });
          // A tree that was taken in must be one that can be written.
          if (decoder.done) tree.snapshot().next();
        },
        SnapshotFormatError,
        SnapshotContentError,
      );
  },
};

const FILES = ["one-seal", "two-seals", "three-seals", "text-digest", "zxid-without-digest"];

export const snapshotFile: FuzzedParser = {
  name: "snapshot-file",
  samples: [
    ...FILES.map((folder) => recorded(`${folder}/snapshot.200000002`)),
    fileOf(smallTree, {
      digest: { zxid: 5n, digest: 77n, version: 2 },
      lastProcessedZxid: 6n,
    }),
  ],
  begin: () => (input) => verdictOf(() => readSnapshot(input), SnapshotFormatError),
};

export const snappy: FuzzedParser = {
  name: "snappy",
  samples: [recorded("snappy/snapshot.200000002.snappy")],
  begin: (random) => {
    const decoder = new SnappyDecoder({ maxBytes: 1024 * 1024, maxBlockBytes: 64 * 1024 });
    return (input) =>
      verdictOf(() => {
        inPieces(input, random, (piece) => decoder.push(piece));
        decoder.finish();
      }, SnappyFormatError);
  },
};
