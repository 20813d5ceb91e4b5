/** What is written of requests and responses in the quick way is what their full layout says. */
import { recordArbitrary } from "@jute-ts/fast-check";
import {
  OpCode,
  ReplyHeader,
  RequestHeader,
  requestRecordType,
  responseRecordType,
} from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import {
  decodeAll,
  Item,
  itemJson,
  itemLine,
  Summary,
  tableRow,
  TextSink,
  writeItemJson,
  writeItemLine,
  writeTableRow,
} from "../src/index.js";
import { recordedLife } from "./pcap-files.js";

type TypeOf = typeof requestRecordType | typeof responseRecordType;

/** The bytes of a body, for each op that has one, and nothing for those that have none. */
function bodies(typeOf: TypeOf): fc.Arbitrary<readonly [number, Uint8Array]> {
  const codes = Object.values(OpCode).filter((code) => typeOf(code) !== undefined);
  return fc.constantFrom(...codes).chain((code) => {
    const type = typeOf(code);
    const bytes =
      type === undefined || type === null
        ? fc.constant(new Uint8Array(0))
        : recordArbitrary(type).map((record) => record.encode({ strings: "java" }));
    return bytes.map((each) => [code, each] as const);
  });
}

const request = fc
  .tuple(bodies(requestRecordType), fc.integer())
  .map(([[type, body], xid]) => ({ bytes: joined(RequestHeader.encode({ xid, type }), body) }));

const response = fc
  .tuple(
    bodies(responseRecordType),
    fc.record({
      xid: fc.integer(),
      zxid: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      err: fc.constantFrom(0, 0, 0, -101, -4, -9999),
    }),
  )
  .map(([[opCode, body], header]) => {
    const isEmpty = header.err !== 0 && body.length % 2 === 0;
    return { opCode, bytes: joined(ReplyHeader.encode(header), isEmpty ? NOTHING : body) };
  });

/** Some bytes changed, cut or added. */
const changes = fc.record({
  values: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
  more: fc.integer({ min: -9, max: 9 }),
});

interface Message {
  readonly bytes: Uint8Array;
  readonly opCode?: number;
}

function damaged<T extends Message>(
  message: T,
  { values, more }: { values: [number, number][]; more: number },
): T {
  const bytes = new Uint8Array(Math.max(message.bytes.length + more, 1));
  bytes.set(message.bytes.subarray(0, bytes.length));
  for (const [at, value] of values) bytes[at % bytes.length] = value;
  return { ...message, bytes };
}

function compare({ bytes, opCode }: Message): void {
  const format = opCode === undefined ? "request" : "response";
  const [item] = decodeAll(bytes, format, { opCode });
  if (item === undefined) throw new Error("no item");
  compareItem(item);
}

/** Holds everything that is quick to the layout, which has all fields. */
function compareItem(item: Item): void {
  const twin = new Item(item, item.quick?.layout() ?? item);
  expect(item.paths).toEqual(twin.paths);
  expect(item.innerOps).toEqual(twin.innerOps);
  expect(item.hasFaults).toBe(twin.faults.length > 0);
  expect(written(item, writeItemLine)).toBe(utf8(itemLine(twin)));
  expect(written(item, writeItemJson)).toBe(utf8(JSON.stringify(itemJson(twin))));
  expect(written(item, writeTableRow)).toBe(utf8(tableRow(twin)));
  const [quick, slow] = [new Summary(), new Summary()];
  quick.add(item);
  slow.add(twin);
  expect(quick.json()).toEqual(slow.json());
}

function written(item: Item, write: (item: Item, sink: TextSink) => void): string {
  const sink = new TextSink(1);
  sink.text("before ");
  write(item, sink);
  return Buffer.from(sink.take()).toString().slice("before ".length);
}

describe("a message", () => {
  it("is written as its layout says", () => {
    fc.assert(fc.property(request, compare), { numRuns: effort(2000, 200) });
    fc.assert(fc.property(response, compare), { numRuns: effort(2000, 200) });
  });

  it("is written as its layout says when it is damaged", () => {
    const runs = { numRuns: effort(4000, 300) };
    fc.assert(
      fc.property(request, changes, (message, change) => {
        compare(damaged(message, change));
      }),
      runs,
    );
    fc.assert(
      fc.property(response, changes, (message, change) => {
        compare(damaged(message, change));
      }),
      runs,
    );
  });

  it("is written as its layout says in the traffic of Apache's servers", () => {
    const items = decodeAll(new Uint8Array(recordedLife()), "capture");
    const twins = items.map((item) => new Item(item, item.quick?.layout() ?? item));
    const sides = [items, twins].map((side) => ({
      lines: side.map((item) => written(item, writeItemLine)),
      json: side.map((item) => written(item, writeItemJson)),
      rows: side.map((item) => written(item, writeTableRow)),
      paths: side.map(({ paths }) => paths),
      summary: side.reduce((sum, item) => (sum.add(item), sum), new Summary()).text(),
    }));
    expect(sides[0]).toEqual(sides[1]);
    const left = items.filter(({ kind, quick }) => MESSAGES.has(kind) && quick === undefined);
    // Parts of a multi have headers of their own.
    expect(new Set(left.map(({ name }) => name))).toEqual(new Set(["multi"]));
  });
});

function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([head, body]));
}

/** What has no UTF-8 form, Node writes as U+FFFD. */
function utf8(text: string): string {
  return Buffer.from(text).toString();
}

const MESSAGES = new Set(["request", "response"]);
const NOTHING = new Uint8Array(0);
