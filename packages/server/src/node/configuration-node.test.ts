/** What clients read in `/zookeeper/config`. Apache's servers are compared with ours in test/interop. */
import { setTimeout as delay } from "node:timers/promises";
import { OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { RawClient } from "../../test/raw-client.js";
import { startEnsemble, startServer } from "../index.js";

it("every server of an ensemble shows the lines of all, before and after a restart", async () => {
  const ensemble = await startEnsemble({ size: 3 });
  onTestFinished(() => ensemble.stop());
  const ports = ensemble.servers.map(({ client }) => client.port);
  const lines = ports.map(
    (port, index) =>
      `server\\.${index + 1}=127\\.0\\.0\\.1:\\d+:\\d+:participant;127\\.0\\.0\\.1:${port}\n`,
  );
  const shown = await Promise.all(ports.map(readConfiguration));
  for (const text of shown) expect(text).toMatch(new RegExp(`^${lines.join("")}version=0$`));
  await ensemble.restartServer(1);
  await ensemble.ready();
  expect(await readConfiguration(ports[0] ?? 0)).toBe(shown[0]);
});

it("a server that stands alone shows none, as Apache's", async () => {
  const server = await startServer({ storage: "memory" });
  onTestFinished(() => server.stop());
  const port = Number(server.connectString.split(":")[1]);
  expect(await readConfiguration(port)).toBe("");
});

/** The text; undefined where there is no data. */
async function readConfiguration(port: number): Promise<string | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    await using client = new RawClient(port);
    const session = await client.open().catch(() => undefined);
    if (session !== undefined) {
      const { body } = await client.ask(OpCode.getData, {
        path: "/zookeeper/config",
        watch: false,
      });
      return body?.data === null ? undefined : new TextDecoder().decode(body?.data);
    }
    await delay(50);
  }
  throw new Error("no session");
}
