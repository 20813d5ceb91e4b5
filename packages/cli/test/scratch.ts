/** A throw-away directory for one test, and a Surroundings whose streams can be read afterwards. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../src/command-line.js";
import type { ExitCode, Surroundings } from "../src/surroundings.js";

export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export class Scratch {
  readonly directory: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.directory = mkdtempSync(path.join(tmpdir(), "jute-cli-"));
    onTestFinished(() => {
      rmSync(this.directory, { recursive: true, force: true });
      // Thousands of files on a busy disk take longer than the usual ten seconds.
    }, 60_000);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(name: string): string {
    return path.join(this.directory, name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Every file below a directory with its text, by path relative to it. */
  tree(name = "."): Record<string, string> {
    const root = this.path(name);
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .sort();
    return Object.fromEntries(
      files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]),
    );
  }

  /** Runs `jute` in process, in this directory. */
  async jute(...arguments_: readonly string[]): Promise<CommandResult> {
    return this.juteWith({}, ...arguments_);
  }

  /** Like {@link jute}, with parts of the surroundings replaced. */
  async juteWith(
    surroundings: Partial<Surroundings>,
    ...arguments_: readonly string[]
  ): Promise<CommandResult> {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const exitCode = await runCommandLine(arguments_, {
      version: "0.0.0",
      cwd: this.directory,
      env: {},
      stdin: chunks(),
      stdout: { write: (chunk) => stdout.push(Buffer.from(chunk)) },
      stderr: { write: (chunk) => stderr.push(Buffer.from(chunk)) },
      // Who watches ends after the first run.
      interruption: () =>
        arguments_.includes("--watch") ? AbortSignal.abort() : new AbortController().signal,
      ...surroundings,
    });
    return {
      exitCode,
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    };
  }
}

/** Standard input that holds these chunks. */
export async function* chunks(...content: readonly (string | Uint8Array)[]) {
  for (const chunk of content) yield Promise.resolve(Buffer.from(chunk));
}
