import { expect, it } from "vitest";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const SIDS = [1, 2, 3] as const;
const ORDERS = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
] as const;

describeWithApache("elections between two servers of Apache and one of ours", (java) => {
  for (const own of SIDS) {
    for (const order of ORDERS) {
      it(`end when ours is server ${own} and they start in the order ${order.join(", ")}`, async () => {
        await withMixedEnsemble({ java, servers: makersWith(own) }, async (ensemble) => {
          const [first, second, third] = order;
          await ensemble.start(first);
          await ensemble.start(second);
          // Their histories are equal, so the larger id wins; who comes later follows.
          const leader = await ensemble.ready();
          expect(leader).toBe(BigInt(Math.max(first, second)));
          await ensemble.start(third);
          expect(await ensemble.ready()).toBe(leader);
          await expectWriteEverywhere(ensemble, own);
        });
      });
    }

    it(`survive restarts of everyone and the death of the leader, when ours is server ${own}`, async () => {
      await withMixedEnsemble({ java, servers: makersWith(own) }, async (ensemble) => {
        const [low = 0, high = 0] = SIDS.filter((sid) => sid !== own);
        await ensemble.start(low, high);
        expect(await ensemble.ready()).toBe(BigInt(high));
        await ensemble.start(own);
        await ensemble.ready();

        await ensemble.server(own).stop();
        await ensemble.start(own);
        expect(await ensemble.ready()).toBe(BigInt(high));
        await expectWriteEverywhere(ensemble, own);

        await ensemble.server(low).stop();
        await ensemble.start(low);
        expect(await ensemble.ready()).toBe(BigInt(high));
        await expectWriteEverywhere(ensemble, own);

        await ensemble.server(high).kill();
        const next = await ensemble.ready();
        expect(next).toBe(BigInt(Math.max(low, own)));
        await expectWriteEverywhere(ensemble, own);

        await ensemble.start(high);
        expect(await ensemble.ready()).toBe(next);
        await expectWriteEverywhere(ensemble, own);
      });
    });
  }
});

function makersWith(own: number): Maker[] {
  return SIDS.map((sid) => (sid === own ? "own" : "apache"));
}

/** What a client writes through any of Apache's servers is soon the same on all. */
async function expectWriteEverywhere(ensemble: MixedEnsemble, own: number): Promise<void> {
  for (const [sid] of ensemble.running) {
    if (Number(sid) === own) continue;
    const session = await ensemble.connect(sid);
    await session.create("/written-", { mode: 2 });
    await session.close();
    await ensemble.converged();
  }
  const [apache] = ensemble.running.filter(([sid]) => Number(sid) !== own);
  const reader = await ensemble.connect(apache?.[0] ?? 0);
  const nodes = await reader.nodes();
  await reader.close();
  const { tree } = ensemble.own(own);
  expect(tree.nodes()).toEqual(nodes);
  expect(tree.equalDigests).toBeGreaterThan(0);
  expect(tree.differing).toEqual([]);
}
