/** Files in memory against files on a disk: the same operations have the same results. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileOperation, FileResult } from "@jute-ts/quorum";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testSeed } from "../../../../test/seed.js";
import { FileDriver, type StorageDriver } from "./file-driver.js";
import { MemoryStorage } from "./memory-storage.js";

const file = fc
  .constantFrom("log.1", "log.2", "snapshot.1")
  .map((name) => ({ directory: "log" as const, name }));
const offset = fc.nat(300);
const operations: fc.Arbitrary<FileOperation> = fc.oneof(
  fc.constant({ kind: "list", directory: "data" } as const),
  fc.constant({ kind: "syncDirectory", directory: "log" } as const),
  file.map((each) => ({ kind: "create", file: each }) as const),
  file.map((each) => ({ kind: "sync", file: each }) as const),
  file.map((each) => ({ kind: "remove", file: each }) as const),
  fc.record({ kind: fc.constant("read" as const), file, offset, length: fc.nat(400) }),
  fc.record({
    kind: fc.constant("write" as const),
    file,
    offset,
    bytes: fc.uint8Array({ maxLength: 200 }),
  }),
  fc.record({ kind: fc.constant("truncate" as const), file, size: fc.nat(500) }),
  fc.record({
    kind: fc.constant("rename" as const),
    file,
    to: fc.constantFrom("log.1", "log.3", "currentEpoch"),
  }),
);

/** Asks for one thing after the other, as a lane does. */
function runner(make: (done: (id: number, result: FileResult) => void) => StorageDriver): {
  readonly driver: StorageDriver;
  run(operation: FileOperation): Promise<FileResult>;
} {
  let settle: ((result: FileResult) => void) | undefined;
  const driver = make((_id, result) => settle?.(result));
  return {
    driver,
    run: (operation) =>
      new Promise((resolve) => {
        settle = resolve;
        driver.submit(1, "log", operation);
      }),
  };
}

/** Names have no order, the words of a failure are the system's, and there is nothing beside what is in memory. */
function comparable(result: FileResult): unknown {
  if (result.kind === "names") {
    const names = result.names.filter((name) => !name.startsWith("../")).sort();
    return { ...result, names };
  }
  if (result.kind === "failed") return { kind: result.kind, reason: result.reason };
  return result.kind === "bytes" ? { ...result, bytes: [...result.bytes] } : result;
}

describe("files in memory", () => {
  it("do what files on a disk do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { maxLength: 40 }), async (list) => {
        const directory = mkdtempSync(join(tmpdir(), "jute-ts-memory-"));
        const data = join(directory, "version-2");
        const disk = runner((done) => new FileDriver({ data, log: data }, done));
        const memory = runner((done) => new MemoryStorage().driver(done));
        try {
          // Makes the directory.
          await disk.run({ kind: "list", directory: "data" });
          for (const operation of list) {
            const expected = comparable(await disk.run(operation));
            expect(comparable(await memory.run(operation)), operation.kind).toEqual(expected);
          }
        } finally {
          await disk.driver.close();
          rmSync(directory, { recursive: true });
        }
      }),
      { numRuns: 60, seed: testSeed() },
    );
  });

  it("are there for the next driver, and take what was lent at once", async () => {
    const storage = new MemoryStorage();
    const first = runner((done) => storage.driver(done));
    const bytes = new Uint8Array([1, 2, 3]);
    const target = { directory: "log", name: "log.1" } as const;
    await first.run({ kind: "create", file: target });
    const written = first.run({ kind: "write", file: target, offset: 0, bytes });
    bytes.fill(9);
    await written;
    await first.driver.close();
    const second = runner((done) => storage.driver(done));
    const read = { kind: "read", file: target, offset: 0, length: 10 } as const;
    expect(await second.run(read)).toEqual({
      kind: "bytes",
      bytes: new Uint8Array([1, 2, 3]),
      size: 3,
    });
    expect(storage.bytes).toBe(3);
  });

  it("tell nothing of what was asked for before they were closed", async () => {
    const results: FileResult[] = [];
    const driver = new MemoryStorage().driver((_id, result) => results.push(result));
    driver.submit(1, "log", { kind: "list", directory: "log" });
    expect(results).toEqual([]);
    await driver.close();
    driver.submit(2, "log", { kind: "list", directory: "log" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(results).toEqual([]);
  });
});
