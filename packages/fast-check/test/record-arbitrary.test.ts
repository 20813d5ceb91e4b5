/** That the arbitraries reach the edges, stay inside what a record may hold, and shrink to the plainest case. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldArbitrary, recordArbitrary, type FieldValue } from "@jute-ts/fast-check";
import type { FieldType, PrimitiveKind } from "@jute-ts/runtime";
import { field, recordClass } from "./hand-made-record.js";

interface Fields {
  readonly [property: string]: FieldValue | undefined;
}

const ENOUGH = 3000;

describe("fieldArbitrary", () => {
  it.each<[PrimitiveKind, readonly FieldValue[]]>([
    ["boolean", [true, false]],
    ["byte", [-128, 0, 127]],
    ["int", [-2147483648, 0, 2147483647]],
    ["long", [-9223372036854775808n, 0n, 9223372036854775807n]],
    ["float", [0, -0, NaN, Infinity, -Infinity]],
    ["double", [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE]],
    ["ustring", [null, "", "/"]],
    ["buffer", [null]],
  ])("of %s reaches the edges of its type", (kind, edges) => {
    const seen = samples(fieldArbitrary({ kind }));
    for (const edge of edges) expect(seen.some((value) => Object.is(value, edge))).toBe(true);
  });

  it("keeps numbers inside their type", () => {
    expect(samples(fieldArbitrary({ kind: "byte" })).every((n) => isIn(n, 7))).toBe(true);
    expect(samples(fieldArbitrary({ kind: "int" })).every((n) => isIn(n, 31))).toBe(true);
    const floats = samples(fieldArbitrary({ kind: "float" })) as number[];
    expect(floats.every((n) => Object.is(Math.fround(n), n))).toBe(true);
  });

  it("makes strings of every kind: paths, BOM, NUL, astral characters, long ones", () => {
    const texts = strings("wellFormed");
    expect(texts.some((s) => /^\/[a-z0-9/_.-]+$/.test(s))).toBe(true);
    for (const part of ["\0", "\ufeff", "\ufffd", "\u0800", "\u{1f600}", "\u{10ffff}"]) {
      expect(texts.some((s) => s.includes(part))).toBe(true);
    }
    expect(texts.some((s) => s.length > 1000)).toBe(true);
  });

  it("makes lone surrogates, unless strings have to be well-formed", () => {
    expect(strings("any").some((s) => /\p{Surrogate}/u.test(s))).toBe(true);
    expect(strings("wellFormed").some((s) => /\p{Surrogate}/u.test(s))).toBe(false);
  });

  it("makes empty and large buffers", () => {
    const lengths = samples(fieldArbitrary({ kind: "buffer" })).flatMap((value) =>
      value instanceof Uint8Array ? [value.length] : [],
    );
    expect(Math.min(...lengths)).toBe(0);
    expect(Math.max(...lengths)).toBeGreaterThan(10_000);
  });

  it("makes null, empty and longer vectors", () => {
    const vectors = samples(fieldArbitrary(vectorOf({ kind: "byte" })));
    expect(vectors).toContain(null);
    expect(vectors.some((v) => Array.isArray(v) && v.length === 0)).toBe(true);
    expect(vectors.some((v) => Array.isArray(v) && v.length > 4)).toBe(true);
  });

  it("makes maps that a Map can hold and a wire can tell apart", () => {
    const doubles = samples(fieldArbitrary(mapOf({ kind: "double" }))).map(keysOf);
    expect(doubles.some((keys) => keys.some((key) => Number.isNaN(key)))).toBe(true);
    expect(doubles.some((keys) => keys.some((key) => Object.is(key, -0)))).toBe(false);

    const point = recordClass("Point", () => [field("x", { kind: "byte" })]);
    const byContent: readonly FieldType[] = [
      { kind: "buffer" },
      vectorOf({ kind: "boolean" }),
      mapOf({ kind: "boolean" }),
      { kind: "record", type: () => point },
    ];
    for (const key of byContent) {
      for (const map of samples(fieldArbitrary(mapOf(key)), 500)) {
        const keys = keysOf(map);
        expect(keys).not.toContain(null);
        expect(new Set(keys.map(show)).size).toBe(keys.length);
      }
    }
  });

  it("keeps deeply nested containers small", () => {
    const five = vectorOf(vectorOf(vectorOf(vectorOf(vectorOf({ kind: "int" })))));
    const largest = Math.max(...samples(fieldArbitrary(five), 500).map((v) => show(v).length));
    expect(largest).toBeLessThan(5000);
  });
});

describe("recordArbitrary", () => {
  const Marked = recordClass("Marked", () => [
    field("text", { kind: "ustring" }, { nonNull: true }),
    field("bytes", { kind: "buffer" }, { nonNull: true }),
    field("items", vectorOf({ kind: "ustring" }), { nonNull: true }),
    field("a", { kind: "int" }, { optional: true }),
    field("b", { kind: "ustring" }, { optional: true }),
    field("c", { kind: "buffer" }, { optional: true, nonNull: true }),
  ]);

  it("gives instances of the class", () => {
    const [record] = fc.sample(recordArbitrary(Marked), 1);
    expect(record).toBeInstanceOf(Marked);
  });

  it("never gives null to a field that is never null, but lets its elements be null", () => {
    const records = fieldsOf(recordArbitrary(Marked));
    for (const { text, bytes, items, c } of records) {
      expect([text, bytes, items, c]).not.toContain(null);
    }
    expect(records.some(({ items }) => Array.isArray(items) && items.includes(null))).toBe(true);
  });

  it("never gives null to elements that are never null, at any depth", () => {
    const Held = recordClass("Held", () => [
      field("rows", vectorOf(vectorOf({ kind: "ustring" })), { nonNullElements: true }),
      field(
        "named",
        { kind: "map", key: vectorOf({ kind: "buffer" }), value: vectorOf({ kind: "buffer" }) },
        { nonNullElements: true },
      ),
    ]);
    const records = fieldsOf(recordArbitrary(Held));
    expect(records.some(({ rows }) => rows === null)).toBe(true);
    for (const { rows, named } of records) {
      expect(show([rows ?? [], named])).not.toContain("null");
    }
  });

  it("leaves out optional fields from the end only, in every number", () => {
    const shapes = fieldsOf(recordArbitrary(Marked)).map(({ a, b, c }) =>
      [a, b, c].map((value) => (value === undefined ? "-" : "+")).join(""),
    );
    expect(new Set(shapes)).toEqual(new Set(["---", "+--", "++-", "+++"]));
  });

  it("does not make a present record that looks absent on the wire", () => {
    const Empty = recordClass("Empty", () => [field("a", { kind: "int" }, { optional: true })]);
    const Holder = recordClass("Holder", () => [
      field("empty", { kind: "record", type: () => Empty }, { optional: true }),
    ]);
    const held = fieldsOf(recordArbitrary(Holder)).map(({ empty }) => empty as Fields | undefined);
    expect(held).toContain(undefined);
    expect(held.every((empty) => empty === undefined || empty["a"] !== undefined)).toBe(true);
  });

  const Tree = recordClass(
    "Tree",
    () => [
      field("label", { kind: "byte" }),
      field("children", vectorOf(treeType)),
      field("named", { kind: "map", key: { kind: "int" }, value: treeType }),
      field("next", treeType, { optional: true }),
    ],
    { recursive: true },
  );
  const treeType: FieldType = { kind: "record", type: () => Tree };

  it.each([0, 1, 3])("nests a recursive record %i times and no more", (maxDepth) => {
    const depths = fieldsOf(recordArbitrary(Tree, { maxDepth })).map(depthOf);
    expect(Math.max(...depths)).toBe(maxDepth);
  });

  it("keeps records small that hold themselves in several containers", () => {
    const Bush = recordClass(
      "Bush",
      () => [
        field("label", { kind: "ustring" }),
        field("children", vectorOf(bushType)),
        field("named", { kind: "map", key: { kind: "int" }, value: bushType }),
        field("rows", vectorOf(vectorOf(bushType))),
      ],
      { recursive: true },
    );
    const bushType: FieldType = { kind: "record", type: () => Bush };
    const sizes = fieldsOf(recordArbitrary(Bush)).map(countRecords);
    // A hundred of them make a round-trip test, which encodes and compares each some ten times.
    expect(sizes.reduce((sum, size) => sum + size) / sizes.length).toBeLessThan(40);
    expect(Math.max(...sizes)).toBeGreaterThan(40);
  });

  it("takes the class of the values from the class of the record", () => {
    const arbitrary: Arbitrary<Plain> = recordArbitrary(PlainType);
    expect(fc.sample(arbitrary, 1)[0]?.n).toBeTypeOf("number");
  });

  it("shrinks to null, empty, zero and absent", () => {
    const { counterexample } = fc.check(
      fc.property(recordArbitrary(Marked), () => false),
      { numRuns: 1, seed: 7 },
    );
    expect(show(counterexample?.[0])).toBe(
      show(new Marked({ text: "", bytes: new Uint8Array(0), items: [] })),
    );
    const vector = fc.check(
      fc.property(fieldArbitrary(vectorOf({ kind: "ustring" })), (v) => v === null),
      { numRuns: 100, seed: 7 },
    );
    expect(vector.counterexample).toEqual([[]]);
  });
});

interface Plain {
  n: number;
}
const PlainType = recordClass("Plain", () => [
  field("n", { kind: "int" }),
]) as unknown as TypedRecordType;

type TypedRecordType = ReturnType<typeof recordClass> &
  (new (init?: Partial<Plain>) => PlainRecord);
type PlainRecord = Plain & InstanceType<ReturnType<typeof recordClass>>;

function vectorOf(element: FieldType): FieldType {
  return { kind: "vector", element };
}

function mapOf(key: FieldType): FieldType {
  return { kind: "map", key, value: { kind: "byte" } };
}

function keysOf(map: FieldValue): FieldValue[] {
  if (!(map instanceof Map)) throw new Error("not a map");
  return [...map.keys()];
}

function samples<T>(arbitrary: Arbitrary<T>, count = ENOUGH): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: 42 });
}

function strings(flavour: "any" | "wellFormed"): string[] {
  return samples(fieldArbitrary({ kind: "ustring" }, { strings: flavour })).flatMap((value) =>
    typeof value === "string" ? [value] : [],
  );
}

function fieldsOf(arbitrary: Arbitrary<object>): Fields[] {
  return samples(arbitrary, 1000).map((record) => ({ ...record }));
}

function isIn(value: FieldValue, bits: number): boolean {
  return Number.isInteger(value) && Number(value) >= -(2 ** bits) && Number(value) < 2 ** bits;
}

/** How many trees lie inside each other below this one. */
function depthOf(tree: Fields): number {
  const { children, named, next } = tree;
  const below = [
    ...(Array.isArray(children) ? children : []),
    ...(named instanceof Map ? named.values() : []),
    ...(next === undefined ? [] : [next]),
  ] as unknown as Fields[];
  return Math.max(0, ...below.map((child) => 1 + depthOf(child)));
}

/** This record and all that lie inside of it. */
function countRecords(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countRecords(each), 0);
  if (value instanceof Map) return countRecords([...value.values()]);
  return value === null || typeof value !== "object" ? 0 : 1 + countRecords(Object.values(value));
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Map) return [...part].map(([k, v]) => [show(k), show(v)]).sort();
    if (part instanceof Uint8Array) return `bytes ${part.join()}`;
    return typeof part === "bigint" ? String(part) : part;
  });
}
