import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { SeedWorker, WorkerEnded } from "./workers.js";

it("tells in which seeds a process has ended that runs them", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "jute-workers-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const entry = path.join(directory, "entry.mjs");
  writeFileSync(entry, 'process.on("message", () => process.exit(3));');
  const worker = new SeedWorker(entry, {
    mutant: undefined,
    twice: false,
    clientPortPercent: 0,
  });
  const ended = await worker.run([7, 8]).catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(WorkerEnded);
  expect(String(ended)).toContain("A process ended by code 3 while it ran the seeds 7, 8.");
  worker.end();
});
