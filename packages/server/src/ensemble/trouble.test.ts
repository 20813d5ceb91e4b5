/** What a test can make the servers of an ensemble go through, and that they come out of it. */
import { OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { node, openClient } from "../../test/client-of.js";
import { SpawnedCommand } from "../../test/spawned-command.js";
import { askFourLetterWord } from "../node/four-letter-word.js";
import { type Ensemble, startEnsemble } from "./ensemble.js";
import type { EnsembleControl } from "./ensemble-control.js";
import { startProcessEnsemble } from "./process-ensemble.js";

const running: EnsembleControl[] = [];

async function start(): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size: 3, storage: "memory" });
  running.push(ensemble);
  return ensemble;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((ensemble) => ensemble.stop()));
});

async function create(ensemble: Ensemble, path: string): Promise<void> {
  await ensemble.propose(OpCode.create, { path, data: null, acl: OPEN_ACL_UNSAFE, flags: 0 });
}

/** What a server says of itself, if it says anything soon. */
async function ask(ensemble: EnsembleControl, id: number): Promise<string> {
  const server = ensemble.servers.find(({ sid }) => sid === BigInt(id));
  if (server === undefined) throw new Error("no such server");
  const answer = await Promise.race([
    askFourLetterWord(server.client, "ruok").catch(() => "refused"),
    new Promise<string>((resolve) => setTimeout(resolve, 300, "silence")),
  ]);
  return answer;
}

describe("a server of an ensemble in memory", () => {
  it("is cut off from the others, who elect without it, and comes back to them", async () => {
    const ensemble = await start();
    const first = await ensemble.ready();
    const { sid } = first.status();
    ensemble.isolateServer(sid);
    await first.waitFor(({ role }) => role === "looking");
    const [other = 0n] = ensemble.sids.filter((each) => each !== sid);
    const next = await ensemble
      .peer(other)
      .waitFor(({ serving, leader }) => serving && leader !== sid);
    expect(next.leader).not.toBe(sid);
    // Clients still reach it.
    expect(await ask(ensemble, Number(sid))).toBe("imok");
    await create(ensemble, "/without-it");
    expect(ensemble.tree(sid).getChildren("/")).not.toContain("without-it");
    ensemble.reconnectServer(sid);
    await ensemble.waitForRole(sid, "following");
    await ensemble.converged();
    expect(ensemble.tree(sid).getChildren("/")).toContain("without-it");
  });

  it("answers nobody while it is paused, and is replaced if it led", async () => {
    const ensemble = await start();
    const first = await ensemble.ready();
    const { sid } = first.status();
    await ensemble.pauseServer(sid);
    expect(await ask(ensemble, Number(sid))).toBe("silence");
    const others = ensemble.sids.filter((each) => each !== sid);
    for (const other of others) {
      await ensemble
        .peer(other)
        .waitFor(({ serving, leader }) => serving && leader !== undefined && leader !== sid);
    }
    // It takes itself for the leader still.
    expect(first.status().role).toBe("leading");
    ensemble.resumeServer(sid);
    await ensemble.waitForRole(sid, "following");
    expect(await ask(ensemble, Number(sid))).toBe("imok");
    await ensemble.pauseServer(sid);
    await ensemble.stopServer(sid);
  });

  it("crashes, and comes back with what it had", async () => {
    const ensemble = await start();
    await create(ensemble, "/a");
    await ensemble.killServer(1);
    await ensemble.killServer(2);
    await ensemble.killServer(3);
    await Promise.all([1, 2, 3].map((id) => ensemble.startServer(id)));
    await ensemble.ready();
    expect(ensemble.tree().getChildren("/")).toContain("a");
    await ensemble.restartServer(2);
    await ensemble.converged();
  });
});

describe("a client whose request was just carried out", () => {
  it.each([
    ["stopServer", "hears of it"],
    ["killServer", "does not hear of it"],
  ] as const)("%s: %s", async (end, what) => {
    const ensemble = await startEnsemble({ size: 1, storage: "memory" });
    running.push(ensemble);
    const client = await openClient(ensemble);
    const ended = new Promise<void>((resolve) => {
      ensemble.peer(1).once("applied", () => {
        resolve(ensemble[end](1));
      });
    });
    client.post(OpCode.create, node("/done"));
    expect(await client.frame()).toEqual(what === "hears of it" ? expect.anything() : undefined);
    await ended;
    await ensemble.startServer(1);
    await ensemble.ready();
    expect(ensemble.tree().getChildren("/")).toContain("done");
  });
});

it("can be done to processes, too", async () => {
  const command = await SpawnedCommand.bundle();
  try {
    const ensemble = await startProcessEnsemble({ size: 1, program: command.program });
    running.push(ensemble);
    await ensemble.pauseServer(1);
    expect(await ask(ensemble, 1)).toBe("silence");
    ensemble.resumeServer(1);
    expect(await ask(ensemble, 1)).toBe("imok");
    await ensemble.pauseServer(1);
    await ensemble.stopServer(1);
    expect(await ask(ensemble, 1)).toBe("refused");
    await ensemble.startServer(1);
    await ensemble.ready();
  } finally {
    command.remove();
  }
});
