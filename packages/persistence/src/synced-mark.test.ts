import { expect, it } from "vitest";
import { decodeSyncedMark, encodeSyncedMark, type SyncedMark } from "./index.js";

const marks = [
  { file: "log.1", bytes: 0 },
  { file: "log.100000001", bytes: 4711 },
  { file: "log.7fffffffffffffff", bytes: Number.MAX_SAFE_INTEGER },
  { file: "log.7fffffffffffffff", bytes: Number.MAX_SAFE_INTEGER, isCut: true },
];

it("says again what it was told", () => {
  for (const mark of marks) expect(decodeSyncedMark(encodeSyncedMark(mark))).toEqual(mark);
});

it("is one line of text, with the checksum of what is before it", () => {
  // The checksums are those of Python's zlib.
  const text = (mark: SyncedMark): string => Buffer.from(encodeSyncedMark(mark)).toString();
  expect(text({ file: "log.1", bytes: 16 })).toBe("log.1 16 0b7d0229\n");
  expect(text({ file: "log.100000001", bytes: 4711 })).toBe("log.100000001 4711 2bc70410\n");
  expect(text({ file: "log.100000001", bytes: 4711, isCut: true })).toBe(
    "log.100000001 4711 cut 3f0e057c\n",
  );
});

it("is no mark when it was cut anywhere, or any bit is wrong", () => {
  for (const mark of marks) {
    const bytes = encodeSyncedMark(mark);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeSyncedMark(bytes.subarray(0, length))).toBeUndefined();
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeSyncedMark(flipped)).toBeUndefined();
    }
    expect(decodeSyncedMark(Buffer.concat([bytes, Buffer.from("\n")]))).toBeUndefined();
  }
});

it("is not made for what is no log or no offset", () => {
  for (const mark of [
    { file: "snapshot.1", bytes: 1 },
    { file: "log.1 2", bytes: 1 },
    { file: "log.1", bytes: -1 },
    { file: "log.1", bytes: 1.5 },
  ]) {
    expect(() => encodeSyncedMark(mark)).toThrow(RangeError);
  }
});
