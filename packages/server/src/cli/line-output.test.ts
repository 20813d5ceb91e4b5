/** Servers whose log nobody reads, or has room for: they go on, and end when they are told to. */
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { node } from "../../test/client-of.js";
import { RawClient } from "../../test/raw-client.js";
import { SpawnedCommand } from "../../test/spawned-command.js";
import { findFreePorts } from "../ensemble/free-ports.js";
import { askFourLetterWord } from "../node/four-letter-word.js";
import { LineOutput } from "./line-output.js";

let command: SpawnedCommand;
let directory: string;

beforeAll(async () => {
  command = await SpawnedCommand.bundle();
  directory = mkdtempSync(join(tmpdir(), "jute-ts-line-output-"));
});

afterAll(() => {
  command.remove();
  rmSync(directory, { recursive: true, force: true });
});

it("keeps no more than its limit for who does not read, and says how many lines are missing", () => {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    write: (bytes: Buffer, _, done) => {
      taken.push(bytes.toString());
      waiting.push(done);
    },
  });
  const output = new LineOutput(stream, (lines) => `${lines} missing`, 100);
  for (let count = 0; count < 1000; count++) output.write(`line ${String(count).padStart(4, "0")}`);
  expect(stream.writableLength).toBeLessThanOrEqual(110);
  while (waiting.length > 0) waiting.shift()?.();
  output.write("again");
  while (waiting.length > 0) waiting.shift()?.();
  const lines = taken.join("").trimEnd().split("\n");
  const kept = lines.length - 2;
  expect(lines.slice(0, kept)).toEqual(
    Array.from({ length: kept }, (_, index) => `line ${String(index).padStart(4, "0")}`),
  );
  expect(lines.slice(kept)).toEqual([`${1000 - kept} missing`, "again"]);
});

/** Starts a server that stands alone and audits into its log. */
async function started(
  name: string,
  stdio: SpawnOptions["stdio"],
): Promise<{ child: ChildProcess; client: RawClient }> {
  const [port = 0] = await findFreePorts(1);
  const path = join(directory, `${name}.cfg`);
  const data = join(directory, name);
  writeFileSync(
    path,
    `dataDir=${data}\nclientPort=${port}\nclientPortAddress=127.0.0.1\naudit.enable=true\n`,
  );
  const child = command.spawn(["start", path], { stdio });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await expect
    .poll(() => askFourLetterWord({ host: "127.0.0.1", port }, "srvr").catch(() => ""), {
      timeout: 30_000,
    })
    .toContain("Mode: standalone");
  const client = new RawClient(port);
  onTestFinished(() => client.drop());
  await client.open({ timeOut: 30_000 });
  return { child, client };
}

async function createdAll(client: RawClient, count: number): Promise<void> {
  const name = "x".repeat(1000);
  for (let index = 0; index < count; index++) {
    const { err } = await client.ask(OpCode.create, node(`/${name}${index}`));
    expect(err).toBe(ErrorCode.OK);
  }
}

describe("a server", { timeout: 60_000 }, () => {
  it.skipIf(!existsSync("/dev/full"))("goes on when there is no room for its log", async () => {
    const full = openSync("/dev/full", "w");
    const { child, client } = await started("full", ["ignore", full, full]);
    closeSync(full);
    await createdAll(client, 20);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.skipIf(process.platform === "win32")("ends when nobody reads its log", async () => {
    const { child, client } = await started("unread", ["ignore", "pipe", "pipe"]);
    // More than a pipe and both ends of it hold.
    await createdAll(client, 1000);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
