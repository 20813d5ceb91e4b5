import { expect, it } from "vitest";
import { TxnCopies } from "./txn-copies.js";

it("gives copies that neither their source nor later copies change, of all lengths", () => {
  const copies = new TxnCopies();
  const lent = new Uint8Array(10_000);
  const lengths = [0, 1, 100, 4095, 4096, 4097, 10_000];
  const given = Array.from({ length: 500 }, (_, index) => {
    const length = lengths[index % lengths.length] ?? 0;
    lent.fill(index);
    return { length, value: index % 256, copy: copies.copy(lent.subarray(0, length)) };
  });
  for (const { length, value, copy } of given) {
    expect(copy.length).toBe(length);
    expect(copy.every((byte) => byte === value)).toBe(true);
  }
});

it("keeps short ones together", () => {
  const copies = new TxnCopies();
  const buffers = new Set(
    Array.from({ length: 600 }, () => copies.copy(new Uint8Array(100)).buffer),
  );
  expect(buffers.size).toBe(1);
});
