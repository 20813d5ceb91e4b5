#!/usr/bin/env node
/** The `jute` executable: connects the command line to the process, and does nothing else. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { runCommandLine } from "./command-line.js";
import { whyRefused } from "./system-error.js";

// Where it lies is the same for src and for dist.
const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

// A reader that has seen enough, such as head, is no reason for a stack trace, and neither is a full disk.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`jute: cannot write to standard output: ${whyRefused(error)}\n`);
  process.exit(1);
});
// What nobody reads is lost, and the exit code still says how it went.
process.stderr.on("error", () => undefined);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  version,
  cwd: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interruption: () => {
    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        interrupted.abort();
      });
    }
    return interrupted.signal;
  },
});
