/** What must hold for every source: nothing of it is shown twice, and nothing is left out. */
import type { Item } from "@jute-ts/inspect";
import { expect } from "vitest";

/** Checks that the items cover all bytes of one source, and the fields of each item all of its own. */
export function expectFullCover(items: readonly Item[], length: number): void {
  let end = 0;
  for (const item of items) {
    if (item.offset !== end) expect.fail(`${item.kind} at ${item.offset}, not ${end}`);
    end = item.endOffset;
    expectFieldsCover(item);
  }
  expect(end).toBe(length);
}

/** Checks that the fields of an item cover its bytes without gap and overlap. */
export function expectFieldsCover(item: Item): void {
  let at = item.offset;
  for (const { path, offset, length } of item.fields) {
    if (offset !== at) expect.fail(`${item.kind} ${path} at ${offset}, not ${at}`);
    at += length;
  }
  if (at !== item.endOffset)
    expect.fail(`${item.kind} ends at ${item.endOffset}, its fields ${at}`);
}
