/** Finds out whether something notices a mutant. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import type { RunKind } from "../../packages/simulator/src/runs/run-kind.js";
import type { MechanicalMutant } from "./draw.js";
import { withMistake } from "./operators.js";

/** Who noticed. */
export type Fate =
  | ({ readonly by: "seeds" } & KillingSeed)
  | { readonly by: "tests"; readonly test: string }
  | { readonly by: "nothing" }
  /** No seed did, and the unit tests were not asked. */
  | { readonly by: "no seed" }
  /** The first seeds did not; more of them and the unit tests were not asked yet. */
  | { readonly by: "no seed yet" };

export interface KillingSeed {
  readonly seed: number;
  /** Of which kind of worlds; quorum worlds when it does not say. */
  readonly kind?: RunKind | undefined;
  readonly invariant: string;
}

const run = promisify(execFile);

/**
 * The first of these seeds of the simulator that is violated, looked for in quorum worlds
 * first, then in those whose clients speak to client ports; undefined when none is.
 * A run that does not end is violated, too.
 */
export async function killBySeeds(
  mutant: MechanicalMutant,
  firstSeed: number,
  lastSeed: number,
): Promise<KillingSeed | undefined> {
  const bundle = resolve(CACHE, `seeds-${process.pid}.mjs`);
  await build({
    entryPoints: ["test/mutation/seeds-main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jute-ts/source"],
    logLevel: "silent",
    outfile: bundle,
    plugins: [replaced(mutant)],
  });
  try {
    for (const kind of kindsFor(mutant)) {
      const killed = await firstViolated([bundle, `${firstSeed}`, `${lastSeed}`, kind], firstSeed);
      if (killed !== undefined) return { ...killed, kind };
    }
    return undefined;
  } finally {
    rmSync(bundle);
  }
}

/** In quorum worlds nobody uses the servers' side of clients. */
function kindsFor({ file }: MechanicalMutant): readonly RunKind[] {
  return file.startsWith("packages/server/") ? ["client-port"] : ["quorum", "client-port"];
}

/** Runs `seeds-main.ts`, which prints a line for each seed, and ends with one that is violated or does not end. */
async function firstViolated(
  args: readonly string[],
  firstSeed: number,
): Promise<KillingSeed | undefined> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(child, "close");
  let next = firstSeed;
  let killed: KillingSeed | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const { seed, invariant } = JSON.parse(line) as Partial<KillingSeed> & { seed: number };
    next = seed + 1;
    if (invariant !== undefined) killed = { seed, invariant };
  }
  await closed;
  if (killed !== undefined || child.exitCode === 0) return killed;
  return { seed: next, invariant: next === firstSeed ? "does not begin" : "crashes" };
}

/** The first unit test in the mutant's folder that fails; undefined when all pass. */
export async function killByTests(mutant: MechanicalMutant): Promise<string | undefined> {
  const folder = dirname(mutant.file);
  mkdirSync(CACHE, { recursive: true });
  const replacement = resolve(CACHE, "mutant.json");
  writeFileSync(replacement, JSON.stringify({ file: resolve(mutant.file), text: textOf(mutant) }));
  const report = resolve(CACHE, "tests.json");
  const config = ["--config", "test/mutation/vitest.config.ts", "--bail", "1"];
  const args = ["vitest", "run", ...config, "--reporter=json", "--outputFile", report, folder];
  const env = { ...process.env, MUTANT: replacement };
  try {
    await run("npx", args, { timeout: TESTS_MS, env, maxBuffer: 64 * 1024 * 1024 });
    return undefined;
  } catch {
    return failedTest(report);
  }
}

function failedTest(report: string): string {
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    readonly testResults: readonly {
      readonly name: string;
      readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
    }[];
  };
  for (const { assertionResults } of testResults)
    for (const { status, fullName } of assertionResults) if (status === "failed") return fullName;
  return "tests do not begin or do not end";
}

/** The mutant's file has the mistake in it; all others are as they are. */
function replaced(mutant: MechanicalMutant): Plugin {
  return {
    name: "mutant",
    setup: (plugins) => {
      const path = resolve(mutant.file);
      plugins.onLoad({ filter: /[.]ts$/ }, (args) =>
        args.path === path ? { contents: textOf(mutant), loader: "ts" } : undefined,
      );
    },
  };
}

function textOf({ file, mistake }: MechanicalMutant): string {
  return withMistake(readFileSync(file, "utf8"), mistake);
}

const CACHE = join("node_modules", ".cache", "jute-ts", "mutation");

const TESTS_MS = 600_000;
