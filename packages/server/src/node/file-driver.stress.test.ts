/** Many files, three lanes, and delays between their operations: what is written must be in the file that it was meant for. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { FileLane, FileOperation, FilePath, FileResult } from "@jute-ts/quorum";
import { effort } from "../../../../test/effort.js";
import { FileDriver } from "./file-driver.js";

const LANES: readonly FileLane[] = ["log", "epoch", "snapshot"];
const FILES_PER_LANE = 12;
const OPERATIONS = 80;
const ROUNDS = effort(6, 1);

it("never mixes up files, however many are open and whichever lane waits", async () => {
  for (let round = 1; round <= ROUNDS; round++) await stress(round);
}, 60_000);

async function stress(seed: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "jute-ts-stress-"));
  const waiting = new Map<number, (result: FileResult) => void>();
  const driver = new FileDriver(
    { data: join(directory, "data"), log: join(directory, "log") },
    (id, result) => waiting.get(id)?.(result),
  );
  let lastId = 0;
  const run = async (lane: FileLane, operation: FileOperation): Promise<void> => {
    const result = await new Promise<FileResult>((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      driver.submit(id, lane, operation);
    });
    expect(result, `${lane}: ${operation.kind}, seed ${seed}`).not.toMatchObject({
      kind: "failed",
    });
  };
  try {
    for (const each of ["data", "log"] as const)
      await run("log", { kind: "list", directory: each });
    await Promise.all(
      LANES.map((lane, index) => useFiles(lane, drawFrom(seed * 10 + index), run, directory)),
    );
  } finally {
    await driver.close();
    rmSync(directory, { recursive: true });
  }
}

/** One lane: its own files, and the whole of what each of them must hold. */
async function useFiles(
  lane: FileLane,
  random: Draw,
  run: (lane: FileLane, operation: FileOperation) => Promise<void>,
  directory: string,
): Promise<void> {
  const contents = new Map<string, Uint8Array>();
  const fileOf = (name: string): FilePath => ({ directory: lane === "log" ? "log" : "data", name });
  for (let count = 0; count < OPERATIONS; count++) {
    const name = `${lane}.${random(FILES_PER_LANE)}`;
    const file = fileOf(name);
    const before = contents.get(name);
    if (before === undefined) {
      await run(lane, { kind: "create", file });
      contents.set(name, new Uint8Array(0));
    } else {
      contents.set(name, await change(lane, file, before, random, run));
      const fate = random(20);
      if (fate === 0) {
        const to = `${lane}.${random(FILES_PER_LANE)}`;
        await run(lane, { kind: "rename", file, to });
        const moved = contents.get(name) ?? before;
        contents.delete(name);
        contents.set(to, moved);
      } else if (fate === 1) {
        await run(lane, { kind: "remove", file });
        contents.delete(name);
      }
    }
    if (random(3) === 0) await delay(random(3));
  }
  for (let index = 0; index < FILES_PER_LANE; index++) {
    const name = `${lane}.${index}`;
    const path = join(directory, lane === "log" ? "log" : "data", name);
    const found = existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
    expect(found, name).toEqual(contents.get(name));
  }
}

/** Writes, cuts, syncs or reads; returns what the file holds then. */
async function change(
  lane: FileLane,
  file: FilePath,
  before: Uint8Array,
  random: Draw,
  run: (lane: FileLane, operation: FileOperation) => Promise<void>,
): Promise<Uint8Array> {
  switch (random(4)) {
    case 0: {
      // Longer ones take another way through the driver.
      const length = random(5) === 0 ? 70_000 : 1 + random(200);
      const bytes = new Uint8Array(length).fill(1 + random(255));
      const offset = random(before.length + 1);
      await run(lane, { kind: "write", file, offset, bytes });
      const after = new Uint8Array(Math.max(before.length, offset + length));
      after.set(before);
      after.set(bytes, offset);
      return after;
    }
    case 1: {
      const size = random(300);
      await run(lane, { kind: "truncate", file, size });
      const after = new Uint8Array(size);
      after.set(before.subarray(0, size));
      return after;
    }
    case 2:
      await run(lane, { kind: "sync", file });
      return before;
    default:
      await run(lane, { kind: "read", file, offset: 0, length: 1000 });
      return before;
  }
}

/** A whole number from 0, less than `below`. */
type Draw = (below: number) => number;

/** Equal seeds draw equal numbers: mulberry32. */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
}
