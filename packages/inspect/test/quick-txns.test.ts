/** What is written in the quick way is what the full layout says, for every txn that there can be. */
import { recordArbitrary } from "@jute-ts/fast-check";
import { adler32 } from "@jute-ts/persistence";
import {
  CreateTxn,
  decodeTxn,
  MultiTxn,
  OpCode,
  subTxnRecordType,
  Txn,
  TxnDigest,
  TxnHeader,
  txnRecordType,
} from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import {
  decodeAll,
  Item,
  itemJson,
  itemLine,
  TextSink,
  tableRow,
  writeItemJson,
  writeItemLine,
  writeTableRow,
} from "../src/index.js";

const codes = Object.values(OpCode);
const txnCodes = codes.filter((code) => txnRecordType(code) !== undefined);
const changeCodes = codes.filter((code) => subTxnRecordType(code) !== undefined);

/** What people name and write, and what nobody should. */
const text = fc.oneof(
  fc.constantFrom(
    "/a",
    "/app/node-0000000001",
    'quo"te\\',
    "/ümlaut/名前/😀",
    "",
    "\u0000\n\u2028",
  ),
  fc.string({ unit: "grapheme", maxLength: 250 }),
);
const data = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ maxLength: 40 }).map((each) => new Uint8Array(Buffer.from(each))),
);
const usual = fc
  .record({
    path: text,
    data,
    acl: fc.array(fc.record({ perms: fc.nat(40), id: fc.record({ scheme: text, id: text }) }), {
      maxLength: 6,
    }),
    ephemeral: fc.boolean(),
    parentCVersion: fc.integer(),
  })
  .map((init) => CreateTxn.encode(init));

function body(code: number, type = txnRecordType(code)): fc.Arbitrary<Uint8Array> {
  if (type === undefined) return fc.constant(new Uint8Array(0));
  const any = recordArbitrary(type).map((record) => record.encode({ strings: "java" }));
  return code === OpCode.create || code === OpCode.create2 ? fc.oneof(usual, any) : any;
}

const change = fc
  .constantFrom(...changeCodes)
  .chain((type) =>
    body(type, subTxnRecordType(type)).map((bytes) => new Txn({ type, data: bytes })),
  );
const multi = fc.array(change, { maxLength: 5 }).map((txns) => MultiTxn.encode({ txns }));

const txn = fc
  .constantFrom(...txnCodes)
  .chain((type) =>
    fc.tuple(
      fc.record({
        clientId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        cxid: fc.integer(),
        zxid: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        time: fc.oneof(
          fc.bigInt({ min: 1_600_000_000_000n, max: 1_800_000_000_000n }),
          fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        ),
        type: fc.constant(type),
      }),
      type === OpCode.multi ? fc.oneof(multi, body(type)) : body(type),
      fc.option(recordArbitrary(TxnDigest).map((digest) => digest.encode())),
    ),
  )
  .map(([header, bytes, digest]) =>
    Buffer.concat([TxnHeader.encode(header), bytes, digest ?? new Uint8Array(0)]),
  );

/** A txn with a few bytes changed, cut or added. */
const damaged = fc
  .tuple(
    txn,
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    fc.integer({ min: -9, max: 9 }),
  )
  .map(([bytes, changes, more]) => {
    const length = Math.max(bytes.length + more, 32);
    const copy = new Uint8Array(length);
    copy.set(bytes.subarray(0, length));
    // The zxid stays, or the record would be out of order.
    for (const [at, value] of changes) {
      const place = at % length;
      if (place < 12 || place >= 20) copy[place] = value;
    }
    return copy;
  });

/** The item of the txn in a log, read in one piece. */
function itemOf(bytes: Uint8Array): Item {
  const head = Buffer.alloc(28);
  head.write("ZKLG", 0, "latin1");
  head.writeInt32BE(2, 4);
  head.writeBigInt64BE(adler32(bytes), 16);
  head.writeInt32BE(bytes.length, 24);
  const items = decodeAll(Buffer.concat([head, bytes, Buffer.from("B")]), "log");
  const item = items[1];
  if (items.length !== 2 || item?.quick === undefined) throw new Error("no txn");
  return item;
}

function written(item: Item, write: (item: Item, sink: TextSink) => void): string {
  const sink = new TextSink(1);
  sink.text("before ");
  write(item, sink);
  return Buffer.from(sink.take()).toString().slice("before ".length);
}

/** Holds everything that is quick to the layout, which has all fields. */
function compare(bytes: Uint8Array): void {
  const item = itemOf(bytes);
  const layout = item.quick?.layout();
  if (layout === undefined) throw new Error("no layout");
  const twin = new Item(item, layout);
  expect(item.paths).toEqual(twin.paths);
  expect(item.innerOps).toEqual(twin.innerOps);
  expect(item.hasFaults).toBe(twin.faults.length > 0);
  // What has no UTF-8 form, Node writes as U+FFFD.
  const utf8 = (text: string): string => Buffer.from(text).toString();
  expect(written(item, writeItemLine)).toBe(utf8(itemLine(twin)));
  expect(written(item, writeItemJson)).toBe(utf8(JSON.stringify(itemJson(twin))));
  expect(written(item, writeTableRow)).toBe(utf8(tableRow(twin)));
}

describe("a txn of a log", () => {
  it("is written as its layout says", () => {
    fc.assert(fc.property(txn, compare), { numRuns: effort(1000, 150) });
  });

  it("is written as its layout says when it is damaged and its checksum is right", () => {
    fc.assert(fc.property(damaged, compare), { numRuns: effort(5000, 300) });
  });

  it("is seldom left to the layout", () => {
    const header = { clientId: 1n << 56n, cxid: 1, zxid: 5n, time: 1_700_000_000_000n };
    fc.assert(
      fc.property(usual, (bytes) => {
        const create = Buffer.concat([TxnHeader.encode({ ...header, type: OpCode.create }), bytes]);
        const { quick } = itemOf(create);
        expect(quick?.isSound()).toBe(true);
        expect(quick?.writeJson?.(new TextSink())).toBe(true);
        expect(decodeTxn(create).type).toBe(OpCode.create);
      }),
    );
  });
});
