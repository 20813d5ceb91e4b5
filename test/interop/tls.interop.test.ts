import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Java } from "./kit/java.js";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { createOf } from "./kit/requests.js";
import type { ServerCertificates } from "./kit/server.js";
import { describeWithApache } from "./kit/test-with-apache.js";
import { runWorkload } from "./kit/workload.js";

/** Each certificate of a server names one of these. */
const HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

describeWithApache(
  "ensembles whose links are encrypted, with the same PEM files for all",
  (java) => {
    it("have our follower of an Apache leader", async () => {
      await withEncryptedEnsemble(java, ["own", "apache", "apache"], {}, async (ensemble) => {
        await ensemble.start(2, 3);
        expect(await ensemble.ready()).toBe(3n);
        await ensemble.start(1);
        await ensemble.ready();
        expect(await ensemble.server(1).mode()).toBe("follower");
        const session = await ensemble.connect(2);
        await runWorkload([session], { writes: 300, seed: 31, root: "/encrypted" });
        expect((await ensemble.own(1).peer.proposeRaw(createOf("/by-ours"))).result.err).toBe(0);
        await expectSameTrees(ensemble, 1);
        expect(ensemble.own(1).tree.equalDigests).toBeGreaterThan(300);
      });
    });

    it("have Apache's followers of our leader, and elect again when it stops", async () => {
      await withEncryptedEnsemble(java, ["apache", "apache", "own"], {}, async (ensemble) => {
        await ensemble.start(1, 3);
        expect(await ensemble.ready()).toBe(3n);
        await ensemble.start(2);
        await ensemble.ready();
        const session = await ensemble.connect(1, 2);
        await runWorkload([session], { writes: 300, seed: 32, root: "/encrypted" });
        await expectSameTrees(ensemble, 3);

        await ensemble.server(3).stop();
        expect(await ensemble.ready()).toBe(2n);
        // Both servers have dropped their clients: until this one is back, it loses its requests.
        const isThere = (): Promise<boolean> =>
          session.create("/without-ours").then(
            () => true,
            (error: unknown) => String(error).includes("(-110)"),
          );
        await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
        await ensemble.start(3);
        await ensemble.ready();
        await expectSameTrees(ensemble, 3);
      });
    });

    it.each([
      ["a server of ours", "that only a stranger vouches for", "own", "forged"],
      ["a server of Apache", "that only a stranger vouches for", "apache", "forged"],
      ["a server of ours", "whose host is in no configuration", "own", "unnamed"],
    ] as const)("let %s %s join no leader of ours", async (_who, _why, intruder, certificate) => {
      const makers = ["apache", "own", intruder] as const;
      await withEncryptedEnsemble(java, makers, { 3: certificate }, async (ensemble) => {
        await ensemble.start(1, 2);
        expect(await ensemble.ready()).toBe(2n);
        await ensemble.start(3);
        await delay(4000);
        expect(await ensemble.server(3).mode()).toBeUndefined();
        // The honest ones go on all the while.
        const session = await ensemble.connect(1);
        await session.create("/unharmed");
        const { role, serving, learners } = ensemble.own(2).peer.status();
        expect({ role, serving }).toEqual({ role: "leading", serving: true });
        expect(learners.map(({ sid }) => sid)).toEqual([1n]);
        // And both logs say what is wrong: ours that it refuses, or that Apache's does.
        const refused = ensemble.own(2).reported("certificateRefused");
        expect(refused.map(({ by }) => by)).toContain("this server");
        if (intruder === "own" && certificate === "forged") {
          const itself = ensemble.own(3).reported("certificateRefused");
          expect(itself.map(({ by }) => by)).toContain("the other side");
        }
      });
    });
  },
);

async function withEncryptedEnsemble(
  java: Java,
  servers: readonly Maker[],
  files: Readonly<Record<number, string>>,
  work: (ensemble: MixedEnsemble) => Promise<void>,
): Promise<void> {
  const certificates = servers.map((_, index) =>
    certificatesOf(files[index + 1] ?? `server${index + 1}`),
  );
  await withMixedEnsemble({ java, servers, certificates, hosts: HOSTS }, work);
}

function certificatesOf(name: string): ServerCertificates {
  return { keyStore: pem(name), trustStore: pem("authority") };
}

function pem(name: string): string {
  return fileURLToPath(new URL(`../tls/${name}.pem`, import.meta.url));
}

async function expectSameTrees(ensemble: MixedEnsemble, ours: number): Promise<void> {
  const apache = ensemble.running.flatMap(([sid]) => (ensemble.isApache(sid) ? [sid] : []));
  const sessions = await Promise.all(apache.map((sid) => ensemble.connect(sid)));
  await ensemble.converged();
  const expected = ensemble.own(ours).tree.nodes();
  for (const session of sessions) expect(await session.nodes()).toEqual(expected);
  expect(ensemble.own(ours).tree.differing).toEqual([]);
}
