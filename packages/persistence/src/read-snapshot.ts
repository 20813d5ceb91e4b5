/** Reads a whole snapshot that is in memory, for tools and tests. A server streams it into its tree instead. */
import type { ACL } from "@jute-ts/zookeeper";
import { FILE_HEADER_BYTES } from "./file-header.js";
import type { SnapshotNode, SnapshotVisitor } from "./snapshot-body.js";
import { SnapshotBodyDecoder, type SnapshotBodyOptions } from "./snapshot-body-decoder.js";
import { SnapshotFileDecoder } from "./snapshot-file.js";
import { SnapshotFormatError, type SnapshotErrorKind } from "./snapshot-format-error.js";
import type { SnapshotTrailer } from "./snapshot-trailer.js";

export interface Snapshot {
  /** Timeouts in milliseconds, by session id. */
  readonly sessions: Map<bigint, number>;
  readonly acls: Map<bigint, readonly ACL[]>;
  /** In the order of the file: the root first, every node after its parent. */
  readonly nodes: SnapshotNode[];
  readonly trailer: SnapshotTrailer & { readonly seals: number };
}

/**
 * The snapshot in these bytes, of a plain file or one that was inflated. Everything
 * in it is copied. Throws SnapshotFormatError unless it is whole and a tree. That a
 * node's access control list is missing is no error: a snapshot is taken while the
 * tree changes, and the log makes up for it.
 */
export function readSnapshot(bytes: Uint8Array, options?: SnapshotBodyOptions): Snapshot {
  const collector = new Collector();
  const body = new SnapshotBodyDecoder(collector, { startOffset: FILE_HEADER_BYTES, ...options });
  const file = new SnapshotFileDecoder(body);
  collector.offset = () => body.offset;
  file.push(bytes);
  const { sessions, acls, nodes } = collector;
  return { sessions, acls, nodes: [...nodes.values()], trailer: file.finish() };
}

class Collector implements SnapshotVisitor {
  readonly sessions = new Map<bigint, number>();
  readonly acls = new Map<bigint, readonly ACL[]>();
  readonly nodes = new Map<string, SnapshotNode>();
  /** Where the element that is being visited ends or begins, for errors. */
  offset = (): number => 0;

  session(id: bigint, timeoutMs: number): void {
    if (this.sessions.has(id)) this.#refuse("duplicate", `session ${String(id)} is there twice`);
    this.sessions.set(id, timeoutMs);
  }

  acl(id: bigint, acl: readonly ACL[]): void {
    if (this.acls.has(id)) this.#refuse("duplicate", `list ${String(id)} is there twice`);
    this.acls.set(id, acl);
  }

  node(node: SnapshotNode): void {
    const { path } = node;
    if (this.nodes.has(path)) this.#refuse("duplicate", `${JSON.stringify(path)} is there twice`);
    if (path !== "" && !this.nodes.has(path.slice(0, path.lastIndexOf("/")))) {
      this.#refuse("parent", `${JSON.stringify(path)} is there before its parent`);
    }
    this.nodes.set(path, node);
  }

  end(): void {
    // Everything was checked as it came.
  }

  #refuse(kind: SnapshotErrorKind, reason: string): never {
    throw new SnapshotFormatError(kind, this.offset(), reason);
  }
}
