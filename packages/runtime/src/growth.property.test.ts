/**
 * A buffer may be full at any moment: between two values, and in the middle of
 * one. Every way to write is tried with every amount of room that is left.
 */
import { describe, expect, it } from "vitest";
import { BinaryOutputArchive } from "./index.js";

const CAPACITY = 64;

const writes: readonly [string, (output: BinaryOutputArchive) => void, string][] = [
  [
    "a boolean",
    (output) => {
      output.writeBool(true);
    },
    "01",
  ],
  [
    "a byte",
    (output) => {
      output.writeByte(-2);
    },
    "fe",
  ],
  [
    "an int",
    (output) => {
      output.writeInt(-2);
    },
    "fffffffe",
  ],
  [
    "a long",
    (output) => {
      output.writeLong(-2n);
    },
    "fffffffffffffffe",
  ],
  [
    "a float",
    (output) => {
      output.writeFloat(1);
    },
    "3f800000",
  ],
  [
    "a double",
    (output) => {
      output.writeDouble(1);
    },
    "3ff0000000000000",
  ],
  [
    "a string",
    (output) => {
      output.writeString("é€");
    },
    "00000005c3a9e282ac",
  ],
  [
    "a long string",
    (output) => {
      output.writeString("z".repeat(50));
    },
    "00000032" + "7a".repeat(50),
  ],
  [
    "an empty string",
    (output) => {
      output.writeString("");
    },
    "00000000",
  ],
  [
    "a null string",
    (output) => {
      output.writeString(null);
    },
    "ffffffff",
  ],
  [
    "a buffer",
    (output) => {
      output.writeBuffer(Uint8Array.of(7, 8, 9));
    },
    "00000003070809",
  ],
  [
    "an empty buffer",
    (output) => {
      output.writeBuffer(new Uint8Array(0));
    },
    "00000000",
  ],
  [
    "a null buffer",
    (output) => {
      output.writeBuffer(null);
    },
    "ffffffff",
  ],
  [
    "the count of a vector",
    (output) => {
      output.startVector(3);
    },
    "00000003",
  ],
  [
    "a null vector",
    (output) => {
      output.startVector(-1);
    },
    "ffffffff",
  ],
  [
    "the count of a map",
    (output) => {
      output.startMap(3);
    },
    "00000003",
  ],
  [
    "an empty frame",
    (output) => {
      output.endFrame(output.startFrame());
    },
    "00000000",
  ],
  [
    "a frame",
    (output) => {
      const mark = output.startFrame();
      output.writeLong(1n);
      output.endFrame(mark);
    },
    "000000080000000000000001",
  ],
];

describe("BinaryOutputArchive with a full buffer", () => {
  it.each(writes)("writes %s whole, whatever room is left", (_what, write, expected) => {
    for (let used = 0; used <= CAPACITY; used++) {
      const output = new BinaryOutputArchive({ initialCapacity: CAPACITY });
      for (let i = 0; i < used; i++) output.writeByte(0x11);
      write(output);
      output.writeByte(0x22);
      const written = Buffer.from(output.toBytes()).toString("hex");
      expect(written).toBe("11".repeat(used) + expected + "22");
    }
  });

  it.each(writes)("writes %s without touching the buffer that it leaves", (_what, write) => {
    for (let used = 0; used <= CAPACITY; used++) {
      const output = new BinaryOutputArchive({ initialCapacity: CAPACITY });
      for (let i = 0; i < CAPACITY / 2; i++) output.writeByte(0x11);
      // As after an encode whose result lies in this buffer and belongs to its caller.
      output.origin = output.position;
      const theirs = output.bytes.subarray(0, output.origin);
      for (let i = CAPACITY / 2; i < used; i++) output.writeByte(0x33);
      write(output);
      expect(theirs.every((byte) => byte === 0x11)).toBe(true);
    }
  });

  it("keeps eight bytes of the view after what can be written, however it grows", () => {
    for (const initialCapacity of [0, 1, 8, 100]) {
      const output = new BinaryOutputArchive({ initialCapacity });
      const expectSlack = (): void => {
        expect(output.view.buffer).toBe(output.bytes.buffer);
        expect(output.view.byteLength - output.bytes.byteLength).toBeGreaterThanOrEqual(8);
      };
      expectSlack();
      for (const size of [1, 3, 200, 5000, 70_000, 200_000]) {
        output.writeRaw(new Uint8Array(size));
        expectSlack();
      }
      output.replaceBuffer();
      expectSlack();
    }
  });
});
