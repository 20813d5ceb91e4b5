/** A snapshot that our admin server has sent, restored to all members of an ensemble: Apache's servers and ours go on from it together. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpCode } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { findFreePorts } from "../../../packages/server/src/ensemble/free-ports.js";
import { readSnapshotFile, replaceData } from "../../../packages/server/src/node/restoring.js";
import { loadConfiguration } from "../../../packages/server/src/node/server.js";
import { node } from "../../../packages/server/test/client-of.js";
import { RawClient } from "../../../packages/server/test/raw-client.js";
import { ask } from "../kit/four-letter-words.js";
import { type MixedEnsemble, withMixedEnsemble } from "../kit/mixed-ensemble.js";
import { describeWithApache } from "../kit/test-with-apache.js";

describeWithApache("a snapshot by the admin server", (java) => {
  it(
    "restores an ensemble of Apache's servers and ours",
    async () => {
      const [port = 0] = await findFreePorts(1);
      const settings = {
        "admin.enableServer": true,
        "admin.serverAddress": "127.0.0.1",
        "admin.serverPort": port,
      };
      const servers = ["ownCommand", "ownCommand", "ownCommand"] as const;
      await withMixedEnsemble({ java, servers, each: [settings] }, async (ensemble) => {
        await ensemble.start(1, 2, 3);
        await ensemble.ready(READY_MS);
        await using client = await clientOf(ensemble, 1);
        for (let i = 0; i < 50; i++) await client.ask(OpCode.create, node(`/kept${i}`, "x"));
        const response = await fetch(`http://127.0.0.1:${port}/commands/snapshot`, {
          headers: { authorization: "ip" },
        });
        const zxid = BigInt(response.headers.get("last_zxid") ?? 0);
        const file = join(ensemble.directory, "copy");
        writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
        // This is what restoring undoes.
        await client.ask(OpCode.create, node("/after"));
        await client.ask(OpCode.delete, { path: "/kept7", version: -1 });
        await Promise.all(ensemble.sids.map((sid) => ensemble.server(sid).stop()));

        const snapshot = await readSnapshotFile(file);
        expect(snapshot).toMatchObject({ zxid, isExact: true });
        for (const sid of ensemble.sids) {
          const { settings: own } = loadConfiguration(
            join(ensemble.directory, String(sid), "zoo.cfg"),
          );
          replaceData(own, snapshot, "test");
        }
        ensemble.replace(1, "apache");
        ensemble.replace(2, "apache");
        await ensemble.start(1, 2, 3);
        await ensemble.ready(READY_MS);
        await ensemble.converged();
        for (const sid of ensemble.sids) {
          await using reader = await clientOf(ensemble, Number(sid));
          const { body } = await reader.ask(OpCode.getChildren, { path: "/", watch: false });
          const expected = Array.from({ length: 50 }, (_, i) => `kept${i}`);
          expect([...(body?.children ?? [])].sort()).toEqual([...expected, "zookeeper"].sort());
        }
        const srvr = await ask(addressOf(ensemble, 1), "srvr");
        expect(BigInt(/^Zxid: (0x\w+)$/mu.exec(srvr)?.[1] ?? 0)).toBeGreaterThan(zxid);
      });
    },
    TEST_MS,
  );
});

function addressOf(ensemble: MixedEnsemble, sid: number): { host: string; port: number } {
  const address = ensemble.members[sid - 1]?.client;
  if (address === undefined) throw new Error(`server ${sid} has no client port`);
  return address;
}

async function clientOf(ensemble: MixedEnsemble, sid: number): Promise<RawClient> {
  const { host, port } = addressOf(ensemble, sid);
  const client = new RawClient(port, host);
  await client.open({ timeOut: 30_000 });
  return client;
}

const READY_MS = 120_000;
const TEST_MS = 300_000;
