/** Which servers of an ensemble sync in place: followers, and neither their leader nor observers. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OpCode } from "@jute-ts/zookeeper";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { node } from "../../test/client-of.js";
import { RawClient } from "../../test/raw-client.js";
import { SpawnedCommand } from "../../test/spawned-command.js";
import { startProcessEnsemble } from "../ensemble/process-ensemble.js";
import { startEnsemble } from "../index.js";
import { askFourLetterWord } from "./four-letter-word.js";

let command: SpawnedCommand;
beforeAll(async () => {
  command = await SpawnedCommand.bundle();
});
afterAll(() => {
  command.remove();
});

/** For an ensemble, on a disk of which no fsync takes long, where there is one. Removed after it. */
function quickDirectory(ensemble: { stop?: () => Promise<void> }): string {
  const memory = "/dev/shm";
  const above = existsSync(memory) ? memory : tmpdir();
  const directory = mkdtempSync(join(above, "jute-ts-sync-roles-"));
  onTestFinished(async () => {
    await ensemble.stop?.();
    rmSync(directory, { recursive: true });
  });
  return directory;
}

it("only followers do", { timeout: 60_000 }, async () => {
  const running: { stop?: () => Promise<void> } = {};
  const ensemble = await startProcessEnsemble({
    observers: 1,
    directory: quickDirectory(running),
    program: command.program,
    settings: { "4lw.commands.whitelist": "mntr" },
  });
  running.stop = () => ensemble.stop();
  const client = new RawClient(ensemble.servers[0]?.client.port ?? 0);
  onTestFinished(() => client.drop());
  await client.open({ timeOut: 20_000 });
  const seen = async (): Promise<{ role: string; syncs: number }[]> => {
    const answers = ensemble.servers.map(({ client: at }) => askFourLetterWord(at, "mntr"));
    return (await Promise.all(answers)).map((answer) => ({
      role: /^zk_server_state\t(.*)$/mu.exec(answer)?.[1] ?? "",
      syncs: Number(/^zk_fsyncs_in_place\t(.*)$/mu.exec(answer)?.[1]),
    }));
  };
  const ofFollowers = async (): Promise<number[]> =>
    (await seen()).filter(({ role }) => role === "follower").map(({ syncs }) => syncs);
  let written = 0;
  do {
    for (let left = 100; left > 0; left--) {
      await client.ask(OpCode.create, node(`/${written++}`));
      // The threads are to be idle most of the time.
      await delay(2);
    }
  } while (written < 10_000 && Math.min(...(await ofFollowers())) < 50);
  expect((await ofFollowers()).filter((syncs) => syncs >= 50)).toHaveLength(2);
  const others = (await seen()).filter(({ role }) => role !== "follower");
  expect(others.map(({ role }) => role).sort()).toEqual(["leader", "observer"]);
  expect(others.map(({ syncs }) => syncs)).toEqual([0, 0]);
});

it("nobody does where the thread is a program's, unless it asks for that", async () => {
  const running: { stop?: () => Promise<void> } = {};
  const ensemble = await startEnsemble({ size: 1, directory: quickDirectory(running) });
  running.stop = () => ensemble.stop();
  const leader = await ensemble.ready();
  for (let written = 0; written < 100; written++) {
    await leader.propose(OpCode.create, node(`/${written}`));
    await delay(2);
  }
  const figures = leader.metrics();
  expect(figures.find(({ name }) => name === "fsyncs_in_place")?.value).toBe(0);
});
