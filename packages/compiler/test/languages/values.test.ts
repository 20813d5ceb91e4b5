/**
 * What the fields of a record may hold: values of another realm do, whoever looks
 * at them, and what no field may hold is refused with its path, whoever meets it.
 */
import { readFileSync } from "node:fs";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AnyRecordType,
  BinaryOutputArchive,
  isBytes,
  JuteEncodeError,
  type JuteRecord,
  type OutputArchive,
  writeFields,
} from "@jute-ts/runtime";
import { rowsOf } from "../../../../test/effort.js";
import { SchemaWorkshop } from "./compiled-schema.js";

interface Fields {
  [field: string]: unknown;
}

const workshop = new SchemaWorkshop();
let All: AnyRecordType;

beforeAll(async () => {
  const text = readFileSync(new URL("values.jute", import.meta.url), "utf8");
  await workshop.add("values", [{ path: "values.jute", text }]);
  [, All] = (await workshop.load("values")) as [AnyRecordType, AnyRecordType];
}, 60_000);

afterAll(() => {
  workshop.dispose();
});

/** Legal values for every field. */
function plain(): Fields {
  return {
    aBoolean: true,
    aByte: -128,
    anInt: 5,
    aLong: 5n,
    aFloat: 1.5,
    aDouble: -0.1,
    aString: "a",
    aBuffer: Uint8Array.of(1, 2),
    record: { text: "x", number: 1n },
    text: "t",
    bytes: Uint8Array.of(3),
    ints: [1, 2],
    strings: ["a", null],
    names: ["a", "b"],
    buffers: [Uint8Array.of(4)],
    grid: [[{ text: "y" }], null],
    byString: new Map([["k", 1]]),
    byDouble: new Map([[0.5, Uint8Array.of(5)]]),
    byBuffer: new Map([[Uint8Array.of(6), { text: "z" }]]),
    byRecord: new Map([[{ number: 2n }, ["s", null]]]),
    optionalInt: 7,
    optionalRecord: { text: "o" },
  };
}

/** Takes everything, as an archive that somebody else has written might. */
function anyArchive(): OutputArchive {
  const archive = { maxDepth: 64, strings: "utf8" };
  return new Proxy(archive, {
    get: (target, name) => (Reflect.get(target, name) as unknown) ?? (() => undefined),
  }) as unknown as OutputArchive;
}

/** Everything that looks at each field of a record, and must refuse what is no value of it. */
const STRICT: Readonly<Record<string, (record: JuteRecord) => unknown>> = {
  encode: (record) => record.encode(),
  "encode of the class": (record) => All.encode(record),
  "serialize to the binary archive": (record) => {
    record.serialize(new BinaryOutputArchive());
  },
  "serialize to an archive of one's own": (record) => {
    record.serialize(anyArchive());
  },
  toJSON: (record) => record.toJSON(),
};

/** What may pass over a wrong value, but must not fail in a way of its own. */
const CAREFUL: Readonly<Record<string, (record: JuteRecord) => unknown>> = {
  byteLength: (record) => record.byteLength(),
  clone: (record) => record.clone(),
  "equals a good one": (record) => record.equals(All.from(plain())),
  "a good one equals it": (record) => All.from(plain()).equals(record),
};

describe("values of another realm", () => {
  // Everything but strings and numbers is an object of the other realm, down to the arrays.
  const foreign = (): Fields =>
    vm.runInNewContext(`({
      aBoolean: true, aByte: -128, anInt: 5, aLong: 5n, aFloat: 1.5, aDouble: -0.1, aString: "a",
      aBuffer: Uint8Array.of(1, 2),
      record: { text: "x", number: 1n },
      text: "t", bytes: Uint8Array.of(3), ints: [1, 2], strings: ["a", null], names: ["a", "b"],
      buffers: [Uint8Array.of(4)],
      grid: [[{ text: "y" }], null],
      byString: new Map([["k", 1]]),
      byDouble: new Map([[0.5, Uint8Array.of(5)]]),
      byBuffer: new Map([[Uint8Array.of(6), { text: "z" }]]),
      byRecord: new Map([[{ number: 2n }, ["s", null]]]),
      optionalInt: 7, optionalRecord: { text: "o" },
    })`) as Fields;

  it("are none of this realm", () => {
    const { aBuffer, byString } = foreign();
    expect(aBuffer).not.toBeInstanceOf(Uint8Array);
    expect(byString).not.toBeInstanceOf(Map);
  });

  it("are taken by everything that takes those of this one, with the same result", () => {
    const theirs = All.from(foreign());
    const ours = All.from(plain());
    expect(theirs.encode()).toEqual(ours.encode());
    expect(All.encode(foreign() as never)).toEqual(ours.encode());
    const archive = new BinaryOutputArchive();
    theirs.serialize(archive);
    expect(archive.toBytes()).toEqual(ours.encode());
    theirs.serialize(anyArchive());
    expect(theirs.byteLength()).toBe(ours.encode().length);
    expect(theirs.toJSON()).toEqual(ours.toJSON());
    expect(theirs.toString()).toBe(ours.toString());
    expect(theirs.equals(ours)).toBe(true);
    expect(ours.equals(theirs)).toBe(true);
    expect(theirs.clone().equals(ours)).toBe(true);
  });

  it("can be read: bytes and JSON", () => {
    const bytes = All.encode(plain());
    const context = vm.createContext({ length: bytes.length });
    const theirs = vm.runInContext("new Uint8Array(length)", context) as Uint8Array;
    theirs.set(bytes);
    for (const buffers of ["borrow", "copy"] as const) {
      expect(All.decode(theirs, { buffers }).encode()).toEqual(bytes);
    }
    const text = JSON.stringify(All.decode(bytes));
    const json = vm.runInNewContext("JSON.parse(text)", { text }) as never;
    expect(All.fromJSON(json).encode()).toEqual(bytes);
  });

  it("are not blamed for what is wrong elsewhere in the record", () => {
    const record = All.from({ ...foreign(), anInt: 2 ** 40 });
    for (const use of Object.values(STRICT)) {
      expect(thrownBy(() => use(record))).toMatchObject({ kind: "range", path: "All.anInt" });
    }
  });
});

describe("a value that a field may not hold", () => {
  const wrong: readonly unknown[] = [
    null,
    undefined,
    true,
    5,
    128,
    2 ** 31,
    1.5,
    NaN,
    5n,
    2n ** 63n,
    "text",
    Symbol("s"),
    () => 1,
    {},
    { BYTES_PER_ELEMENT: 1, length: 3 },
    { size: 1, [Symbol.iterator]: () => [["k", 1]][Symbol.iterator]() },
    [null],
    [undefined],
    ["a"],
    [5],
    [[{ text: 5 }]],
    [[null]],
    Int8Array.of(1),
    new Uint8ClampedArray(2),
    Int32Array.of(1),
    new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
    new Set(["a"]),
    new Map<unknown, unknown>([[Symbol("k"), 1]]),
    new Map([[null, 1]]),
    new Map([[5, 5]]),
    new Map([["a", null]]),
    new Map([[0.5, null]]),
    new Map([[Uint8Array.of(1), { text: 5 }]]),
    new Map([[{ text: 5 }, null]]),
    { text: "a", number: 2n ** 64n },
  ];

  it("is refused by all that write it, with its path, and nothing fails in another way", () => {
    let refusals = 0;
    const names = rowsOf(Object.keys(plain()), 7);
    for (const name of names) {
      for (const value of wrong) {
        // Absent before a present one: a matter of their order, which JSON does not have.
        if (name === "optionalInt" && value === undefined) continue;
        const record = All.from(plain());
        (record as unknown as Fields)[name] = value;
        const outcomes = Object.entries(STRICT).map(([how, use]) => [how, outcome(use, record)]);
        const [, first] = outcomes[0] ?? [];
        // Whatever one of them says of a value, the others say as well.
        for (const [how, result] of outcomes)
          expect([name, value, how, result]).toEqual([name, value, how, first]);
        if (first !== "taken") {
          refusals++;
          expect(first).toMatch(new RegExp(`^All\\.${name}(\\W|$)`));
        }
        for (const [how, use] of Object.entries(CAREFUL)) {
          const result = outcome(use, record);
          if (result !== "taken") expect([how, result]).toEqual([how, first]);
        }
        expect(record.toString()).toMatch(/^All \{ /);
      }
    }
    expect(refusals).toBeGreaterThan(names.length * 25);
  });

  it("is refused where a plain object holds it, and not replaced by a default", () => {
    for (const name of Object.keys(plain())) {
      for (const value of wrong) {
        if (value === undefined) continue;
        const fields = { ...plain(), [name]: value };
        const record = All.from(plain());
        (record as unknown as Fields)[name] = value;
        const fromPlain = outcome(() => All.encode(fields), record);
        // A plain object in place of a record may leave out fields; a record itself has all of them.
        if (fromPlain !== "taken") expect(fromPlain).toMatch(new RegExp(`^All\\.${name}(\\W|$)`));
        if (value === null) expect(fromPlain).toBe(outcome(STRICT["encode"] as never, record));
      }
    }
  });

  it.each([null, 5, "text", true])("is refused as the record itself: %s", (value) => {
    expect(thrownBy(() => All.encode(value as never))).toMatchObject({ path: "All" });
    const holder = All.from({ ...plain(), record: value });
    expect(thrownBy(() => holder.encode())).toMatchObject({ path: "All.record" });
  });

  it("is told from what lies beside it", () => {
    const cases: readonly (readonly [string, unknown, string])[] = [
      ["names", ["a", null], "All.names[1]"],
      ["grid", [[{ number: 1n }, { number: 2n ** 63n }]], "All.grid[0][1].number"],
      ["byDouble", new Map([[1, null]]), "All.byDouble{0}"],
      ["byBuffer", new Map([[Uint8Array.of(1), { text: 1 }]]), "All.byBuffer{0}.text"],
    ];
    for (const [name, value, path] of cases) {
      const record = All.from({ ...plain(), [name]: value });
      for (const use of Object.values(STRICT))
        expect(thrownBy(() => use(record))).toMatchObject({ path });
    }
  });
});

describe("what a decoder is given", () => {
  it.each(["text", 5, [1, 2], new ArrayBuffer(4), null])(
    "must be bytes, which %s is not",
    (value) => {
      expect(() => All.decode(value as never)).toThrow(/is not a Uint8Array/);
    },
  );
});

describe("bytes with null where the schema rules it out", () => {
  it.each([
    ["names", ["a", null], "All.names[1]"],
    ["buffers", [null], "All.buffers[0]"],
    ["byDouble", new Map([[1, null]]), "All.byDouble{0}"],
  ])("are refused in %s", (name, value, path) => {
    // The same bytes under a schema that allows it.
    const fields = { ...plain(), [name]: value };
    const bytes = encodeLeniently(fields);
    expect(thrownBy(() => All.decode(bytes))).toMatchObject({ kind: "null", path });
  });
});

/** The bytes of a record as if no field of it were marked. */
function encodeLeniently(fields: Fields): Uint8Array {
  const record = All.from(fields) as unknown as Fields;
  const descriptor = All.descriptor.fields.map(
    ({ nonNull: _n, nonNullElements: _e, ...rest }) => rest,
  );
  const lenient = { ...All, descriptor: { ...All.descriptor, fields: descriptor } };
  const output = new BinaryOutputArchive();
  writeFields(lenient as unknown as AnyRecordType, record as unknown as JuteRecord, output);
  const bytes = output.toBytes();
  expect(isBytes(bytes)).toBe(true);
  return bytes;
}

/** The path of the error that this ends in, or "taken". Any error of another kind fails the test. */
function outcome(use: (record: JuteRecord) => unknown, record: JuteRecord): string {
  try {
    use(record);
    return "taken";
  } catch (error) {
    if (!(error instanceof JuteEncodeError)) throw error;
    return error.path ?? "no path";
  }
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
