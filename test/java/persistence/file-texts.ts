/** What a log or a snapshot says, as the lines of text that FileTexts.java makes of it. */
import type { SnapshotNode } from "@jute-ts/persistence";
import { type ACL, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";

export interface RecordedTree {
  readonly sessions: ReadonlyMap<bigint, number>;
  readonly acls: ReadonlyMap<bigint, readonly ACL[]>;
  readonly nodes: readonly SnapshotNode[];
}

export function logLine(zxid: bigint, txn: Uint8Array): string {
  const type = new DataView(txn.buffer, txn.byteOffset).getInt32(TYPE_OFFSET);
  return `${String(zxid)} ${String(type)} ${hex(txn)}`;
}

/** A line for each session and each znode, in the order of the lines. */
export function treeLines({ sessions, acls, nodes }: RecordedTree): string[] {
  const lines = Array.from(
    sessions,
    ([id, timeoutMs]) => `session ${String(id)} ${String(timeoutMs)}`,
  );
  for (const { path, data, aclId, stat } of nodes) {
    const acl = aclId === -1n ? OPEN_ACL_UNSAFE : (acls.get(aclId) ?? []);
    const entries = acl.map(
      ({ perms, id }) => `${String(perms)}:${String(id.scheme)}:${String(id.id)};`,
    );
    const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, pzxid } = stat;
    const numbers = [
      [czxid, mzxid, ctime, mtime],
      [version, cversion, aversion],
      [ephemeralOwner, pzxid],
    ].flat();
    lines.push(
      `znode ${hex(Buffer.from(path))} ${data === null ? "null" : hex(data)} [${entries.join("")}] ${numbers.join(" ")}`,
    );
  }
  return lines.sort();
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** Behind a txn's session, cxid, zxid and time. */
const TYPE_OFFSET = 28;
