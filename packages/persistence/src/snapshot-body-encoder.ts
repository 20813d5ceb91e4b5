/** Writes sessions, access control lists and znodes as chunks, holding one chunk at a time and never the whole tree. */
import { BinaryOutputArchive } from "@jute-ts/runtime";
import { ACL, StatPersisted } from "@jute-ts/zookeeper";
import {
  END_OF_NODES,
  pathFlaw,
  type SnapshotContent,
  type SnapshotNode,
} from "./snapshot-body.js";

/**
 * The body of a snapshot in chunks of about `chunkBytes`, longer where a single
 * node is. The chunks are the caller's. Strings are written in standard UTF-8,
 * which is all that Java can read; beyond U+FFFF it writes another form itself.
 * Throws RangeError, between two chunks, where the content is none that a reader
 * would accept: other counts than promised, or a path that no node can have there.
 * Abandon the file then.
 */
export function* encodeSnapshotBody(
  content: SnapshotContent,
  chunkBytes: number = DEFAULT_CHUNK_BYTES,
): Generator<Uint8Array, void, undefined> {
  const { sessions, sessionCount, acls, aclCount, nodes } = content;
  const output = new BinaryOutputArchive({ initialCapacity: chunkBytes + SPARE_BYTES });
  output.writeInt(sessionCount);
  for (const [id, timeoutMs] of counted(sessions, sessionCount, "sessions")) {
    output.writeLong(id);
    output.writeInt(timeoutMs);
    if (output.length >= chunkBytes) yield takeChunk(output);
  }
  output.writeInt(aclCount);
  for (const [id, acl] of counted(acls, aclCount, "access control lists")) {
    output.writeLong(id);
    output.writeInt(acl.length);
    for (const entry of acl) ACL.write(output, entry);
    if (output.length >= chunkBytes) yield takeChunk(output);
  }
  let hasRoot = false;
  for (const node of nodes) {
    checkNode(node, hasRoot);
    hasRoot = true;
    output.writeString(node.path);
    output.writeBuffer(node.data);
    output.writeLong(node.aclId);
    StatPersisted.write(output, node.stat);
    if (output.length >= chunkBytes) yield takeChunk(output);
  }
  if (!hasRoot) throw new RangeError("A snapshot needs at least the root.");
  output.writeString(END_OF_NODES);
  yield takeChunk(output);
}

function takeChunk(output: BinaryOutputArchive): Uint8Array {
  const chunk = output.toBytes();
  output.reset();
  return chunk;
}

/** The count is written first, so what follows must agree with it. */
function* counted<T>(elements: Iterable<T>, count: number, what: string): Generator<T> {
  let seen = 0;
  for (const element of elements) {
    if (++seen > count) break;
    yield element;
  }
  if (seen !== count) {
    throw new RangeError(
      `There are ${seen > count ? "more" : "fewer"} ${what} than the ${String(count)} promised.`,
    );
  }
}

function checkNode({ path }: SnapshotNode, hasRoot: boolean): void {
  const flaw = (path === "") === hasRoot ? "is not the root's turn" : pathFlaw(path);
  if (flaw !== undefined) throw new RangeError(`The path ${JSON.stringify(path)} ${flaw}.`);
}

const DEFAULT_CHUNK_BYTES = 65_536;

/** Room for most of what reaches beyond the end of a chunk. */
const SPARE_BYTES = 4096;
