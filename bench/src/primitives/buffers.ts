/** Handing out bytes and taking them in: views, copies and the DataView that reading needs. */
import { keep } from "../keep-alive.js";
import type { PrimitiveGroup, PrimitiveRow } from "./group.js";

const chunk = Buffer.alloc(256 * 1024, 7);
const chunkArray = chunk.buffer;
const chunkBytes = new Uint8Array(chunkArray, chunk.byteOffset, chunk.length);
const slab = new Uint8Array(256 * 1024);
const slabView = new DataView(slab.buffer);

function repeat(work: (at: number) => unknown): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) keep(work((i & 15) * 64), i);
  };
}

const handOut: PrimitiveRow[] = [16, 200, 1024, 8192, 65536].map((size) => ({
  label: `${String(size)} bytes`,
  candidates: [
    {
      name: "new Uint8Array(buffer, …)",
      run: repeat((at) => new Uint8Array(chunkArray, chunk.byteOffset + at, size)),
    },
    { name: "subarray", run: repeat((at) => chunkBytes.subarray(at, at + size)) },
    { name: "Buffer.from(ab, …)", run: repeat((at) => Buffer.from(chunkArray, at, size)) },
    { name: "Buffer.subarray", run: repeat((at) => chunk.subarray(at, at + size)) },
    { name: "slice (copy)", run: repeat((at) => chunkBytes.slice(at, at + size)) },
    {
      name: "new Uint8Array(view) (copy)",
      run: repeat((at) => new Uint8Array(new Uint8Array(chunkArray, chunk.byteOffset + at, size))),
    },
    {
      name: "new Uint8Array(n) + set (copy)",
      run: repeat((at) => {
        const copy = new Uint8Array(size);
        copy.set(chunkBytes.subarray(at, at + size));
        return copy;
      }),
    },
    {
      name: "Buffer.allocUnsafe + set (copy)",
      run: repeat((at) => {
        const copy = Buffer.allocUnsafe(size);
        copy.set(chunkBytes.subarray(at, at + size));
        return copy;
      }),
    },
    {
      name: "Buffer.allocUnsafeSlow + set (copy)",
      run: repeat((at) => {
        const copy = Buffer.allocUnsafeSlow(size);
        copy.set(chunkBytes.subarray(at, at + size));
        return copy;
      }),
    },
    {
      name: "ArrayBuffer.slice (copy)",
      run: repeat(
        (at) =>
          new Uint8Array(chunkArray.slice(chunk.byteOffset + at, chunk.byteOffset + at + size)),
      ),
    },
  ],
}));

type Getter<T> = (this: Uint8Array) => T;

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const bufferOf = getter<ArrayBuffer>("buffer");
const offsetOf = getter<number>("byteOffset");

function getter<T>(name: "buffer" | "byteOffset"): Getter<T> {
  return (Object.getOwnPropertyDescriptor(typedArray, name) as { readonly get: Getter<T> }).get;
}

const messagesToBorrowFrom = Array.from({ length: 4 }, () => new Uint8Array(276).fill(7));

/** One buffer of a message whose memory nobody has asked for. */
function borrow(view: (message: Uint8Array) => Uint8Array): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) {
      keep(view(messagesToBorrowFrom[i & 3] as Uint8Array), i);
    }
  };
}

const borrowing: PrimitiveRow[] = [
  {
    label: "256 of 276 bytes",
    candidates: [
      {
        name: "bytes.buffer, bytes.byteOffset",
        run: borrow((bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset + 16, 256)),
      },
      {
        name: "their getters, called",
        run: borrow(
          (bytes) => new Uint8Array(bufferOf.call(bytes), offsetOf.call(bytes) + 16, 256),
        ),
      },
      {
        name: "getter of buffer, bytes.byteOffset",
        run: borrow((bytes) => new Uint8Array(bufferOf.call(bytes), bytes.byteOffset + 16, 256)),
      },
      { name: "subarray", run: borrow((bytes) => bytes.subarray(16, 272)) },
    ],
  },
];

function copyLoop(source: Uint8Array, target: Uint8Array, at: number): void {
  for (let i = 0; i < source.length; i++) target[at + i] = source[i] ?? 0;
}

const copyIn: PrimitiveRow[] = [4, 8, 16, 32, 48, 64, 128, 256, 1024, 65536].map((size) => {
  const source = new Uint8Array(size).fill(9);
  const sourceBuffer = Buffer.alloc(size, 9);
  const slabBuffer = Buffer.from(slab.buffer);
  return {
    label: `${String(size)} bytes`,
    candidates: [
      {
        name: "set",
        run: repeat((at) => {
          slab.set(source, at);
        }),
      },
      {
        name: "JS loop",
        run: repeat((at) => {
          copyLoop(source, slab, at);
        }),
      },
      { name: "Buffer.copy", run: repeat((at) => sourceBuffer.copy(slabBuffer, at)) },
    ],
  };
});

const readerOver: PrimitiveRow[] = [20, 68, 256, 1024, 8192].map((size) => {
  const messages = Array.from({ length: 16 }, () => new Uint8Array(size).fill(3));
  const sameBuffer = messages[0]?.buffer;
  return {
    label: `${String(size)} bytes`,
    candidates: [
      {
        name: "new DataView",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            const message = messages[i & 15] ?? slab;
            const view = new DataView(message.buffer, message.byteOffset, message.length);
            keep(view.getInt32(0) + view.getInt32(12), i);
          }
        },
      },
      {
        name: "copy into slab (set)",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            slab.set(messages[i & 15] ?? slab, 64);
            keep(slabView.getInt32(64) + slabView.getInt32(76), i);
          }
        },
      },
      {
        name: "copy into slab (loop)",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            copyLoop(messages[i & 15] ?? slab, slab, 64);
            keep(slabView.getInt32(64) + slabView.getInt32(76), i);
          }
        },
      },
      {
        name: "bytes by hand, no view",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            const message = messages[i & 15] ?? slab;
            keep(intAt(message, 0) + intAt(message, 12), i);
          }
        },
      },
      {
        name: "compare .buffer, reuse view",
        run: (iterations: number): void => {
          let view = slabView;
          let owner: ArrayBufferLike | undefined;
          for (let i = 0; i < iterations; i++) {
            const message = messages[0] ?? slab;
            if (message.buffer !== owner) {
              owner = sameBuffer;
              view = new DataView(message.buffer);
            }
            keep(view.getInt32(0) + view.getInt32(12), i);
          }
        },
      },
    ],
  };
});

function intAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

export const buffers: readonly PrimitiveGroup[] = [
  { title: "hand out bytes", unit: "one buffer", rows: handOut },
  { title: "borrow from a message", unit: "one buffer", rows: borrowing },
  { title: "copy bytes in", unit: "one buffer", rows: copyIn },
  { title: "start reading a message", unit: "one message, two ints read", rows: readerOver },
];
