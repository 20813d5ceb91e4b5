/** What a leader counts of its observers, and that it begins again when it is asked to. */
import { OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { startEnsemble } from "../src/index.js";
import { node, openClient } from "./client-of.js";

interface Observers {
  readonly observers: readonly {
    readonly sid: number;
    readonly packets_received: number;
    readonly packets_sent: number;
    readonly requests: number;
  }[];
}

it("observer_connection_stat_reset has the counts of observers begin again", async () => {
  const settings = {
    "admin.enableServer": true,
    "admin.serverAddress": "127.0.0.1",
    "admin.serverPort": 0,
    // No ping comes between the reset and the look.
    tickTime: 2000,
  };
  const ensemble = await startEnsemble({ size: 1, observers: 1, storage: "memory", settings });
  onTestFinished(() => ensemble.stop());
  const port = ensemble.adminPort(1) ?? 0;
  const ask = async (command: string): Promise<Observers> =>
    (await (await fetch(`http://127.0.0.1:${port}/commands/${command}`)).json()) as Observers;
  const client = await openClient(ensemble, 1);
  for (let i = 0; i < 20; i++) await client.ask(OpCode.create, node(`/n${i}`));
  const [before] = (await ask("observers")).observers;
  // The session and the creates.
  expect(before).toMatchObject({ sid: 2, requests: 21 });
  expect(before?.packets_sent).toBeGreaterThan(21);
  expect(await ask("orst")).toEqual({ command: "observer_connection_stat_reset", error: null });
  const [after] = (await ask("observers")).observers;
  expect(after).toMatchObject({ sid: 2, requests: 0 });
  expect(after?.packets_sent).toBeLessThan(5);
  expect(after?.packets_received).toBeLessThan(5);
  await client.ask(OpCode.create, node("/later"));
  expect((await ask("observers")).observers).toMatchObject([{ requests: 1 }]);
});
