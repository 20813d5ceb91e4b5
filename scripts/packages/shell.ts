/** What the checks of the packages are written with: steps that tell their time, programs, files. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/** Prints what is done and how long it took. A failure ends the whole check: what follows needs this. */
export function step<T>(title: string, action: () => T): T {
  const startedMs = performance.now();
  const result = action();
  console.log(`${title} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

/** The same for what takes its time without holding up the program. */
export async function stepAsync<T>(title: string, action: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await action();
  console.log(`${title} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

/** Runs a program to its end and returns what it wrote to stdout. Throws, with all that it said, when it fails. */
export function run(command: string, arguments_: readonly string[], directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, arguments_, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: strangersEnvironment(),
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const line = [command, ...arguments_].join(" ");
    throw new Error(`${line} failed with ${String(status)}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** An outer npm tells its children where they are; a stranger's npm would not. */
export function strangersEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_OPTIONS$)/.test(name)),
  );
}

/** Writes texts into files, by their paths inside a directory. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
