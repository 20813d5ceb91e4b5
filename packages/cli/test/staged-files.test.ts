/** New contents of files before and after they are put into their places. */
import { readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { StagedFiles } from "../src/generate/staged-files.js";
import { Scratch } from "./scratch.js";

function staged(scratch: Scratch) {
  const files = new StagedFiles();
  for (const name of ["old/a.ts", "new/index.ts", "new/deep/b.ts", "new/deep/c.ts"]) {
    const { temporary, isNew } = files.reserve(scratch.path(name));
    expect(isNew, name).toBe(name.startsWith("new"));
    writeFileSync(temporary, `text of ${name}\n`);
  }
  return files;
}

const TWO_OLD = { "old/a.ts": "old text\n", "old/z.ts": "another one\n" };

test("what is in a new directory appears with it, and what is in an old one beside the others", () => {
  const scratch = new Scratch(TWO_OLD);
  const files = staged(scratch);
  expect(readdirSync(scratch.directory).filter((name) => !name.startsWith("."))).toEqual(["old"]);
  expect(scratch.read("old/a.ts")).toBe("old text\n");
  files.commit();
  expect(scratch.tree()).toEqual({
    "new/deep/b.ts": "text of new/deep/b.ts\n",
    "new/deep/c.ts": "text of new/deep/c.ts\n",
    "new/index.ts": "text of new/index.ts\n",
    "old/a.ts": "text of old/a.ts\n",
    "old/z.ts": "another one\n",
  });
});

test("a run that fails leaves neither new directories nor temporary ones", () => {
  const scratch = new Scratch(TWO_OLD);
  staged(scratch).discard();
  expect(readdirSync(scratch.directory)).toEqual(["old"]);
  expect(scratch.tree()).toEqual(TWO_OLD);
});

test("a directory that has appeared in the meantime is not replaced", () => {
  const scratch = new Scratch(TWO_OLD);
  const files = staged(scratch);
  scratch.write("new/mine.ts", "mine\n");
  expect(() => {
    files.commit();
  }).toThrow(/ENOTEMPTY|EEXIST|EPERM/);
  files.discard();
  expect(scratch.tree()).toEqual({ ...TWO_OLD, "new/mine.ts": "mine\n" });
});
