/** The six longs of a Stat and its ints: through a DataView, a scratch array or a Buffer? */
import { keep } from "../keep-alive.js";
import type { PrimitiveGroup } from "./group.js";

const STRIDE = 48;
const MESSAGES = 16;
const buffer = Buffer.alloc(STRIDE * MESSAGES);
const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
for (let i = 0; i < MESSAGES * 6; i++) view.setBigInt64(i * 8, 0x5_0000_0000n + BigInt(i * 977));

// One scratch for the whole process. The host is little-endian wherever V8 runs.
const scratch = new BigInt64Array(6);
const scratchInts = new Int32Array(scratch.buffer);

const zxids = Array.from({ length: MESSAGES * 6 }, (_, i) => 0x5_0000_0000n + BigInt(i * 977));

type SixReader = (at: number) => unknown;

class Six {
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  readonly d: unknown;
  readonly e: unknown;
  readonly f: unknown;
  constructor(a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.e = e;
    this.f = f;
  }
}

function readGetBigInt64(at: number): Six {
  return new Six(
    view.getBigInt64(at),
    view.getBigInt64(at + 8),
    view.getBigInt64(at + 16),
    view.getBigInt64(at + 24),
    view.getBigInt64(at + 32),
    view.getBigInt64(at + 40),
  );
}

function readScratch(at: number): Six {
  for (let i = 0; i < 6; i++) {
    scratchInts[2 * i + 1] = view.getInt32(at + 8 * i);
    scratchInts[2 * i] = view.getInt32(at + 8 * i + 4);
  }
  const [a, b, c, d, e, f] = [
    scratch[0],
    scratch[1],
    scratch[2],
    scratch[3],
    scratch[4],
    scratch[5],
  ];
  return new Six(a, b, c, d, e, f);
}

function readScratchUnrolled(at: number): Six {
  scratchInts[1] = view.getInt32(at);
  scratchInts[0] = view.getInt32(at + 4);
  scratchInts[3] = view.getInt32(at + 8);
  scratchInts[2] = view.getInt32(at + 12);
  scratchInts[5] = view.getInt32(at + 16);
  scratchInts[4] = view.getInt32(at + 20);
  scratchInts[7] = view.getInt32(at + 24);
  scratchInts[6] = view.getInt32(at + 28);
  scratchInts[9] = view.getInt32(at + 32);
  scratchInts[8] = view.getInt32(at + 36);
  scratchInts[11] = view.getInt32(at + 40);
  scratchInts[10] = view.getInt32(at + 44);
  return new Six(scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5]);
}

function oneThroughScratch(at: number): bigint {
  scratchInts[1] = view.getInt32(at);
  scratchInts[0] = view.getInt32(at + 4);
  return scratch[0] ?? 0n;
}

function readScratchOneByOne(at: number): Six {
  return new Six(
    oneThroughScratch(at),
    oneThroughScratch(at + 8),
    oneThroughScratch(at + 16),
    oneThroughScratch(at + 24),
    oneThroughScratch(at + 32),
    oneThroughScratch(at + 40),
  );
}

function longAsNumber(at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

function readNumbers(at: number): Six {
  return new Six(
    longAsNumber(at),
    longAsNumber(at + 8),
    longAsNumber(at + 16),
    longAsNumber(at + 24),
    longAsNumber(at + 32),
    longAsNumber(at + 40),
  );
}

function longByShift(at: number): bigint {
  return (BigInt(view.getInt32(at)) << 32n) | BigInt(view.getUint32(at + 4));
}

function longFromSafeNumber(at: number): bigint {
  const high = view.getInt32(at);
  return high >= -0x20_0000 && high < 0x20_0000
    ? BigInt(high * 0x1_0000_0000 + view.getUint32(at + 4))
    : view.getBigInt64(at);
}

function readWith(read: (at: number) => unknown): SixReader {
  return (at) =>
    new Six(read(at), read(at + 8), read(at + 16), read(at + 24), read(at + 32), read(at + 40));
}

function reading(read: SixReader): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) keep(read((i & 15) * STRIDE), i);
  };
}

type SixWriter = (at: number, first: number) => void;

function zxid(index: number): bigint {
  return zxids[index] ?? 0n;
}

const writers: Record<string, SixWriter> = {
  setBigInt64: (at, first) => {
    for (let i = 0; i < 6; i++) view.setBigInt64(at + 8 * i, zxid(first + i));
  },
  "scratch, all six": (at, first) => {
    scratch[0] = zxid(first);
    scratch[1] = zxid(first + 1);
    scratch[2] = zxid(first + 2);
    scratch[3] = zxid(first + 3);
    scratch[4] = zxid(first + 4);
    scratch[5] = zxid(first + 5);
    view.setInt32(at, scratchInts[1] ?? 0);
    view.setInt32(at + 4, scratchInts[0] ?? 0);
    view.setInt32(at + 8, scratchInts[3] ?? 0);
    view.setInt32(at + 12, scratchInts[2] ?? 0);
    view.setInt32(at + 16, scratchInts[5] ?? 0);
    view.setInt32(at + 20, scratchInts[4] ?? 0);
    view.setInt32(at + 24, scratchInts[7] ?? 0);
    view.setInt32(at + 28, scratchInts[6] ?? 0);
    view.setInt32(at + 32, scratchInts[9] ?? 0);
    view.setInt32(at + 36, scratchInts[8] ?? 0);
    view.setInt32(at + 40, scratchInts[11] ?? 0);
    view.setInt32(at + 44, scratchInts[10] ?? 0);
  },
  "scratch, one by one": (at, first) => {
    for (let i = 0; i < 6; i++) {
      scratch[0] = zxid(first + i);
      view.setInt32(at + 8 * i, scratchInts[1] ?? 0);
      view.setInt32(at + 8 * i + 4, scratchInts[0] ?? 0);
    }
  },
  "BigInt shifts": (at, first) => {
    for (let i = 0; i < 6; i++) {
      const value = zxid(first + i);
      view.setInt32(at + 8 * i, Number(value >> 32n));
      view.setInt32(at + 8 * i + 4, Number(BigInt.asIntN(32, value)));
    }
  },
  "Buffer.writeBigInt64BE": (at, first) => {
    for (let i = 0; i < 6; i++) buffer.writeBigInt64BE(zxid(first + i), at + 8 * i);
  },
};

let sum = 0;

function summing(read: (at: number) => number): (iterations: number) => void {
  return (iterations) => {
    let total = 0;
    for (let i = 0; i < iterations; i++) {
      const at = (i & 15) * STRIDE;
      for (let field = 0; field < 12; field++) total = (total + read(at + 4 * field)) | 0;
    }
    sum = total;
  };
}

function storing(write: (at: number, value: number) => void): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      const at = (i & 15) * STRIDE;
      for (let field = 0; field < 12; field++) write(at + 4 * field, i + field + sum);
    }
  };
}

export const numbers: readonly PrimitiveGroup[] = [
  {
    title: "read longs",
    unit: "six longs into an object",
    rows: [
      {
        label: "six longs",
        candidates: [
          { name: "getBigInt64", run: reading(readGetBigInt64) },
          { name: "scratch, unrolled", run: reading(readScratchUnrolled) },
          { name: "scratch, loop", run: reading(readScratch) },
          { name: "scratch, one by one", run: reading(readScratchOneByOne) },
          { name: "as numbers (lossy)", run: reading(readNumbers) },
          { name: "BigInt shifts", run: reading(readWith(longByShift)) },
          { name: "BigInt(number) if safe", run: reading(readWith(longFromSafeNumber)) },
          {
            name: "Buffer.readBigInt64BE",
            run: reading(readWith((at) => buffer.readBigInt64BE(at))),
          },
        ],
      },
    ],
  },
  {
    title: "write longs",
    unit: "six longs",
    rows: [
      {
        label: "six longs",
        candidates: Object.entries(writers).map(([name, write]) => ({
          name,
          run: (iterations: number): void => {
            for (let i = 0; i < iterations; i++) write((i & 15) * STRIDE, (i & 15) * 6);
          },
        })),
      },
    ],
  },
  {
    title: "ints",
    unit: "twelve ints",
    rows: [
      {
        label: "read",
        candidates: [
          { name: "DataView", run: summing((at) => view.getInt32(at)) },
          {
            name: "four bytes",
            run: summing(
              (at) =>
                ((bytes[at] ?? 0) << 24) |
                ((bytes[at + 1] ?? 0) << 16) |
                ((bytes[at + 2] ?? 0) << 8) |
                (bytes[at + 3] ?? 0),
            ),
          },
          { name: "Buffer", run: summing((at) => buffer.readInt32BE(at)) },
        ],
      },
      {
        label: "write",
        candidates: [
          {
            name: "DataView",
            run: storing((at, value) => {
              view.setInt32(at, value);
            }),
          },
          {
            name: "four bytes",
            run: storing((at, value) => {
              bytes[at] = value >>> 24;
              bytes[at + 1] = value >>> 16;
              bytes[at + 2] = value >>> 8;
              bytes[at + 3] = value;
            }),
          },
          {
            name: "Buffer",
            run: storing((at, value) => {
              buffer.writeInt32BE(value | 0, at);
            }),
          },
        ],
      },
    ],
  },
];
