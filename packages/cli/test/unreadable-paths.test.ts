/** Paths that the system refuses to look at: each command says so in a line, whichever way it first asks for them. */
import { symlinkSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { Scratch } from "./scratch.js";

const SCHEMA = "module a {\n    class A {\n        int n;\n    }\n}\n";

const paths = {
  "a name that is too long": "x".repeat(300),
  "a loop of links": "loop.jute",
  "a path through a loop": "loop.jute/below",
  "a path through a file": "a.jute/below",
} as const;

const commands: Readonly<Record<string, (place: string) => readonly string[]>> = {
  check: (place) => ["check", place],
  format: (place) => ["format", place],
  lint: (place) => ["lint", place],
  "generate from it": (place) => ["generate", place, "-o", "out"],
  "generate to it": (place) => ["generate", "a.jute", "-o", place],
  "a config": (place) => ["check", "--config", place],
  "breaking, old": (place) => ["breaking", place, "a.jute"],
  "breaking, new": (place) => ["breaking", "a.jute", place],
  decode: (place) => ["decode", place],
  "decode with a schema": (place) => ["decode", "--schema", place, "--record", "A", "--hex", "00"],
  encode: (place) => ["encode", place],
  "data verify": (place) => ["data", "verify", place],
  "data tree": (place) => ["data", "tree", place],
  "data diff": (place) => ["data", "diff", place, place],
  "data history": (place) => ["data", "history", place, "--path", "/a"],
  init: (place) => ["init", place],
};

describe.skipIf(process.platform === "win32").each(Object.entries(paths))("%s", (_name, place) => {
  test.each(Object.entries(commands))("given to %s", async (_command, lineFor) => {
    const scratch = new Scratch({ "a.jute": SCHEMA });
    symlinkSync("loop.jute", scratch.path("loop.jute"));
    const { exitCode, stdout, stderr } = await scratch.jute(...lineFor(place));
    expect([1, 2]).toContain(exitCode);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^jute: [^\n]+\n$/);
  });
});

test.skipIf(process.platform === "win32")(
  "a link without an end among a server's files is of no consequence, unless it has a name of theirs",
  async () => {
    const scratch = new Scratch();
    const recorded = path.resolve(
      import.meta.dirname,
      "../../../test/java/persistence/recorded/logs/log.100000001",
    );
    symlinkSync(recorded, scratch.path("log.100000001"));
    symlinkSync("loop", scratch.path("loop"));
    const without = await scratch.jute("data", "history", ".", "--path", "/app");
    expect(without).toMatchObject({ exitCode: 0, stderr: "" });
    expect(without.stdout).toContain("create");
    symlinkSync("log.900000001", scratch.path("log.900000001"));
    const { exitCode, stderr } = await scratch.jute("data", "history", ".", "--path", "/app");
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^jute: [^\n]*log\.900000001[^\n]*too many symbolic links/m);
  },
);

// Of a directory in /proc the kernel says that it is not there, even when it is to be made: node's own
// way to make it and those above it never returns.
test.runIf(process.platform === "linux").each([
  ["init", ["init", "/proc/records"]],
  ["generate", ["generate", "a.jute", "-o", "/proc/records/here"]],
])("%s says where no directory can be made", async (_name, line) => {
  const scratch = new Scratch({ "a.jute": SCHEMA });
  const { exitCode, stderr } = await scratch.jute(...line);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^jute: cannot write [^\n]*\n$/);
});
