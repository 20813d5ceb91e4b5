import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache, note } from "./kit/test-with-apache.js";
import { runWorkload } from "./kit/workload.js";

const KILLS = 4;

describeWithApache("what was acknowledged", (java) => {
  it(`survives ${KILLS} kill -9 of ours and of Apache's servers in turn, under load`, async () => {
    const servers = ["ownProcess", "apache", "apache"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(1, 2, 3);
      await ensemble.ready();
      const session = await ensemble.connect(2, 3);
      const kept = new Set<string>();
      for (let kill = 0; kill < KILLS; kill++) {
        // Ours, then Apache's leader, and so on.
        const leader = await ensemble.ready();
        const victim = kill % 2 === 0 ? 1 : leader;
        const root = await session.create(`/kill${kill}`);
        const writing = runWorkload([session], { writes: 1500, seed: 200 + kill, root });
        await delay(300);
        await ensemble.server(victim).kill();
        const outcome = await writing;
        for (const path of outcome.kept) kept.add(path);
        await ensemble.start(victim);
        await ensemble.ready();
        await ensemble.converged();

        await session.sync();
        const expected = await session.nodes();
        const nodes = (await ensemble.ownProcess(1).nodes()) ?? [];
        expect(nodes).toEqual(expected);
        const paths = new Set(nodes.map(({ path }) => path));
        expect([...kept].filter((path) => !paths.has(path))).toEqual([]);
        expect((await ensemble.ownProcess(1).status()).differing).toBe(0);
      }
      expect(kept.size).toBeGreaterThan(0);
      note(`${kept.size} acknowledged creates are there after ${KILLS} kills`);
    });
  });
});
