import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunksOf, concatenated } from "../test/sample-logs.js";
import {
  anyTree,
  bodyOf,
  Collected,
  contentOf,
  fileOf,
  node,
  smallTree,
} from "../test/sample-snapshots.js";
import {
  encodeSnapshotStream,
  isSnapshotCandidate,
  readSnapshot,
  SnapshotBodyDecoder,
  SnapshotFileDecoder,
  SnapshotFormatError,
  SNAPSHOT_STREAM_SIGNATURE,
  SnapshotStreamDecoder,
  type SnapshotTrailer,
} from "./index.js";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const trailers = fc.record(
  {
    digest: fc.record({ zxid: long, digest: long, version: fc.integer({ min: -1, max: 4 }) }),
    lastProcessedZxid: long,
  },
  { requiredKeys: [] },
);
const kinds: readonly SnapshotTrailer[] = [
  {},
  { digest: { zxid: 8n, digest: -9n, version: 2 } },
  { digest: { zxid: 8n, digest: -9n, version: 2 }, lastProcessedZxid: 8n },
  { lastProcessedZxid: 8n },
  { digest: { zxid: 8n, digest: -9n, version: 1 } },
];
const sealsOf = (trailer: SnapshotTrailer): number => 1 + Object.keys(trailer).length;

function refusal(bytes: Uint8Array): SnapshotFormatError {
  try {
    readSnapshot(bytes);
  } catch (error) {
    if (error instanceof SnapshotFormatError) return error;
    throw error;
  }
  throw new Error("the file was accepted");
}

describe("a snapshot file", () => {
  it("holds what was put in, with each kind of end, however it is cut", () => {
    fc.assert(
      fc.property(
        anyTree,
        trailers,
        fc.array(fc.nat(), { maxLength: 40 }),
        (tree, trailer, cuts) => {
          const collected = new Collected();
          const decoder = new SnapshotFileDecoder(new SnapshotBodyDecoder(collected));
          for (const chunk of chunksOf(fileOf(tree, trailer), cuts)) decoder.push(chunk);
          expect(decoder.finish()).toEqual({ ...trailer, seals: sealsOf(trailer) });
          expect(collected.tree).toEqual(tree);
        },
      ),
    );
  });

  it("is refused at every truncation but one after a seal", () => {
    const file = fileOf(smallTree, kinds[2] ?? {});
    const bodyEnd = 16 + bodyOf(smallTree).length;
    const whole = [bodyEnd + 13, bodyEnd + 46];
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      if (whole.includes(length)) {
        expect(readSnapshot(cut).trailer.seals).toBe(whole.indexOf(length) + 1);
      } else {
        expect(["truncated", "seal"]).toContain(refusal(cut).kind);
      }
    }
  });

  it("is refused for any bit that is wrong", () => {
    for (const trailer of kinds) {
      const file = fileOf(smallTree, trailer);
      for (let bit = 0; bit < file.length * 8; bit++) {
        const flipped = Uint8Array.from(file);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        refusal(flipped);
      }
    }
  });

  it("says which seal is wrong", () => {
    const file = fileOf(smallTree, kinds[2] ?? {});
    const bodyEnd = 16 + bodyOf(smallTree).length;
    for (const [index, at] of [bodyEnd, bodyEnd + 33, bodyEnd + 54].entries()) {
      for (const within of [7, 11, 12]) {
        const broken = Uint8Array.from(file);
        broken[at + within] = (broken[at + within] ?? 0) ^ 1;
        expect(refusal(broken)).toMatchObject({
          kind: "seal",
          offset: at,
          reason: expect.stringContaining(`seal ${String(index + 1)} `) as string,
        });
      }
    }
  });

  it("is refused for bytes after its last seal", () => {
    for (const trailer of kinds) {
      for (const extra of [1, 13, 21, 33, 100, 10_000]) {
        refusal(concatenated([fileOf(smallTree, trailer), new Uint8Array(extra)]));
      }
    }
    const extra = concatenated([fileOf(smallTree, kinds[2] ?? {}), new Uint8Array(1)]);
    expect(refusal(extra)).toMatchObject({ kind: "trailing", offset: extra.length - 1 });
  });

  it("is refused for another magic and another version", () => {
    const file = fileOf(smallTree, {});
    expect(refusal(Buffer.from("ZKLG0123456789abcdef"))).toMatchObject({
      kind: "magic",
      offset: 0,
    });
    expect(refusal(Uint8Array.from(file).fill(3, 7, 8))).toMatchObject({
      kind: "version",
      offset: 4,
    });
    expect(refusal(new Uint8Array(0))).toMatchObject({ kind: "truncated", offset: 0 });
    expect(refusal(new Uint8Array(5000))).toMatchObject({ kind: "magic" });
  });

  it("has a digest as text where the version is that old, and one that is a number", () => {
    const file = fileOf(smallTree, { digest: { zxid: 8n, digest: -0x1fn, version: 1 } });
    expect(Buffer.from(file).toString("latin1")).toContain("\0\0\0\u0001\0\0\0\u0003-1f");
    const broken = Buffer.from(file);
    broken.write("x", broken.indexOf("-1f") + 1);
    expect(refusal(broken).kind).toBe("digest");
  });

  it("may not be longer than allowed", () => {
    const file = fileOf(smallTree, {});
    const decode = (maxBytes: number): void => {
      const body = new SnapshotBodyDecoder(new Collected());
      const decoder = new SnapshotFileDecoder(body, { maxBytes });
      for (const byte of file) decoder.push(Uint8Array.of(byte));
      decoder.finish();
    };
    decode(file.length);
    expect(() => {
      decode(file.length - 1);
    }).toThrow(expect.objectContaining({ kind: "limit" }));
  });

  it("may have a body of any kind", () => {
    // Ten bytes, whatever they are.
    const body = {
      left: 10,
      get done(): boolean {
        return this.left === 0;
      },
      push(bytes: Uint8Array): number {
        const used = Math.min(bytes.length, this.left);
        this.left -= used;
        return used;
      },
    };
    const file = fileOf(smallTree, {});
    const decoder = new SnapshotFileDecoder(body);
    expect(() => {
      decoder.push(file);
    }).toThrow(expect.objectContaining({ kind: "trailing", offset: 26 }));
  });
});

describe("reading a whole snapshot", () => {
  it("refuses what is no tree, and says where", () => {
    const [root = node("", null)] = smallTree.nodes;
    const refused = [
      ["duplicate", { ...smallTree, sessions: [[1n, 2] as const, [1n, 2] as const] }],
      ["duplicate", { ...smallTree, acls: [[1n, []] as const, [1n, []] as const] }],
      ["duplicate", { ...smallTree, nodes: [root, node("/a", null), node("/a", null)] }],
      ["parent", { ...smallTree, nodes: [root, node("/a/b", null), node("/a", null)] }],
    ] as const;
    for (const [kind, tree] of refused) expect(refusal(fileOf(tree, {})).kind).toBe(kind);
  });

  it("does not mind a list that is missing, as in a snapshot that was taken while the tree changed", () => {
    const tree = { ...smallTree, nodes: [node("", null, 77n)] };
    expect(readSnapshot(fileOf(tree, {})).nodes[0]?.aclId).toBe(77n);
  });
});

describe("the cheap check", () => {
  it("passes what ends as a seal does, and nothing shorter", () => {
    for (const trailer of kinds) {
      const file = fileOf(smallTree, trailer);
      expect(isSnapshotCandidate(file.subarray(-5), file.length)).toBe(true);
      expect(isSnapshotCandidate(file.subarray(-5, -1), file.length - 1)).toBe(false);
      for (let length = file.length - 12; length < file.length; length++) {
        expect(isSnapshotCandidate(file.subarray(0, length), length)).toBe(false);
      }
    }
    expect(isSnapshotCandidate(Uint8Array.of(0, 0, 0, 1, 0x2f), 9)).toBe(false);
  });
});

describe("the stream from a leader", () => {
  const stream = concatenated([...encodeSnapshotStream(contentOf(smallTree))]);

  it("is a body and its signature", () => {
    const signature = Buffer.from(`\0\0\0\n${SNAPSHOT_STREAM_SIGNATURE}`, "latin1");
    expect(Buffer.from(stream)).toEqual(Buffer.concat([bodyOf(smallTree), signature]));
    expect(SNAPSHOT_STREAM_SIGNATURE).toBe("BenWasHere");
  });

  it("is read up to its last byte, wherever it is cut", () => {
    const packets = Uint8Array.of(0, 0, 0, 10);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const collected = new Collected();
        const decoder = new SnapshotStreamDecoder(new SnapshotBodyDecoder(collected));
        let used = 0;
        for (const chunk of chunksOf(concatenated([stream, packets]), cuts)) {
          if (!decoder.done) used += decoder.push(chunk);
        }
        expect(decoder.done).toBe(true);
        expect(used).toBe(stream.length);
        expect(collected.tree).toEqual(smallTree);
      }),
    );
  });

  it("is not done at any truncation, and refused for any wrong byte of the signature", () => {
    for (let length = 0; length < stream.length; length++) {
      const decoder = new SnapshotStreamDecoder(new SnapshotBodyDecoder(new Collected()));
      expect(decoder.push(stream.subarray(0, length))).toBe(length);
      expect(decoder.done).toBe(false);
    }
    for (let at = stream.length - 14; at < stream.length; at++) {
      const broken = Uint8Array.from(stream);
      broken[at] = (broken[at] ?? 0) ^ 1;
      const decoder = new SnapshotStreamDecoder(new SnapshotBodyDecoder(new Collected()));
      expect(() => decoder.push(broken)).toThrow(
        expect.objectContaining({ kind: "signature", offset: at }),
      );
    }
  });
});
