/** The command as it is shipped, with the threads that long logs are decoded by. What it shows must be the same without them. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { encodeTxnLogHeader, encodeTxnLogRecords } from "@jute-ts/persistence";
import { encodeTxn, OpCode } from "@jute-ts/zookeeper";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandParts } from "../../../scripts/packages/bundles.js";
import { Scratch } from "./scratch.js";

const root = path.resolve(import.meta.dirname, "../../..");
// Below node_modules, so that what stays outside of the bundle is found.
const folder = path.join(root, "node_modules/.cache/jute-ts/decode", String(process.pid));
const TXNS = 10_000;

beforeAll(async () => {
  mkdirSync(path.join(folder, "dist"), { recursive: true });
  copyFileSync(path.join(root, "packages/cli/package.json"), path.join(folder, "package.json"));
  await build({ ...commandParts, outdir: path.join(folder, "dist") });
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function decode(scratch: Scratch, ...arguments_: readonly string[]) {
  const main = path.join(folder, "dist/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "decode", ...arguments_], {
    cwd: scratch.directory,
    encoding: "utf8",
    maxBuffer: 256 << 20,
  });
  return { status, stdout, stderr };
}

/** Of some 20 MB: twenty segments, and long enough for threads. */
function longLog(): Buffer {
  const data = new Uint8Array(2000);
  const txns = Array.from({ length: TXNS }, (_, index) => {
    const zxid = BigInt(index + 1);
    const header = { clientId: 1n, cxid: index, zxid, time: 1_790_000_000_000n + zxid };
    return encodeTxn(OpCode.setData, header, { path: `/n${String(index)}`, data, version: 1 });
  });
  return Buffer.concat([encodeTxnLogHeader(), encodeTxnLogRecords(txns), Buffer.alloc(5_000_000)]);
}

test("shows the same with threads and without, of a log that is sound, damaged, torn or compressed", () => {
  const scratch = new Scratch();
  const log = longLog();
  scratch.write("log.1", log);
  scratch.write("torn.1", log.subarray(0, 18_000_003));
  scratch.write("log.gz", gzipSync(log, { level: 0 }));
  log.fill(0xff, 9_000_000, 9_000_100);
  scratch.write("damaged.1", log);
  for (const [file, output, status] of [
    ["log.1", "lines", 0],
    ["torn.1", "json", 1],
    ["log.gz", "table", 0],
    ["damaged.1", "lines", 1],
  ] as const) {
    const alone = decode(scratch, file, "--output", output, "--threads", "1");
    expect(alone.status).toBe(status);
    const spread = decode(scratch, file, "--output", output, "--threads", "3");
    // So that a difference is not printed as a whole.
    expect(spread.stdout === alone.stdout).toBe(true);
    expect({ ...spread, stdout: "" }).toEqual({ ...alone, stdout: "" });
    expect(alone.stdout.split("\n").length).toBeGreaterThan(0.8 * TXNS);
  }
}, 120_000);

test("says in one line when a thread fails", () => {
  const scratch = new Scratch();
  scratch.write("log.1", longLog());
  writeFileSync(path.join(folder, "dist/chunks/log-thread.js"), 'throw new Error("no room");\n');
  const { status, stderr } = decode(scratch, "log.1", "--threads", "2");
  expect(stderr).toBe(
    "jute: a thread that decodes has failed: no room (--threads 1 decodes without)\n",
  );
  expect(status).toBe(1);
  expect(decode(scratch, "log.1", "--threads", "1", "--output", "table").status).toBe(0);
}, 60_000);
