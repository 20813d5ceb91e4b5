/** Random requests to one of our servers and one of Apache's: their answers, events and ends of connections are the same. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "../../packages/server/src/ensemble/free-ports.js";
import { startServer } from "@jute-ts/server";
import { expect, it, onTestFinished } from "vitest";
import { compareServers } from "./differential/comparison.js";
import { ApacheServer } from "./kit/apache-server.js";
import { describeWithApache, note } from "./kit/test-with-apache.js";

const REQUESTS = Number(process.env["INTEROP_REQUESTS"] ?? 3000);
const SEED = Number(process.env["INTEROP_SEED"] ?? 1);

/** Containers are removed at other times by each server, so not while this runs. */
const CONTAINER_CHECKS = "znode.container.checkIntervalMs";

describeWithApache("requests of clients", (java) => {
  it(
    `have the same effect on both servers, ${REQUESTS} of them`,
    { timeout: 120_000 + REQUESTS * 100 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "jute-ts-differential-"));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const [quorumPort = 0, electionPort = 0, apachePort = 0] = await findFreePorts(3);
      const client = { host: "127.0.0.1", port: apachePort };
      const addresses = [{ host: "127.0.0.1", quorumPort, electionPort }];
      const apache = new ApacheServer({
        java,
        sid: 1n,
        members: [{ sid: 1n, role: "participant", addresses, client }],
        directory,
        settings: { forceSync: "no", maxSessionTimeout: 60_000 },
        properties: { [CONTAINER_CHECKS]: "86400000" },
      });
      onTestFinished(() => apache.stop());
      await apache.start();
      const own = await startServer({
        storage: "memory",
        settings: {
          extendedTypesEnabled: true,
          maxSessionTimeout: 60_000,
          maxClientCnxns: 0,
          [CONTAINER_CHECKS]: 86_400_000,
        },
      });
      onTestFinished(() => own.stop());
      await until(async () => (await apache.ask("srvr").catch(() => "")).includes("Mode: "));
      const comparison = await compareServers({
        ownPort: Number(own.connectString.split(":")[1]),
        apachePort,
        requests: REQUESTS,
        seed: SEED,
        onProgress: (sent) => {
          if (sent % 10_000 < 100) note(`${sent} requests`);
        },
      });
      const { sent, equal, explained } = comparison;
      note(
        `${sent} requests: ${JSON.stringify(equal)}, explained ${JSON.stringify([...explained])}`,
      );
      expect(comparison.unexplained.join("\n")).toBe("");
      expect(sent).toBe(REQUESTS);
      // Otherwise nothing was compared.
      expect(Math.min(equal.ok, equal.failed)).toBeGreaterThan(REQUESTS / 10);
      expect(equal.closed).toBeGreaterThan(0);
    },
  );
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error("Apache's server does not serve");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
