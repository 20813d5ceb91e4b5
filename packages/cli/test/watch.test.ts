/** `jute generate --watch`: what starts a run, and that it survives what editors do. */
import { renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { CommandResult } from "./scratch.js";
import { Scratch } from "./scratch.js";

const GOOD = "module a { class A { int n; } }\n";

/** A watching `jute` in process, with what it has said so far. */
class Watching {
  readonly #interrupted = new AbortController();
  readonly #finished: Promise<CommandResult>;
  output = "";

  constructor(scratch: Scratch, ...arguments_: readonly string[]) {
    const stream = {
      write: (text: string) => {
        this.output += text;
      },
    };
    this.#finished = scratch.juteWith(
      { stdout: stream, stderr: stream, interruption: () => this.#interrupted.signal },
      "generate",
      "--watch",
      ...arguments_,
    );
    onTestFinished(async () => {
      await this.stop();
    });
  }

  /** Waits until the output so far matches, and forgets it. Returns what matched with all before it. */
  async says(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + 10_000;
    while (!pattern.test(this.output)) {
      if (Date.now() > deadline) throw new Error(`no ${String(pattern)} in: ${this.output}`);
      await sleep(5);
    }
    const said = this.output;
    this.output = "";
    return said;
  }

  async stop(): Promise<CommandResult> {
    this.#interrupted.abort();
    return this.#finished;
  }
}

describe("watch", () => {
  test("generates at once, again after a change, and ends well when interrupted", async () => {
    const scratch = new Scratch({ "a.jute": GOOD });
    const jute = new Watching(scratch, "a.jute", "-o", "out");
    await jute.says(/4 written/);
    scratch.write("a.jute", GOOD.replace("int n", "long n"));
    await jute.says(/\d written/);
    expect(scratch.read("out/a/A.ts")).toContain("n!: bigint");
    expect(await jute.stop()).toMatchObject({ exitCode: 0 });
  });

  test("survives an editor that saves by renaming", async () => {
    const scratch = new Scratch({ "a.jute": GOOD });
    const jute = new Watching(scratch, "a.jute", "-o", "out");
    await jute.says(/4 written/);
    for (const name of ["first", "second"]) {
      scratch.write("a.jute~", GOOD.replace("int n", `int ${name}`));
      renameSync(scratch.path("a.jute~"), scratch.path("a.jute"));
      await jute.says(/written/);
      expect(scratch.read("out/a/A.ts")).toContain(`${name}!: number`);
    }
  });

  test("prints errors, leaves the output, and goes on", async () => {
    const scratch = new Scratch({ "a.jute": GOOD });
    const jute = new Watching(scratch, "a.jute", "-o", "out");
    await jute.says(/4 written/);
    const before = scratch.tree("out");
    scratch.write("a.jute", GOOD.replace("int n", "Nothing n"));
    expect(await jute.says(/left as it was/)).toContain("JUTE020");
    rmSync(scratch.path("a.jute"));
    await jute.says(/cannot read a\.jute/);
    expect(scratch.tree("out")).toEqual(before);
    scratch.write("a.jute", GOOD);
    await jute.says(/0 written, 4 unchanged/);
  });

  test("sees changes of included files, and included files that appear later", async () => {
    const scratch = new Scratch({
      "defs/b.jute": 'include "../lib/a.jute"\nmodule b { class B { a.A a; } }\n',
    });
    const jute = new Watching(scratch, "defs/b.jute", "-o", "out");
    await jute.says(/left as it was/);
    scratch.write("lib/a.jute", GOOD);
    await jute.says(/2 modules, 2 records/);
    scratch.write("lib/a.jute", GOOD.replace("int n", "boolean n"));
    await jute.says(/written/);
    expect(scratch.read("out/a/A.ts")).toContain("n!: boolean");
  });

  test("takes in new files that a pattern matches, and changes of the config", async () => {
    const config = (outDir: string) =>
      JSON.stringify({ generate: [{ files: ["*.jute"], outDir }] });
    const scratch = new Scratch({ "a.jute": GOOD, "jute.config.json": config("out") });
    const jute = new Watching(scratch);
    await jute.says(/1 module, 1 record → out/);
    scratch.write("b.jute", GOOD.replace("module a", "module b"));
    await jute.says(/2 modules, 2 records → out/);
    scratch.write("jute.config.json", "{");
    await jute.says(/jute\.config\.json:1:2: /);
    scratch.write("jute.config.json", config("elsewhere"));
    await jute.says(/2 modules, 2 records → elsewhere/);
  });

  test("prints one JSON document a line", async () => {
    const scratch = new Scratch({ "a.jute": GOOD });
    const jute = new Watching(scratch, "a.jute", "-o", "out", "--output", "json");
    const first = await jute.says(/\n/);
    expect(JSON.parse(first)).toMatchObject({ result: "written" });
    expect(first.trim()).not.toContain("\n");
  });

  test("does not start when the command makes no sense", async () => {
    const scratch = new Scratch();
    expect(await new Watching(scratch, "a.jute", "-o", "out").stop()).toMatchObject({
      exitCode: 2,
    });
  });
});
