#!/usr/bin/env node
/** The `jute` executable: connects the command line to the process, and does nothing else. */
import process from "node:process";
import { runCommandLine } from "./node/command-line.js";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
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
