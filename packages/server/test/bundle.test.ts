/** What the command is made of stays in memory for as long as a server runs. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SpawnedCommand } from "./spawned-command.js";

it("is ASCII alone: one other character, and the engine keeps all of it at two bytes each", async () => {
  const command = await SpawnedCommand.bundle();
  try {
    const source = readFileSync(command.program);
    expect(source.length).toBeGreaterThan(100_000);
    expect(source.length).toBeLessThan(1_300_000);
    expect(source.findIndex((byte) => byte > 0x7f)).toBe(-1);
  } finally {
    command.remove();
  }
});
