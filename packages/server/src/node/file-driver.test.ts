import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileLane, FileOperation, FilePath, FileResult } from "@jute-ts/quorum";
import { FileDriver } from "./file-driver.js";

let directory = "";
let driver: FileDriver;
const waiting = new Map<number, (result: FileResult) => void>();
let lastId = 0;
let fsyncs: number[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "jute-ts-files-"));
  fsyncs = [];
  driver = newDriver(join(directory, "data", "version-2"), join(directory, "log", "version-2"));
});

afterEach(async () => {
  await driver.close();
  rmSync(directory, { recursive: true });
});

function newDriver(data: string, log: string): FileDriver {
  return new FileDriver({ data, log }, (id, result) => waiting.get(id)?.(result), {
    onFsync: ({ tookMs }) => fsyncs.push(tookMs),
  });
}

function run(operation: FileOperation, lane: FileLane = "log"): Promise<FileResult> {
  const id = ++lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    driver.submit(id, lane, operation);
  });
}

const file: FilePath = { directory: "log", name: "log.1" };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const onDisk = (name: string): number[] => [
  ...readFileSync(join(directory, "log", "version-2", name)),
];

describe("file operations on a real disk", () => {
  it("lists a directory, and makes it when it is missing", async () => {
    expect(await run({ kind: "list", directory: "data" })).toEqual({
      kind: "names",
      names: ["../version-2"],
      isShared: false,
    });
    expect(readdirSync(join(directory, "data"))).toEqual(["version-2"]);
  });

  it("lists what lies beside a directory, and removes it there", async () => {
    await run({ kind: "list", directory: "data" });
    for (const name of ["initialize", "version-2/snapshot.0"]) {
      writeFileSync(join(directory, "data", name), "");
    }
    expect(await run({ kind: "list", directory: "data" })).toMatchObject({
      names: ["snapshot.0", "../initialize", "../version-2"],
    });
    await run({ kind: "remove", file: { directory: "data", name: "../initialize" } });
    expect(readdirSync(join(directory, "data"))).toEqual(["version-2"]);
  });

  it.each([
    ["the same", (data: string): string => data],
    ["spelled otherwise", (data: string): string => `${dirname(data)}/../data//version-2/`],
    [
      "linked",
      (data: string): string => {
        symlinkSync(dirname(data), join(directory, "link"));
        return join(directory, "link", "version-2");
      },
    ],
  ])("knows that both directories are one: %s", async (_, logOf) => {
    const data = join(directory, "data", "version-2");
    mkdirSync(data, { recursive: true });
    await driver.close();
    driver = newDriver(data, logOf(data));
    expect(await run({ kind: "list", directory: "log" })).toMatchObject({ isShared: true });
  });

  it("does not take one directory, in which the other lies, for what is beside that", async () => {
    const data = join(directory, "data", "version-2");
    await driver.close();
    driver = newDriver(data, join(data, "version-2"));
    expect(await run({ kind: "list", directory: "log" })).toEqual({
      kind: "names",
      names: [],
      isShared: false,
    });
  });

  it("creates, writes anywhere, grows with zeros, cuts and syncs", async () => {
    await run({ kind: "list", directory: "log" });
    await run({ kind: "create", file });
    await run({ kind: "write", file, offset: 4, bytes: bytes(1, 2) });
    expect(onDisk("log.1")).toEqual([0, 0, 0, 0, 1, 2]);
    await run({ kind: "write", file, offset: 0, bytes: bytes(9) });
    await run({ kind: "truncate", file, size: 5 });
    expect(await run({ kind: "sync", file })).toEqual({ kind: "done" });
    expect(onDisk("log.1")).toEqual([9, 0, 0, 0, 1]);
    expect(fsyncs).toHaveLength(1);
    await run({ kind: "create", file });
    expect(onDisk("log.1")).toEqual([]);
  });

  it("reads pieces, and says how long the file is", async () => {
    await run({ kind: "list", directory: "log" });
    await run({ kind: "create", file });
    await run({ kind: "write", file, offset: 0, bytes: bytes(1, 2, 3, 4, 5) });
    const read = (offset: number, length: number): Promise<FileResult> =>
      run({ kind: "read", file, offset, length });
    expect(await read(1, 2)).toEqual({ kind: "bytes", bytes: bytes(2, 3), size: 5 });
    expect(await read(3, 10)).toEqual({ kind: "bytes", bytes: bytes(4, 5), size: 5 });
    expect(await read(9, 10)).toEqual({ kind: "bytes", bytes: bytes(), size: 5 });
  });

  it("reads into memory that is offered, and leaves the rest of it alone", async () => {
    await run({ kind: "list", directory: "log" });
    await run({ kind: "create", file });
    await run({ kind: "write", file, offset: 0, bytes: bytes(1, 2, 3, 4, 5) });
    const into = bytes(7, 7, 7, 7);
    const piece = await run({ kind: "read", file, offset: 2, length: 3, into });
    expect(piece).toEqual({ kind: "bytes", bytes: bytes(3, 4, 5), size: 5 });
    expect(into).toEqual(bytes(3, 4, 5, 7));
    const end = await run({ kind: "read", file, offset: 4, length: 4, into });
    expect(end).toEqual({ kind: "bytes", bytes: bytes(5), size: 5 });
  });

  it("renames over another file, also one that is open, and removes", async () => {
    const other: FilePath = { directory: "log", name: "other" };
    await run({ kind: "list", directory: "log" });
    for (const target of [file, other]) await run({ kind: "create", file: target });
    await run({ kind: "write", file, offset: 0, bytes: bytes(7) });
    await run({ kind: "rename", file, to: "other" });
    await run({ kind: "write", file: other, offset: 1, bytes: bytes(8) });
    await run({ kind: "syncDirectory", directory: "log" });
    expect(onDisk("other")).toEqual([7, 8]);
    await run({ kind: "remove", file: other });
    expect(readdirSync(join(directory, "log", "version-2"))).toEqual([]);
  });

  it("tells a missing file from a disk that fails", async () => {
    await run({ kind: "list", directory: "log" });
    const missing = await run({ kind: "read", file, offset: 0, length: 1 });
    expect(missing).toMatchObject({ kind: "failed", reason: "missing" });
    const wrong: FilePath = { directory: "log", name: "no/such/directory" };
    expect(await run({ kind: "create", file: wrong })).toMatchObject({ kind: "failed" });
  });

  describe("in place", () => {
    let told: string[] = [];
    let isSuitable = true;

    beforeEach(async () => {
      told = [];
      isSuitable = true;
      const at = join(directory, "log", "version-2");
      driver = new FileDriver({ data: at, log: at }, (id, result) => waiting.get(id)?.(result), {
        onFsync: ({ isInPlace }) => told.push(isInPlace ? "in place" : "pool"),
        inPlace: {
          suits: (count) => {
            told.push(`${count} bytes`);
            return isSuitable;
          },
          onSynced: ({ isInPlace }) => told.push(`synced, ${isInPlace}`),
          before: () => told.push("before"),
        },
      });
      await run({ kind: "list", directory: "log" });
      await run({ kind: "create", file });
      await run({ kind: "sync", file });
      told = [];
    });

    const write = async (offset: number, ...values: number[]): Promise<void> => {
      await run({ kind: "write", file, offset, bytes: bytes(...values) });
    };

    it("says first that the thread will stand still", async () => {
      await write(0, 1, 2, 3);
      await write(3, 4);
      expect(await run({ kind: "sync", file })).toEqual({ kind: "done" });
      expect(told).toEqual(["4 bytes", "before", "synced, true", "in place"]);
    });

    it("is asked each time, with what was written since the last", async () => {
      await write(0, 1, 2, 3);
      await run({ kind: "sync", file });
      isSuitable = false;
      await write(3, 4);
      await run({ kind: "sync", file });
      expect(told.slice(4)).toEqual(["1 bytes", "synced, false", "pool"]);
    });

    it("counts what is more than bytes as no small matter", async () => {
      await run({ kind: "truncate", file, size: 100 });
      await run({ kind: "sync", file });
      expect(told[0]).toBe("Infinity bytes");
    });

    it("is only for logs", async () => {
      const other: FilePath = { directory: "log", name: "synced" };
      await run({ kind: "create", file: other });
      await run({ kind: "sync", file: other });
      await run({ kind: "sync", file }, "snapshot");
      expect(told).toEqual(["pool", "pool"]);
    });

    it("does not begin before the caller of submit is done", async () => {
      const done = run({ kind: "sync", file });
      expect(told).toEqual([]);
      await done;
      expect(told).toContain("in place");
    });

    it("reports a failure as any other", async () => {
      const missing: FilePath = { directory: "log", name: "log.2" };
      const result = await run({ kind: "sync", file: missing });
      expect(result).toMatchObject({ kind: "failed", reason: "missing" });
    });
  });

  it("does nothing after it was closed", async () => {
    await run({ kind: "list", directory: "log" });
    await driver.close();
    driver.submit(++lastId, "log", { kind: "create", file });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(join(directory, "log", "version-2"))).toEqual([]);
  });
});
