/** Vectors and records: how arrays and objects are best built, and a vector of names as one block. */
import { keep } from "../keep-alive.js";
import { charCodes } from "./char-codes.js";
import type { PrimitiveGroup, PrimitiveRow } from "./group.js";
import { nativeStrings } from "./group.js";

class Id {
  scheme: string | null;
  id: string | null;
  constructor(scheme: string | null, id: string | null) {
    this.scheme = scheme;
    this.id = id;
  }
}

class IdWithDefaults {
  scheme: string | null = null;
  id: string | null = null;
}

function repeat(work: (index: number) => unknown): (iterations: number) => void {
  return (iterations) => {
    for (let i = 0; i < iterations; i++) keep(work(i), i);
  };
}

const arrays: PrimitiveRow[] = [1, 8, 64, 1000].map((count) => ({
  label: `${String(count)} elements`,
  candidates: [
    {
      name: "new Array(n)",
      run: repeat(() => {
        const result = new Array<Id>(count);
        for (let i = 0; i < count; i++) result[i] = new Id("world", "anyone");
        return result;
      }),
    },
    {
      name: "push",
      run: repeat(() => {
        const result: Id[] = [];
        for (let i = 0; i < count; i++) result.push(new Id("world", "anyone"));
        return result;
      }),
    },
    {
      name: "Array.from",
      run: repeat(() => Array.from({ length: count }, () => new Id("world", "anyone"))),
    },
  ],
}));

const objects: PrimitiveRow[] = [
  {
    label: "two fields",
    candidates: [
      { name: "positional constructor", run: repeat(() => new Id("world", "anyone")) },
      { name: "literal", run: repeat(() => ({ scheme: "world", id: "anyone" })) },
      {
        name: "defaults, then assign",
        run: repeat(() => {
          const id = new IdWithDefaults();
          id.scheme = "world";
          id.id = "anyone";
          return id;
        }),
      },
      {
        name: "Object.create, then assign",
        run: repeat(() => {
          const id = Object.create(Id.prototype) as Id;
          id.scheme = "world";
          id.id = "anyone";
          return id;
        }),
      },
    ],
  },
];

const names: PrimitiveRow[] = [10, 100, 1000].map((count) => {
  const list = Array.from({ length: count }, (_, i) => `member_${String(i).padStart(13, "0")}`);
  const block = Buffer.alloc(count * 24);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  list.forEach((name, i) => {
    view.setInt32(i * 24, 20);
    block.write(name, i * 24 + 4, "latin1");
  });
  const bytes = new Uint8Array(block.buffer, block.byteOffset, block.length);
  const native = nativeStrings(block);
  const decoder = new TextDecoder();
  const substrings = (text: string): string[] => {
    const result = new Array<string>(count);
    for (let i = 0, at = 0; i < count; i++) {
      const length = view.getInt32(at);
      result[i] = text.substring(at + 4, at + 4 + length);
      at += 4 + length;
    }
    return result;
  };
  const items = (read: (at: number, length: number) => string | undefined): (() => string[]) => {
    return () => {
      const result = new Array<string>(count);
      for (let i = 0, at = 0; i < count; i++) {
        const length = view.getInt32(at);
        result[i] = read(at + 4, length) ?? "";
        at += 4 + length;
      }
      return result;
    };
  };
  return {
    label: `${String(count)} names`,
    candidates: [
      {
        name: "each: fromCharCode",
        run: repeat(items((at, length) => charCodes(bytes, at, length))),
      },
      {
        name: "each: latin1Slice",
        run: repeat(items((at, length) => native.latin1Slice(at, at + length))),
      },
      {
        name: "each: utf8Slice",
        run: repeat(items((at, length) => native.utf8Slice(at, at + length))),
      },
      {
        name: "block latin1Slice + substring",
        run: repeat(() => substrings(native.latin1Slice(0, count * 24))),
      },
      {
        name: "block utf8Slice + substring",
        run: repeat(() => substrings(native.utf8Slice(0, count * 24))),
      },
      {
        name: "block TextDecoder + substring",
        run: repeat(() => substrings(decoder.decode(bytes))),
      },
    ],
  };
});

const encodeNames: PrimitiveRow[] = [10, 100, 1000].map((count) => {
  const list = Array.from({ length: count }, (_, i) =>
    Buffer.from(`member_${String(i).padStart(13, "0")}`, "latin1").toString("latin1"),
  );
  const target = Buffer.alloc(count * 64 + 64);
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.length);
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  const native = nativeStrings(target);
  const encoder = new TextEncoder();
  const prefix = "\0\0\0\x14";
  return {
    label: `${String(count)} names`,
    candidates: [
      {
        name: "each: JS loop",
        run: repeat(() => {
          let at = 0;
          for (const name of list) {
            view.setInt32(at, name.length);
            at += 4;
            for (let i = 0; i < name.length; i++) bytes[at++] = name.charCodeAt(i);
          }
          return at;
        }),
      },
      {
        name: "each: utf8Write",
        run: repeat(() => {
          let at = 0;
          for (const name of list) {
            const length = native.utf8Write(name, at + 4, name.length * 3);
            view.setInt32(at, length);
            at += 4 + length;
          }
          return at;
        }),
      },
      {
        name: "rope + latin1Write",
        run: repeat(() => {
          let rope = "";
          for (const name of list) rope += prefix + name;
          return native.latin1Write(rope, 0, rope.length);
        }),
      },
      {
        name: "rope + utf8Write",
        run: repeat(() => {
          let rope = "";
          for (const name of list) rope += prefix + name;
          return native.utf8Write(rope, 0, rope.length);
        }),
      },
      {
        name: "join + latin1Write",
        run: repeat(() => {
          const joined = prefix + list.join(prefix);
          return native.latin1Write(joined, 0, joined.length);
        }),
      },
      {
        name: "join + encodeInto",
        run: repeat(() => {
          const joined = prefix + list.join(prefix);
          return encoder.encodeInto(joined, bytes).written;
        }),
      },
    ],
  };
});

export const vectors: readonly PrimitiveGroup[] = [
  { title: "build a vector of records", unit: "one vector", rows: arrays },
  { title: "build a record", unit: "one record", rows: objects },
  { title: "read a vector of 20-character names", unit: "one vector", rows: names },
  { title: "write a vector of 20-character names", unit: "one vector", rows: encodeNames },
];
