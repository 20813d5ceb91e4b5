/** The built `jute` command as a process of its own, and schemas on disk for it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { syntheticSchema } from "./synthetic-schema.js";

export const COMMAND: string = fileURLToPath(
  new URL("../../packages/cli/dist/main.js", import.meta.url),
);

export interface Run {
  /** From start to exit. */
  readonly seconds: number;
  /** Of the processor, all threads together: what remains comparable on a busy machine. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

/** Runs the command, which reports what it used when it ends. Throws when it fails. */
export function runJute(args: readonly string[], cwd: string): Run {
  const report = join(cwd, "usage.json");
  const onExit = `
    import { writeFileSync } from "node:fs";
    process.on("exit", () => {
      writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.resourceUsage()));
    });`;
  const start = performance.now();
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(onExit)}`, COMMAND, ...args],
    { cwd, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
  );
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`jute ${args.join(" ")} failed:\n${stdout}${stderr}`);
  const usage = JSON.parse(readFileSync(report, "utf8")) as NodeJS.ResourceUsage;
  return {
    seconds,
    processorSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMegabytes: usage.maxRSS / 1024,
  };
}

/** A schema of so many records, a hundred to a file, in a new directory. */
export function writeSchema(project: string, records: number): void {
  mkdirSync(project, { recursive: true });
  for (const { name, text } of syntheticSchema(records)) {
    writeFileSync(join(project, name), text);
  }
}
