/** What nobody wants in a file and still must be told of: texts that control terminals, and damage that a filter leaves out. */
import { readFileSync } from "node:fs";
import path from "node:path";
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
