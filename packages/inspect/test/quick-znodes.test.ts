/** What is written of znodes in the quick way is what their full layout says. */
import { encodeSnapshotBody, SnapshotFileEncoder } from "@jute-ts/persistence";
import { recordArbitrary } from "@jute-ts/fast-check";
import { StatPersisted } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import {
  decodeAll,
  Item,
  itemJson,
  itemLine,
  TextSink,
  writeItemJson,
  writeItemLine,
} from "../src/index.js";

const data = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ maxLength: 40 }).map((each) => new Uint8Array(Buffer.from(each))),
);
const node = fc.record({
  path: fc
    .oneof(fc.string({ minLength: 1, unit: "grapheme" }), fc.constantFrom('quo"te\\', "名前/😀"))
    .map((name) => `/${name.replaceAll(/[/.\p{C}\ufff0-\uffff]/gu, "_")}`),
  data,
  aclId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  stat: recordArbitrary(StatPersisted),
});

it("znodes are written as their layout says", () => {
  fc.assert(
    fc.property(node, data, recordArbitrary(StatPersisted), (znode, rootData, stat) => {
      const encoder = new SnapshotFileEncoder();
      const root = { path: "", data: rootData, aclId: -1n, stat };
      const content = {
        sessions: [],
        sessionCount: 0,
        acls: [],
        aclCount: 0,
        nodes: [root, znode],
      };
      const body = [...encodeSnapshotBody(content)].map((piece) => encoder.body(piece));
      const file = Buffer.concat([encoder.header(), ...body, encoder.trailer({})]);
      const found = decodeAll(new Uint8Array(file), "snapshot").filter(
        ({ kind }) => kind === "znode",
      );
      expect(found).toHaveLength(2);
      for (const item of found) {
        const twin = new Item(item, item.quick?.layout() ?? item);
        expect(item.quick).toBeDefined();
        expect(item.paths).toEqual(twin.paths);
        expect(written(item, writeItemLine)).toBe(itemLine(twin));
        expect(written(item, writeItemJson)).toBe(JSON.stringify(itemJson(twin)));
      }
    }),
    { numRuns: effort(1000, 100) },
  );
});

function written(item: Item, write: (item: Item, sink: TextSink) => void): string {
  const sink = new TextSink(1);
  write(item, sink);
  return Buffer.from(sink.take()).toString();
}
