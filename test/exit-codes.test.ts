/** Every command of the project, bundled and spawned: the exit codes of docs/exit-codes.md, and no stack traces. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeBundle } from "../scripts/packages/bundles.js";
import { root } from "../scripts/packages/published.js";
import { rowsOf } from "./effort.js";

// Below node_modules, so that what stays outside of the bundles is found.
const bundles = path.join(root, "node_modules/.cache/jute-ts/exit-codes", String(process.pid));

const MAINS = {
  jute: "packages/cli/src/main.ts",
  "zk-server": "packages/server/src/main.ts",
  sim: "packages/simulator/src/main.ts",
  "sim:mutants": "packages/simulator/src/mutants/main.ts",
  fuzz: "test/fuzz/fuzz.ts",
  chaos: "test/chaos/chaos.ts",
  mutation: "test/mutation/mutation-main.ts",
} as const;
type Name = keyof typeof MAINS;

const programOf = (name: Name): string =>
  path.join(bundles, name.replace(":", "-"), "dist/main.mjs");

beforeAll(async () => {
  const mains = Object.entries(MAINS) as [Name, string][];
  const bundling = mains.map(async ([name, main]) => {
    const program = programOf(name);
    mkdirSync(path.dirname(program), { recursive: true });
    const external = ["prettier", "esbuild", "typescript"];
    await build({ ...nodeBundle, entryPoints: [main], outfile: program, external });
    const manifest = main.startsWith("test/")
      ? "package.json"
      : main.replace(/\/src\/.*$/u, "/package.json");
    copyFileSync(path.join(root, manifest), path.join(path.dirname(program), "../package.json"));
  });
  await Promise.all(bundling);
});

afterAll(() => {
  rmSync(bundles, { recursive: true, force: true });
});

async function run(
  name: Name,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [programOf(name), ...args], {
    // As npm does it.
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

const STACK_TRACE = /^\s+at .*[:(]\d+|node:internal/mu;

const cases: readonly (readonly [Name, string, 0 | 1 | 2])[] = [
  ...(Object.keys(MAINS) as Name[]).flatMap((name) => [
    [name, "--help", 0] as const,
    [name, "--no-such-option", 2] as const,
  ]),
  ["jute", "--version", 0],
  ["jute", "", 2],
  ["jute", "no-such-command", 2],
  ["jute", "check no-such-file.jute", 2],
  ["jute", "format no-such-file.jute", 2],
  ["jute", "lint no-such-file.jute", 2],
  ["jute", "breaking no-such-file.jute jute-defs", 2],
  ["jute", "decode no-such-file", 2],
  ["jute", "decode test/tls/server1.pem", 2],
  ["jute", "decode --as log test/tls/server1.pem", 1],
  ["jute", "encode no-such-file", 2],
  ["jute", "data verify no-such-directory", 2],
  ["zk-server", "--version", 0],
  ["zk-server", "", 2],
  ["zk-server", "no-such-command", 2],
  ["zk-server", "start no-such-file.cfg", 2],
  ["zk-server", "status 127.0.0.1:1", 1],
  ["zk-server", "restore no-such-file.cfg snapshot.1", 2],
  ["zk-server", "restore container/zoo.cfg no-such-file", 1],
  ["zk-server", "restore container/zoo.cfg package.json", 1],
  ["zk-server", "standalone --client-port x", 2],
  ["sim", "--seed x", 2],
  ["sim", "--seeds 2..1", 2],
  ["sim", "--mutant nobody", 2],
  ["sim", "stray", 2],
  ["sim", "--seeds 1..3 --jobs 0", 2],
  ["sim", "--seed 1 --swarm 1", 2],
  ["sim", "--seed 1 --faults 1,x", 2],
  ["sim", "--seed 1", 0],
  ["sim", "--seeds 1..3 --client-port 0 --mutant half-is-a-quorum --shrink 0", 1],
  ["sim", "--seeds 1..3 --client-port 100 --mutant any-password --shrink 0", 1],
  ["sim:mutants", "nobody", 2],
  ["sim:mutants", "--seeds x", 2],
  ["sim:mutants", "--seeds 1 ack-watch-silent", 1],
  ["mutation", "--sample x", 2],
  ["mutation", "--judged no-such-file", 2],
  ["fuzz", "--parser nobody", 2],
  ["fuzz", "--inputs x", 2],
  ["fuzz", "--output xml", 2],
  ["chaos", "--servers mine", 2],
  ["chaos", "--cycles x", 2],
];

describe("exit codes", () => {
  it.concurrent.each(rowsOf(cases, 6))("of %s %s", async (name, args, expected) => {
    const { code, stdout, stderr } = await run(name, args === "" ? [] : args.split(" "));
    expect(stderr).not.toMatch(STACK_TRACE);
    if (expected === 2) expect([stdout, stderr === ""]).toEqual(["", false]);
    if (args === "--help") expect([stdout === "", stderr]).toEqual([false, ""]);
    expect(code).toBe(expected);
  });
});
