import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACL } from "@jute-ts/zookeeper";
import { chunksOf, concatenated } from "../test/sample-logs.js";
import {
  anyTree,
  bodyOf,
  Collected,
  contentOf,
  node,
  type SampleTree,
  smallTree,
} from "../test/sample-snapshots.js";
import {
  encodeSnapshotBody,
  SnapshotBodyDecoder,
  type SnapshotBodyOptions,
  SnapshotFormatError,
} from "./index.js";

const cuts = fc.array(fc.nat(), { maxLength: 40 });

function decoded(bytes: Uint8Array, places: readonly number[] = []): Collected {
  const collected = new Collected();
  const decoder = new SnapshotBodyDecoder(collected);
  for (const chunk of chunksOf(bytes, places)) expect(decoder.push(chunk)).toBe(chunk.length);
  expect(decoder.done).toBe(true);
  return collected;
}

/** What the decoder says to these bytes; fails when it has no objection. */
function refusal(bytes: Uint8Array, options?: SnapshotBodyOptions): SnapshotFormatError {
  const decoder = new SnapshotBodyDecoder(new Collected(), options);
  try {
    decoder.push(bytes);
  } catch (error) {
    if (!(error instanceof SnapshotFormatError)) throw error;
    // There is no way on after an error.
    expect(() => decoder.push(Uint8Array.of(0))).toThrow(error);
    return error;
  }
  throw new Error(`accepted, done: ${String(decoder.done)}`);
}

/** Ints, strings after their lengths, and bytes as they are. */
function bytesOf(...values: readonly (number | string | Uint8Array)[]): Uint8Array {
  const parts = values.map((value) => {
    if (value instanceof Uint8Array) return value;
    const content = typeof value === "string" ? Buffer.from(value) : Buffer.alloc(0);
    const int = Buffer.alloc(4);
    int.writeInt32BE(typeof value === "string" ? content.length : value);
    return Buffer.concat([int, content]);
  });
  return concatenated(parts);
}

const stat = new Uint8Array(60);
const aclId = new Uint8Array(8).fill(0xff);
const root = bytesOf("", -1, aclId, stat);

describe("the body of a snapshot", () => {
  it("holds what was put in, however it is cut", () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 1, max: 1000 }), cuts, (tree, chunkBytes, places) => {
        const collected = decoded(bodyOf(tree, chunkBytes), places);
        expect(collected.tree).toEqual(tree);
        expect(collected.ends).toBe(1);
      }),
    );
  });

  it("holds what was put in when it comes byte by byte", () => {
    const body = bodyOf(smallTree);
    expect(decoded(body, [...body.keys()]).tree).toEqual(smallTree);
  });

  it("is the same bytes whatever the size of the chunks", () => {
    fc.assert(
      fc.property(anyTree, fc.integer({ min: 1, max: 500 }), (tree, chunkBytes) => {
        expect(bodyOf(tree, chunkBytes)).toEqual(bodyOf(tree));
      }),
    );
  });

  it("is taken element by element from where it comes, and never held whole", () => {
    let pulled = 0;
    function* nodes(): Generator<SampleTree["nodes"][number]> {
      for (let i = 0; i < 1000; i++) {
        pulled++;
        yield node(i === 0 ? "" : `/${String(i)}`, new Uint8Array(1000));
      }
    }
    const content = { ...contentOf(smallTree), nodes: nodes() };
    const chunks = encodeSnapshotBody(content, 10_000);
    const first = chunks.next().value ?? new Uint8Array(0);
    expect(pulled).toBeLessThan(12);
    expect(first.length).toBeGreaterThanOrEqual(10_000);
    expect(first.length).toBeLessThan(12_000);
    const copy = Uint8Array.from(first);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(12_000);
    expect(pulled).toBe(1000);
    expect(first).toEqual(copy);
  });

  it("gives data that stays as the chunks change", () => {
    const collected = new Collected();
    const decoder = new SnapshotBodyDecoder(collected);
    for (const chunk of chunksOf(bodyOf(smallTree), [40, 90, 130])) {
      decoder.push(chunk);
      chunk.fill(0xee);
    }
    expect(collected.tree).toEqual(smallTree);
  });

  it("ends inside a chunk when something else follows", () => {
    const body = bodyOf(smallTree);
    const decoder = new SnapshotBodyDecoder(new Collected());
    expect(decoder.push(concatenated([body, Uint8Array.of(1, 2, 3)]))).toBe(body.length);
    expect(decoder.offset).toBe(body.length);
    expect(decoder.push(new Uint8Array(0))).toBe(0);
    expect(() => decoder.push(Uint8Array.of(1))).toThrow(/more bytes follow/);
  });

  it("is not done at any truncation", () => {
    const body = bodyOf(smallTree);
    for (let length = 0; length < body.length; length++) {
      const collected = new Collected();
      const decoder = new SnapshotBodyDecoder(collected);
      expect(decoder.push(body.subarray(0, length))).toBe(length);
      expect(decoder.done).toBe(false);
      expect(collected.ends).toBe(0);
    }
  });
});

describe("what is no body", () => {
  const node1 = (path: string): Uint8Array => bytesOf(0, 0, root, path, -1, aclId, stat);
  it.each([
    ["a negative count of sessions", bytesOf(-1), "count", 0],
    ["the least count of sessions", bytesOf(-(2 ** 31)), "count", 0],
    ["a negative count of lists", bytesOf(0, -1), "count", 4],
    ["a list that is null", bytesOf(0, 1, aclId, -1), "count", 8],
    ["a scheme of negative length", bytesOf(0, 1, aclId, 1, 31, -2), "length", 20],
    ["an id above the limit", bytesOf(0, 1, aclId, 1, 31, "a", 0x7fff_ffff), "limit", 20],
    [
      "a scheme that is not UTF-8",
      bytesOf(0, 1, aclId, 1, 31, 1, Uint8Array.of(0xff), ""),
      "text",
      28,
    ],
    ["no root but the end", bytesOf(0, 0, "/"), "path", 8],
    ["a child before the root", bytesOf(0, 0, "/a"), "path", 8],
    ["two roots", bytesOf(0, 0, root, ""), "path", 8 + root.length],
    ["a null path", bytesOf(0, 0, -1), "path", 8],
    ["a path of negative length", bytesOf(0, 0, -5), "length", 8],
    ["a path above the limit", bytesOf(0, 0, 0x7fff_ffff), "limit", 8],
    [
      "a path that is not UTF-8",
      bytesOf(0, 0, root, 2, Uint8Array.of(0x2f, 0xc0)),
      "text",
      8 + root.length + 4,
    ],
    ["a path without a slash", node1("a"), "path", 8 + root.length],
    ["a path that ends with one", node1("/a/"), "path", 8 + root.length],
    ["a path with an empty name", node1("/a//b"), "path", 8 + root.length],
    ["data of negative length", bytesOf(0, 0, "", -2), "length", 12],
    ["data above the limit", bytesOf(0, 0, "", 2_097_151), "limit", 12],
  ])("%s is refused where it is", (_, bytes, kind, offset) => {
    expect(refusal(bytes)).toMatchObject({ kind });
    expect(Math.abs(refusal(bytes).offset - offset)).toBeLessThanOrEqual(4);
    expect(refusal(bytes, { startOffset: 16 }).offset).toBe(refusal(bytes).offset + 16);
  });

  it("is refused as soon as the length has come, before its bytes are waited for", () => {
    const decoder = new SnapshotBodyDecoder(new Collected());
    decoder.push(bytesOf(0, 0, "").subarray(0, 10));
    expect(() => {
      for (const byte of bytesOf(0, 0, "", 0x7000_0000).subarray(10)) {
        decoder.push(Uint8Array.of(byte));
      }
    }).toThrow(SnapshotFormatError);
  });
});

describe("limits", () => {
  it("hold for sessions, lists, bytes, and what one string or buffer may have", () => {
    const body = bodyOf(smallTree);
    expect(refusal(body, { maxSessions: 1 })).toMatchObject({ kind: "limit", offset: 0 });
    expect(refusal(body, { maxAcls: 0 })).toMatchObject({ kind: "limit", offset: 28 });
    expect(refusal(body, { maxBytes: body.length - 1 })).toMatchObject({ kind: "limit" });
    const data = bodyOf({ ...smallTree, nodes: [node("", new Uint8Array(3000))] });
    expect(refusal(data, { maxBuffer: 1499 })).toMatchObject({ kind: "limit" });
    const fitting = { maxSessions: 2, maxAcls: 1, maxBytes: data.length, maxBuffer: 1500 };
    expect(new SnapshotBodyDecoder(new Collected(), fitting).push(data)).toBe(data.length);
  });

  it("refuse a count that the bytes to come could not hold, at once", () => {
    expect(refusal(bytesOf(100), { maxBytes: 1203 })).toMatchObject({ kind: "limit", offset: 0 });
    expect(refusal(bytesOf(0, 0x7fff_ffff), { maxBytes: 1e9 })).toMatchObject({ kind: "limit" });
  });

  it("hold for a list as for the one request that has set it", () => {
    const acl = Array.from(
      { length: 1000 },
      () => new ACL({ perms: 1, id: { scheme: "", id: "" } }),
    );
    const body = bodyOf({ ...smallTree, acls: [[1n, acl]] });
    expect(refusal(body, { maxBuffer: 1024 })).toMatchObject({ kind: "limit" });
    expect(decoded(body).acls).toEqual([[1n, acl]]);
  });
});

describe("content that no reader would accept", () => {
  it.each([
    ["fewer sessions", { ...contentOf(smallTree), sessionCount: 3 }],
    ["more sessions", { ...contentOf(smallTree), sessionCount: 1 }],
    ["fewer lists", { ...contentOf(smallTree), aclCount: 2 }],
    ["more lists", { ...contentOf(smallTree), aclCount: 0 }],
    ["no root", { ...contentOf(smallTree), nodes: [] }],
    ["a root that is not first", { ...contentOf(smallTree), nodes: [node("/a", null)] }],
    ["two roots", { ...contentOf(smallTree), nodes: [node("", null), node("", null)] }],
    ["the end's path", { ...contentOf(smallTree), nodes: [node("", null), node("/", null)] }],
    ["a bad path", { ...contentOf(smallTree), nodes: [node("", null), node("a", null)] }],
  ])("%s: is not written", (_, content) => {
    expect(() => [...encodeSnapshotBody(content)]).toThrow(RangeError);
  });
});
