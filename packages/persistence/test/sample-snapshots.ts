/** Trees to test snapshots with. */
import fc, { type Arbitrary } from "fast-check";
import { ACL, StatPersisted } from "@jute-ts/zookeeper";
import {
  encodeSnapshotBody,
  SnapshotFileEncoder,
  type SnapshotContent,
  type SnapshotNode,
  type SnapshotTrailer,
  type SnapshotVisitor,
} from "../src/index.js";
import { concatenated } from "./sample-logs.js";

export interface SampleTree {
  readonly sessions: readonly (readonly [bigint, number])[];
  readonly acls: readonly (readonly [bigint, readonly ACL[]])[];
  readonly nodes: readonly SnapshotNode[];
}

export const smallTree: SampleTree = {
  sessions: [
    [0x1000_0000_0000_0001n, 30_000],
    [-1n, 4000],
  ],
  acls: [[1n, [new ACL({ perms: 31, id: { scheme: "digest", id: "me:secret" } })]]],
  nodes: [
    node("", null),
    node("/a", Uint8Array.of(1, 2, 3), 1n),
    node("/a/b", new Uint8Array(0)),
    node("/\u914d\u7f6e", new Uint8Array(300).fill(7)),
  ],
};

export function node(path: string, data: Uint8Array | null, aclId = -1n): SnapshotNode {
  const stat = new StatPersisted({ czxid: 4n, mzxid: 5n, ctime: 6n, mtime: 7n, pzxid: 8n });
  return { path, data, aclId, stat };
}

export function contentOf(tree: SampleTree): SnapshotContent {
  return { ...tree, sessionCount: tree.sessions.length, aclCount: tree.acls.length };
}

export function bodyOf(tree: SampleTree, chunkBytes?: number): Uint8Array {
  return concatenated([...encodeSnapshotBody(contentOf(tree), chunkBytes)]);
}

export function fileOf(tree: SampleTree, trailer: SnapshotTrailer): Uint8Array {
  const encoder = new SnapshotFileEncoder();
  const parts = [encoder.header(), encoder.body(bodyOf(tree)), encoder.trailer(trailer)];
  return concatenated(parts);
}

/** Collects what a decoder finds, without an opinion of it. */
export class Collected implements SnapshotVisitor, SampleTree {
  readonly sessions: (readonly [bigint, number])[] = [];
  readonly acls: (readonly [bigint, readonly ACL[]])[] = [];
  readonly nodes: SnapshotNode[] = [];
  ends = 0;

  session(id: bigint, timeoutMs: number): void {
    this.sessions.push([id, timeoutMs]);
  }

  acl(id: bigint, acl: readonly ACL[]): void {
    this.acls.push([id, acl]);
  }

  node(found: SnapshotNode): void {
    this.nodes.push(found);
  }

  end(): void {
    this.ends++;
  }

  get tree(): SampleTree {
    return { sessions: this.sessions, acls: this.acls, nodes: this.nodes };
  }
}

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.option(fc.string({ unit: "binary", maxLength: 12 }), { freq: 8 });
const acl = fc
  .record({ perms: int, id: fc.record({ scheme: text, id: text }) })
  .map((entry) => new ACL(entry));
const stat = fc
  .record({
    czxid: long,
    mzxid: long,
    ctime: long,
    mtime: long,
    version: int,
    cversion: int,
    aversion: int,
    ephemeralOwner: long,
    pzxid: long,
  })
  .map((fields) => new StatPersisted(fields));
const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .map((characters) => characters.replaceAll("/", "_"));

/** Any tree that a body can hold. Whether it is a tree, with parents, is not the body's business. */
export const anyTree: Arbitrary<SampleTree> = fc
  .record({
    sessions: fc.array(fc.tuple(long, int), { maxLength: 5 }),
    acls: fc.array(fc.tuple(long, fc.array(acl, { maxLength: 4 })), { maxLength: 4 }),
    root: fc.record({ data: data(), aclId: long, stat }),
    nodes: fc.array(
      fc.record({
        path: fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`),
        data: data(),
        aclId: long,
        stat,
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ sessions, acls, root, nodes }) => ({
    sessions,
    acls,
    nodes: [{ path: "", ...root }, ...nodes],
  }));

function data(): Arbitrary<Uint8Array | null> {
  return fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)));
}
