/** A snapshot of any length: the same bytes for the same length. */
import {
  encodeSnapshotBody,
  SnapshotFileEncoder,
  type SnapshotContent,
  type SnapshotNode,
} from "@jute-ts/persistence";
import { makeZxid, StatPersisted } from "@jute-ts/zookeeper";
import { SampleValues } from "./sample-values.js";

/** Pieces of at least `bytes` bytes together: a hundred sessions, and many znodes below one. */
export function* sampleSnapshot(bytes: number): Generator<Uint8Array, void, undefined> {
  const encoder = new SnapshotFileEncoder();
  let written = 0;
  const counted = (piece: Uint8Array): Uint8Array => {
    written += piece.length;
    return piece;
  };
  yield counted(encoder.header());
  const content: SnapshotContent = {
    sessions: Array.from({ length: SESSIONS }, (_, index) => [BigInt(index + 1), 30_000] as const),
    sessionCount: SESSIONS,
    acls: [],
    aclCount: 0,
    nodes: nodesWhile(() => written < bytes),
  };
  for (const piece of encodeSnapshotBody(content)) yield counted(encoder.body(piece));
  yield encoder.trailer({});
}

function* nodesWhile(isShort: () => boolean): Generator<SnapshotNode, void, undefined> {
  const values = new SampleValues();
  yield node("", values, 0);
  yield node("/many", values, 1);
  for (let number = 2; isShort(); number++) {
    yield node(`/many/node-${String(number).padStart(10, "0")}`, values, number);
  }
}

function node(path: string, values: SampleValues, number: number): SnapshotNode {
  const czxid = makeZxid(1, number);
  const ctime = FIRST_TIME_MS + BigInt(number);
  const stat = new StatPersisted({ czxid, mzxid: czxid, pzxid: czxid, ctime, mtime: ctime });
  return { path, data: values.data(), aclId: -1n, stat };
}

const SESSIONS = 100;
const FIRST_TIME_MS = 1_790_000_000_000n;
