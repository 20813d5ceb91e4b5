/** That the first round-trip test of a run does not wait for tables that fast-check makes when it is asked for them. */
import { expect, it, vi } from "vitest";
import { field, recordClass } from "./hand-made-record.js";

it("makes the arbitraries of a record without a table of all of Unicode", async () => {
  const entries = await countMapEntries(async () => {
    vi.resetModules();
    const { recordArbitrary } = await import("@jute-ts/fast-check");
    const Text = recordClass("Text", () => [
      field("text", { kind: "ustring" }),
      field("texts", { kind: "vector", element: { kind: "ustring" } }),
    ]);
    recordArbitrary(Text);
    recordArbitrary(Text, { strings: "wellFormed" });
  });
  expect(entries).toBeGreaterThan(0);
  // Unicode has 1,112,064 characters; those of ASCII are gone through a few times.
  expect(entries).toBeLessThan(50_000);
});

/** How often anybody asks a Map for its `set` while `action` runs. */
async function countMapEntries(action: () => Promise<void>): Promise<number> {
  const { prototype } = Map;
  const original = Object.getOwnPropertyDescriptor(prototype, "set") as PropertyDescriptor;
  let count = 0;
  Object.defineProperty(prototype, "set", {
    configurable: true,
    get: () => {
      count++;
      return original.value as unknown;
    },
  });
  try {
    await action();
  } finally {
    Object.defineProperty(prototype, "set", original);
  }
  return count;
}
