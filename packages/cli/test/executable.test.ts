/** The real process: streams, exit codes and signals. Everything else is tested in process. */
import { spawn } from "node:child_process";
import { closeSync, copyFileSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeBundle } from "../../../scripts/packages/bundles.js";
import { Scratch } from "./scratch.js";

const repository = path.resolve(import.meta.dirname, "../../..");
const manifest = path.join(repository, "packages/cli/package.json");
// Below node_modules, so that what stays outside of the bundle is found.
const bundle = path.join(repository, "node_modules/.cache/jute-ts/executable", String(process.pid));
const program = path.join(bundle, "dist/main.mjs");

beforeAll(async () => {
  const entryPoints = [path.join(repository, "packages/cli/src/main.ts")];
  const external = ["prettier", "esbuild", "typescript"];
  await build({ ...nodeBundle, entryPoints, outfile: program, external });
  copyFileSync(manifest, path.join(bundle, "package.json"));
});

afterAll(() => {
  rmSync(bundle, { recursive: true, force: true });
});

/** Starts `jute`. */
function start(scratch: Scratch, ...arguments_: readonly string[]) {
  const child = spawn(process.execPath, [program, ...arguments_], { cwd: scratch.directory });
  const result = { exitCode: null as number | null, stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (result.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (result.stderr += data.toString()));
  const ended = new Promise<typeof result>((resolve) => {
    child.on("close", (exitCode) => {
      resolve({ ...result, exitCode });
    });
  });
  return { child, ended };
}

const GOOD = { "a.jute": "module a { class A { int n; } }\n" };

test("generates, checks, and reports wrong usage", async () => {
  const scratch = new Scratch({ ...GOOD, "bad.jute": "module b { class B { int n } }" });
  const [generated, rejected, misused] = await Promise.all([
    start(scratch, "generate", "a.jute", "-o", "out").ended,
    start(scratch, "check", "bad.jute").ended,
    start(scratch, "check", "--nonsense").ended,
  ]);
  expect(generated).toMatchObject({ exitCode: 0, stderr: "" });
  expect(generated.stdout).toContain("4 written");
  expect(rejected).toMatchObject({ exitCode: 1 });
  expect(rejected.stderr).toContain("JUTE011");
  expect(misused).toMatchObject({ exitCode: 2, stdout: "" });
});

test("knows the version of its package", async () => {
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const printed = await start(new Scratch(), "--version").ended;
  expect(printed).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
});

/** Runs `jute` with a stream that takes nothing, and returns the exit code and what the other one got. */
async function withBrokenStream(stream: "stdout" | "stderr", to: number, line: readonly string[]) {
  const scratch = new Scratch({ ...GOOD, "bad.jute": "module b { class B { int n } }" });
  const other = stream === "stdout" ? "stderr" : "stdout";
  const child = spawn(process.execPath, [program, ...line], {
    cwd: scratch.directory,
    stdio: ["ignore", stream === "stdout" ? to : "pipe", stream === "stderr" ? to : "pipe"],
  });
  let text = "";
  child[other]?.on("data", (data: Buffer) => (text += data.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { exitCode, text };
}

test.runIf(process.platform === "linux")("says in a line that the disk is full", async () => {
  const full = openSync("/dev/full", "w");
  const log = "test/java/persistence/recorded/logs/log.100000001";
  for (const line of [["check", "a.jute"], ["help"], ["decode", path.join(repository, log)]]) {
    expect(await withBrokenStream("stdout", full, line)).toEqual({
      exitCode: 1,
      text: "jute: cannot write to standard output: no space left on device\n",
    });
  }
  closeSync(full);
});

test.runIf(process.platform === "linux")(
  "does what it does where nobody can read its messages",
  async () => {
    const full = openSync("/dev/full", "w");
    // A warning, and a mistake.
    expect(await withBrokenStream("stderr", full, ["lint", "a.jute"])).toMatchObject({
      exitCode: 0,
    });
    expect(await withBrokenStream("stderr", full, ["check", "bad.jute"])).toEqual({
      exitCode: 1,
      text: "1 file: 1 error in 1 file\n",
    });
    closeSync(full);
  },
);

test.skipIf(process.platform === "win32")(
  "replaces all files that a person wrote when it is interrupted among them",
  async () => {
    const before = "module a{class A{int n;}}\n";
    const after = "module a {\n    class A {\n        int n;\n    }\n}\n";
    const names = Array.from({ length: 500 }, (_, index) => `${String(index)}.jute`);
    const scratch = new Scratch(Object.fromEntries(names.map((name) => [name, before])));
    const { child, ended } = start(scratch, "format", ...names);
    const isWriting = () => readdirSync(scratch.directory).some((name) => name.endsWith(".tmp"));
    while (child.exitCode === null && !isWriting()) await setTimeout(1);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(scratch.tree()).toEqual(Object.fromEntries(names.map((name) => [name, after])));
  },
);

test.skipIf(process.platform === "win32")(
  "watches until interrupted, and ends with 0",
  async () => {
    const { child, ended } = start(new Scratch(GOOD), "generate", "a.jute", "-o", "out", "--watch");
    child.stdout.once("data", () => child.kill("SIGINT"));
    expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
  },
);
