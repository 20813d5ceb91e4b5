/**
 * The command as users run it: bundled once for a process of tests, then spawned. Tests
 * of this kind see what no test inside the process does: what is evaluated too
 * early, what is printed last, and who ends with whom.
 */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { serverBundle } from "../../../scripts/packages/bundles.js";

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions extends Pick<SpawnOptions, "cwd" | "env" | "uid"> {
  /** It is killed after so long. 20,000. */
  readonly timeoutMs?: number;
}

let bundle: Promise<Uint8Array> | undefined;

/** The bundle, made once for all test files of a process. */
async function bundled(): Promise<Uint8Array> {
  bundle ??= build({ ...serverBundle, outfile: "main.mjs", write: false }).then(
    ({ outputFiles }) => outputFiles[0]?.contents ?? new Uint8Array(),
  );
  return bundle;
}

export class SpawnedCommand {
  readonly #directory: string;
  /** The bundle. */
  readonly program: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.program = join(directory, "dist", "main.mjs");
  }

  /** Puts the bundled command into a directory that everyone may read. */
  static async bundle(): Promise<SpawnedCommand> {
    const directory = mkdtempSync(join(tmpdir(), "jute-ts-command-"));
    const command = new SpawnedCommand(directory);
    mkdirSync(join(directory, "dist"));
    writeFileSync(command.program, await bundled());
    const manifest = fileURLToPath(new URL("../package.json", import.meta.url));
    copyFileSync(manifest, join(directory, "package.json"));
    chmodSync(directory, 0o755);
    return command;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  spawn(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(process.execPath, [this.program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
  }

  /** Runs it to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const { timeoutMs = 20_000, ...spawnOptions } = options;
    const child = this.spawn(args, { timeout: timeoutMs, killSignal: "SIGKILL", ...spawnOptions });
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, stdout, stderr };
  }
}

/** A line of a stack trace, or the beginning of one: what no user should ever see. */
export const STACK_TRACE = /^\s+at .*[:(]\d+|node:internal|^\w*Error(?: \[|:)|UnhandledPromise/mu;
