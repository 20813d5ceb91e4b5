import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache } from "./kit/test-with-apache.js";
import { until } from "./kit/waiting.js";
import { runWorkload } from "./kit/workload.js";

const SIDS = [1, 2, 3] as const;
const ROUNDS = 6;

describeWithApache("data directories", (java) => {
  it(`are handed over between Apache's servers and ours for ${ROUNDS} rounds`, async () => {
    const options = {
      java,
      servers: ["apache", "apache", "apache"] as const,
      // Snapshots and new logs again and again, by both.
      apache: { snapCount: 120, snapshotSizeFactor: -1 },
      own: { snapCount: 120 },
    };
    await withMixedEnsemble(options, async (ensemble) => {
      for (let round = 0; round < ROUNDS; round++) {
        // Every directory changes hands in every round but the first; Apache always has one, for the client.
        const makers = SIDS.map((sid): Maker => ((sid + round) % 2 === 0 ? "own" : "apache"));
        for (const [index, sid] of SIDS.entries()) {
          ensemble.replace(sid, makers[index] ?? "apache");
        }
        await ensemble.start(...SIDS);
        await ensemble.ready();
        const apache = SIDS.filter((sid) => ensemble.isApache(sid));
        const session = await ensemble.connect(...apache);
        const seed = 100 + round;
        await runWorkload([session], { writes: 300, seed, root: `/round${round}` });
        await session.close();
        await expectSameTrees(ensemble);
        await Promise.all(SIDS.map((sid) => ensemble.server(sid).stop()));
      }
    });
  });

  it("without data are brought up to date by whoever leads, and count for nothing until then", async () => {
    const options = {
      java,
      servers: ["own", "own", "apache"] as const,
      apache: { "db.autocreate": "false" },
      own: { "db.autocreate": "false" },
    };
    await withMixedEnsemble(options, async (ensemble) => {
      for (const sid of [1, 2]) {
        await mkdir(ensemble.server(sid).dataDir, { recursive: true });
        await writeFile(join(ensemble.server(sid).dataDir, "initialize"), "");
      }
      // Apache's server alone says of itself that it has no epoch; ours reads that.
      const epochFile = join(ensemble.server(3).dataDir, "version-2", "currentEpoch");
      await ensemble.start(3);
      const hasEpoch = async (): Promise<boolean> =>
        (await readFile(epochFile, "utf8").catch(() => "")) === "-1";
      await until(hasEpoch, 20_000, () => "the epoch of Apache's server");
      await ensemble.server(3).stop();
      ensemble.replace(3, "own");
      await ensemble.start(3);
      expect(ensemble.own(3).reported("recovered").at(-1)).toMatchObject({ currentEpoch: 0 });
      expect(ensemble.own(3).reported("withoutVote")).toHaveLength(1);
      await ensemble.server(3).stop();

      // Our leader takes in Apache's server without data.
      ensemble.replace(3, "apache");
      await ensemble.start(1, 2);
      await ensemble.ready();
      await ensemble.start(3);
      await ensemble.ready();
      const session = await ensemble.connect(3);
      await runWorkload([session], { writes: 20, seed: 3, root: "/without" });
      await session.close();
      await Promise.all(SIDS.map((sid) => ensemble.server(sid).stop()));

      // Of Apache's with the data and ours without, there is no quorum that may lead.
      await rm(join(ensemble.server(1).dataDir, "version-2"), { recursive: true });
      await ensemble.start(1, 3);
      await expect(ensemble.ready(6000)).rejects.toThrow();
      expect(ensemble.own(1).reported("withoutVote")).toHaveLength(1);
      // With the third there is, and ours is brought up to date.
      await ensemble.start(2);
      await ensemble.ready();
      await expectSameTrees(ensemble);
    });
  });

  for (const compression of ["gz", "snappy"] as const) {
    it(`with Apache's ${compression} snapshots are read by ours`, async () => {
      const options = {
        java,
        servers: ["apache", "apache"] as const,
        apache: { "snapshot.compression.method": compression, snapCount: 100 },
      };
      await withMixedEnsemble(options, async (ensemble) => {
        await ensemble.start(1, 2);
        await ensemble.ready();
        const session = await ensemble.connect(1, 2);
        await runWorkload([session], { writes: 1000, seed: 9, root: "/compressed" });
        await ensemble.converged();
        const before = withoutEphemerals(await session.nodes());
        await ensemble.server(1).stop();
        const files = await readdir(join(ensemble.server(1).dataDir, "version-2"));
        const snapshots = files.filter((name) => name.startsWith("snapshot."));
        expect(snapshots.filter((name) => !name.endsWith(`.${compression}`))).toEqual([]);
        expect(snapshots.length).toBeGreaterThan(1);

        ensemble.replace(1, "own");
        await ensemble.start(1);
        const own = ensemble.own(1);
        const recovered = own.reported("recovered").at(-1);
        expect(recovered?.snapshotZxid).toBeGreaterThan(0n);
        expect(snapshots).toContain(
          `snapshot.${recovered?.snapshotZxid?.toString(16)}.${compression}`,
        );
        await ensemble.ready();
        expect(own.tree.differing).toEqual([]);
        expect(own.reported("digestMismatch")).toEqual([]);
        expect(withoutEphemerals(own.tree.nodes())).toEqual(before);
      });
    });
  }
});

/** Sessions may end while servers come and go. The root changes with them. */
function withoutEphemerals<T extends { readonly path: string; readonly stat: string }>(
  nodes: readonly T[],
): T[] {
  return nodes.filter(({ path, stat }) => {
    const owner = BigInt(stat.split(",")[7] ?? 0);
    return path.includes("/n") && !(owner > 0n);
  });
}

async function expectSameTrees(ensemble: MixedEnsemble): Promise<void> {
  const reader = await ensemble.connect(...SIDS.filter((sid) => ensemble.isApache(sid)));
  await ensemble.converged();
  const expected = await reader.nodes();
  for (const sid of SIDS) {
    if (ensemble.isApache(sid)) {
      expect(await ensemble.apache(sid).digestMismatches()).toBe(0);
    } else {
      expect(ensemble.own(sid).tree.nodes()).toEqual(expected);
      expect(ensemble.own(sid).tree.differing).toEqual([]);
      expect(ensemble.own(sid).reported("digestMismatch")).toEqual([]);
    }
  }
  await reader.close();
}
