import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Corpus } from "./corpus.js";

it("keeps what another process adds while this one runs", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "jute-corpus-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const file = path.join(directory, "corpus.jsonl");
  const first = new Corpus(file);
  first.add({ seed: 1, kind: "quorum" }, { fault: { crash: 1 } });
  const [one, other] = [new Corpus(file), new Corpus(file)];
  other.add({ seed: 2, kind: "quorum" }, { fault: { crash: 4 } });
  // Seed 1 reaches what seed 3 has reached before it, and is left out.
  one.add({ seed: 3, kind: "quorum" }, { fault: { crash: 1 } });
  one.add({ seed: 1, kind: "quorum" }, { fault: { crash: 1 } });
  expect(one.tidy()).toBe(2);
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  expect(lines).toEqual(['{"seed":2,"kind":"quorum"}', '{"seed":3,"kind":"quorum"}']);
});
