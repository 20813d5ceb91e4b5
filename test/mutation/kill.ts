/** Finds out whether something notices a mutant. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import type { MechanicalMutant } from "./draw.js";
import { withMistake } from "./operators.js";

/** Who noticed. */
export type Fate =
  | { readonly by: "seeds"; readonly seed: number; readonly invariant: string }
  | { readonly by: "tests"; readonly test: string }
  | { readonly by: "nothing" }
  /** The first seeds did not; more of them and the unit tests were not asked yet. */
  | { readonly by: "no seed yet" };

export interface KillingSeed {
  readonly seed: number;
  readonly invariant: string;
}

const run = promisify(execFile);

/** The first of these seeds of the simulator that is violated; undefined when none is. A run that does not end is violated, too. */
export async function killBySeeds(
  mutant: MechanicalMutant,
  firstSeed: number,
  lastSeed: number,
): Promise<KillingSeed | undefined> {
  const bundle = resolve(CACHE, "seeds.mjs");
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
  const timeout = MS_PER_SEED * (lastSeed - firstSeed + 1);
  try {
    // In the other worlds nobody uses the servers' side of clients.
    const percent = mutant.file.startsWith("packages/server/") ? 100 : 0;
    const args = [bundle, `${firstSeed}`, `${lastSeed}`, `${percent}`];
    const { stdout } = await run(process.execPath, args, { timeout });
    return (JSON.parse(stdout) as KillingSeed | null) ?? undefined;
  } catch (error) {
    const isTimeout = error instanceof Error && "killed" in error && error.killed === true;
    return { seed: firstSeed, invariant: isTimeout ? "does not end" : "does not begin" };
  }
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

/** Far more than a seed takes. */
const MS_PER_SEED = 10_000;
const TESTS_MS = 600_000;
