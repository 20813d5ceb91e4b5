/** Messages that make a careless reader allocate: counts that promise much, and elements that cost more in memory than on the wire. */

export interface HostileMessage {
  readonly name: string;
  /** The full name of the record to decode it as. */
  readonly record: string;
  /** The message, of about this many bytes. */
  readonly build: (size: number) => Uint8Array;
}

const INT = 4;

/** A count in front, and zeros to the end. */
function countThenZeros(before: readonly number[], elementSize: number, after = 0) {
  return (size: number): Uint8Array => {
    const head = [...before.flatMap(int), ...int(0)];
    const room = size - head.length - after;
    const count = Math.floor(room / elementSize);
    const bytes = new Uint8Array(head.length + count * elementSize + after);
    bytes.set([...before.flatMap(int), ...int(count)]);
    return bytes;
  };
}

/** A first count that the rest could just hold, and an input that is refused at its very end. */
function countThenBroken(before: readonly number[], elementSize: number) {
  return (size: number): Uint8Array => {
    const bytes = countThenZeros(before, elementSize)(size);
    // The last element's length, or whatever it ends in, is negative.
    bytes.set(int(-2), bytes.length - INT);
    return bytes;
  };
}

/** Levels inside each other, each of which claims as many elements as the rest could hold. */
function claimsWithinClaims(level: (rest: number) => readonly number[], levels: number) {
  return (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    let at = 0;
    for (let i = 0; i < levels; i++) {
      const head = level(size - at).flatMap(int);
      bytes.set(head, at);
      at += head.length;
    }
    bytes.fill(0xfe, at);
    return bytes;
  };
}

function int(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

const VECTORS = "every.vectors.Vectors";

/** The vectors in front of this one are null. */
const nulls = (count: number) => Array.from({ length: count }, () => -1);

export const hostileMessages: readonly HostileMessage[] = [
  {
    name: "a vector of as many empty strings as fit",
    record: "org.apache.zookeeper.proto.GetChildrenResponse",
    build: countThenZeros([], INT),
  },
  {
    name: "the same, broken in the last string",
    record: "org.apache.zookeeper.proto.GetChildrenResponse",
    build: countThenBroken([], INT),
  },
  {
    name: "an ACL of as many entries as fit",
    record: "org.apache.zookeeper.proto.GetACLResponse",
    build: countThenZeros([], 12, 68),
  },
  {
    name: "a transaction of as many empty parts as fit",
    record: "org.apache.zookeeper.txn.MultiTxn",
    build: countThenZeros([], 8),
  },
  ...[
    ["booleans", 1],
    ["bytes", 1],
    ["ints", 4],
    ["longs", 8],
    ["floats", 4],
    ["doubles", 8],
    ["empty strings", 4],
    ["empty buffers", 4],
    ["records", 34],
    ["empty vectors", 4],
    ["empty maps", 4],
  ].map(([what, elementSize], index): HostileMessage => ({
    name: `a vector of ${String(what)}`,
    record: VECTORS,
    build: countThenZeros(nulls(index), Number(elementSize), 4 * (10 - index)),
  })),
  {
    name: "a vector of records of one byte",
    record: "every.vectors.Deep",
    // vector<vector<vector<OneByte>>> with one vector of one vector.
    build: countThenZeros([-1, 1, 1], 1, 3 * INT),
  },
  {
    name: "vectors in vectors, each claiming all that is left",
    record: "every.vectors.Deep",
    build: claimsWithinClaims((rest) => [Math.floor((rest - INT) / 8)], 5),
  },
  {
    name: "trees in trees, each claiming as many children as could fit",
    record: "every.recursive.Tree",
    build: claimsWithinClaims((rest) => [-1, Math.floor((rest - 2 * INT) / 8)], 64),
  },
  {
    name: "trees in trees, deeper than allowed",
    record: "every.recursive.Tree",
    build: claimsWithinClaims((rest) => [-1, Math.floor((rest - 2 * INT) / 8)], 100),
  },
  {
    name: "records and vectors of vectors of them, each claiming all that is left",
    record: "every.recursive.Inner",
    build: claimsWithinClaims((rest) => {
      const outer = Math.floor((rest - 2 * INT) / 4);
      return [0, outer, Math.floor((rest - 3 * INT) / 12)];
    }, 32),
  },
];
