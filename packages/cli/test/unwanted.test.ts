/** What nobody wants: texts that control terminals, damage that a filter leaves out, copies that are not whole. */
import { chmodSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { Scratch } from "./scratch.js";

const recorded = path.resolve(import.meta.dirname, "../../../test/java/persistence/recorded");
const snapshot = readFileSync(path.join(recorded, "one-seal/snapshot.200000002"));

test("names of znodes cannot forge lines of a tree or of a difference", async () => {
  const scratch = new Scratch();
  scratch.write("snapshot.200000002", snapshot);
  const { stdout } = await scratch.jute("decode", "snapshot.200000002", "--output", "json");
  scratch.write("forged.json", stdout.replaceAll("/app/second", "/app/se\\nforged\\u001b[2J"));
  const line = ["encode", "forged.json", "--as", "file", "--encoding", "hex"];
  const encoded = await scratch.jute(...line);
  expect(encoded).toMatchObject({ exitCode: 0 });
  scratch.write("other/snapshot.200000002", Buffer.from(encoded.stdout.trim(), "hex"));
  const shown = "/app/se\\nforged\\u001b[2J";
  for (const output of [
    await scratch.jute("data", "tree", "other/snapshot.200000002"),
    await scratch.jute("data", "diff", "snapshot.200000002", "other/snapshot.200000002"),
  ]) {
    expect(output.stdout).toContain(shown);
    expect(output.stdout).not.toContain("\u001b");
    expect(output.stdout.split("\n")).not.toContain("forged");
  }
});

test("what is damaged is shown, whatever is asked for, as the exit code is its", async () => {
  const scratch = new Scratch();
  const log = Buffer.from(readFileSync(path.join(recorded, "logs/log.100000001")));
  // In the data of the third txn: its checksum is wrong.
  const at = log.indexOf("config");
  log.write("C", at);
  scratch.write("log.100000001", log);
  for (const filter of [["--errors"], ["--op", "sync"], ["--path", "/nowhere"]]) {
    const { exitCode, stdout } = await scratch.jute("decode", "log.100000001", ...filter);
    expect([filter, exitCode]).toEqual([filter, 1]);
    expect(stdout).toMatch(/^ {2}! at byte \d+: checksum: /m);
    // Nothing else that was not asked for.
    expect(stdout).not.toContain("createSession");
  }
});

test("a copy of a log that is not finished leaves nothing that looks like one", async () => {
  const scratch = new Scratch();
  scratch.write("log.100000001", readFileSync(path.join(recorded, "logs/log.100000001")));
  const cut = ["data", "cut", "log.100000001", "--zxid", "0x100000005", "--out", "copy"];
  const interruption = (): AbortSignal => AbortSignal.abort();
  expect(await scratch.juteWith({ interruption }, ...cut)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "jute: interrupted: nothing was written\n",
  });
  expect(Object.keys(scratch.tree())).toEqual(["log.100000001"]);
  expect(await scratch.jute(...cut)).toMatchObject({ exitCode: 0, stderr: "" });
  // What is there already is not removed, either.
  const whole = scratch.read("copy");
  expect(await scratch.juteWith({ interruption }, ...cut)).toMatchObject({ exitCode: 2 });
  expect(scratch.read("copy")).toBe(whole);
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a file that cannot be replaced is named, and not the one that was to replace it",
  async () => {
    const scratch = new Scratch({ "sub/a.jute": "module a{class A{int n;}}" });
    chmodSync(scratch.path("sub"), 0o555);
    const { exitCode, stderr } = await scratch.jute("format", "sub/a.jute");
    chmodSync(scratch.path("sub"), 0o755);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "jute: cannot write sub/a.jute: permission denied\n",
    });
  },
);

test.each([
  ["--zxid", "0x5..0x1"],
  ["--since", "2030-01-01", "--until", "2020-01-01"],
])(
  "a range that ends before it starts is wrong usage, as nothing is in it: %s %s",
  async (...range) => {
    const scratch = new Scratch();
    scratch.write("log.100000001", readFileSync(path.join(recorded, "logs/log.100000001")));
    const { exitCode, stdout, stderr } = await scratch.jute("decode", "log.100000001", ...range);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("before");
  },
);
