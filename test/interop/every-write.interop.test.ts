import { expect, it } from "vitest";
import { withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache, note } from "./kit/test-with-apache.js";
import { runWorkload, WRITE_KINDS } from "./kit/workload.js";

const WRITES = Number(process.env["INTEROP_WRITES"] ?? 10_000);

describeWithApache("writes of every kind through an Apache leader", (java) => {
  it(
    `give equal digests after every one of ${WRITES} on our follower and our observer`,
    { timeout: 60_000 + WRITES * 10 },
    async () => {
      const servers = ["apache", "apache", "own", { maker: "own", role: "observer" }] as const;
      await withMixedEnsemble({ java, servers }, async (ensemble) => {
        await ensemble.start(1, 2);
        expect(await ensemble.ready()).toBe(2n);
        await ensemble.start(3, 4);
        await ensemble.ready();
        expect(await ensemble.server(3).mode()).toBe("follower");
        expect(await ensemble.server(4).mode()).toBe("observer");

        const sessions = await Promise.all([1, 2, 1].map((sid) => ensemble.connect(sid)));
        const outcome = await runWorkload(sessions, { writes: WRITES, seed: 1, root: "/all" });
        expect([...outcome.succeeded.keys()].sort()).toEqual([...WRITE_KINDS].sort());
        // Ephemerals end with their session, in one txn that lists them.
        const [reader, ...others] = sessions;
        await Promise.all(others.map((session) => session.close()));
        await ensemble.converged();
        const expected = await reader?.nodes();

        for (const sid of [3, 4]) {
          const { tree } = ensemble.own(sid);
          expect(tree.differing).toEqual([]);
          expect(tree.equalDigests).toBeGreaterThanOrEqual(WRITES);
          expect(tree.withoutDigest).toBeGreaterThan(0);
          expect(ensemble.own(sid).reported("digestMismatch")).toEqual([]);
          expect(tree.nodes()).toEqual(expected);
          note(`${tree.equalDigests} equal digests on server ${sid}`);
        }
      });
    },
  );
});
