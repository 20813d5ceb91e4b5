import { CreateMode } from "@jute-ts/zookeeper";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { ClientError } from "./kit/command-process.js";
import { type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { createOf } from "./kit/requests.js";
import { describeWithApache, note } from "./kit/test-with-apache.js";
import { until } from "./kit/waiting.js";
import { runWorkload, WRITE_KINDS } from "./kit/workload.js";

/** Ours is the server with the largest id, so that it leads whenever histories are equal. */
const OURS = 3;

describeWithApache("Apache's followers of our leader", (java) => {
  it("carry out writes of every kind through it, with its digests equal to theirs", async () => {
    const servers = ["apache", "apache", "own"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await startBehindOurs(ensemble);
      const sessions = await Promise.all([1, 2, 1].map((sid) => ensemble.connect(sid)));
      const outcome = await runWorkload(sessions, { writes: 3000, seed: 5, root: "/ours" });
      expect([...outcome.succeeded.keys()].sort()).toEqual([...WRITE_KINDS].sort());
      const [reader, ...others] = sessions;
      await Promise.all(others.map((session) => session.close()));
      await expectSameTrees(ensemble);
      for (const path of outcome.kept) expect(await reader?.exists(path)).toBeDefined();
      note(`${ensemble.own(OURS).tree.equalDigests} txns of our leader`);
    });
  });

  it("apply what our peers propose, beside a follower and an observer of ours", async () => {
    const servers = ["apache", "own", "own", { maker: "own", role: "observer" }] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(1, OURS);
      await ensemble.ready();
      await ensemble.start(2, 4);
      expect(await ensemble.ready()).toBe(BigInt(OURS));
      const proposals = [2, 3, 4].flatMap((sid) =>
        Array.from({ length: 100 }, (_, i) =>
          ensemble.own(sid).peer.proposeRaw(createOf(`/by${sid}-${i}`)),
        ),
      );
      await Promise.all(proposals);
      const session = await ensemble.connect(1);
      await session.sync();
      expect((await session.children("/")).length).toBe(301);
      await expectSameTrees(ensemble);
    });
  });

  it("are brought up to date by DIFF and by SNAP", async () => {
    const servers = ["apache", "own", "own"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(1, 2, OURS);
      expect(await ensemble.ready()).toBe(BigInt(OURS));
      const { peer } = ensemble.own(OURS);
      const write = async (count: number): Promise<void> => {
        const sequential = createOf("/missed-", "", CreateMode.PERSISTENT_SEQUENTIAL);
        const proposals = Array.from({ length: count }, () => peer.proposeRaw(sequential));
        await Promise.all(proposals);
      };
      await write(10);
      await ensemble.converged();

      await ensemble.server(1).stop();
      await write(20);
      await ensemble.start(1);
      await ensemble.ready();
      expect(planFor(ensemble, 1)).toBe("DIFF");
      await expectSameTrees(ensemble);

      await ensemble.server(1).kill();
      await write(700);
      await ensemble.start(1);
      await ensemble.ready();
      expect(planFor(ensemble, 1)).toBe("SNAP");
      await expectSameTrees(ensemble);
    });
  });

  it("join under load again and again, and never find another digest (ZOOKEEPER-4394)", async () => {
    const servers = ["apache", "own", "own"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(2, OURS);
      expect(await ensemble.ready()).toBe(BigInt(OURS));
      const load = { isOn: true, written: 0 };
      const writers = Array.from({ length: 24 }, async (_, writer) => {
        for (let nth = 0; load.isOn; nth++) {
          await ensemble.own(OURS).peer.proposeRaw(createOf(`/w${writer}-${nth}`));
          load.written++;
          await delay(2);
        }
      });
      try {
        for (let join = 0; join < 6; join++) {
          await ensemble.start(1);
          await ensemble.ready();
          await delay(200);
          expect(await ensemble.apache(1).digestMismatches()).toBe(0);
          await ensemble.server(1).kill();
        }
      } finally {
        load.isOn = false;
        await Promise.all(writers);
      }
      note(`an Apache server joined 6 times during ${load.written} writes`);
    });
  });

  it("forget by TRUNC what only they have logged", async () => {
    const servers = ["ownProcess", "own", "apache"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await ensemble.start(1, 3);
      expect(await ensemble.ready()).toBe(3n);
      const session = await ensemble.connect(3);
      await session.create("/everyone-has");
      const before = await ensemble.converged();
      // Apache's leader logs a write of which its only follower never hears.
      await ensemble.ownProcess(1).pause();
      const lost = session.create("/only-there").catch((error: unknown) => error);
      await delay(500);
      await Promise.all([1, 3].map((sid) => ensemble.server(sid).kill()));
      await ensemble.killClient();
      expect(await lost).toBeInstanceOf(ClientError);

      ensemble.replace(1, "own");
      await ensemble.start(1, 2);
      expect(await ensemble.ready()).toBe(1n);
      await ensemble.start(3);
      expect(await ensemble.ready()).toBe(1n);
      const chosen = ensemble.own(1).reported("syncChosen").at(-1);
      expect(chosen?.learnerZxid).toBe(before + 1n);
      expect(chosen?.plan).toMatchObject({ kind: "TRUNC", zxid: before });
      const own = ensemble.own(1);
      await own.peer.proposeRaw(createOf("/afterwards"));
      await ensemble.converged();
      const reader = await ensemble.connect(3);
      expect(await reader.exists("/only-there")).toBeUndefined();
      expect(await reader.exists("/everyone-has")).toBeDefined();
      await ensemble.converged();
      expect(await reader.nodes()).toEqual(own.tree.nodes());
    });
  });

  it("keep their clients' sessions: alive, moved to another server, closed, and expired", async () => {
    const servers = ["apache", "apache", "own"] as const;
    await withMixedEnsemble({ java, servers }, async (ensemble) => {
      await startBehindOurs(ensemble);
      const moving = await ensemble.connect(1, 2);
      const closing = await ensemble.connect(2);
      await moving.create("/moving", { mode: CreateMode.EPHEMERAL });
      await closing.create("/closing", { mode: CreateMode.EPHEMERAL });
      await closing.close();
      const { tree } = ensemble.own(OURS);
      await until(
        () => tree.getNode("/closing") === undefined,
        5000,
        () => "the ephemeral to go with its session",
      );

      // One after the other, both servers of the client restart. It finds the other each time.
      for (const sid of [1, 2]) {
        await ensemble.server(sid).stop();
        await until(
          async () => (await moving.exists("/moving").catch(() => undefined)) !== undefined,
          10_000,
          () => "the client to come back through the other server",
        );
        await ensemble.start(sid);
        expect(await ensemble.ready()).toBe(BigInt(OURS));
      }
      await moving.set("/moving", null);
      expect(tree.sessions.has(moving.id)).toBe(true);

      await ensemble.killClient();
      await until(
        () => tree.getNode("/moving") === undefined,
        30_000,
        () => "the session of a dead client to expire",
      );
      expect(tree.sessions.has(moving.id)).toBe(false);
    });
  });
});

async function startBehindOurs(ensemble: MixedEnsemble): Promise<void> {
  await ensemble.start(1, OURS);
  expect(await ensemble.ready()).toBe(BigInt(OURS));
  await ensemble.start(2);
  expect(await ensemble.ready()).toBe(BigInt(OURS));
}

function planFor(ensemble: MixedEnsemble, sid: number): string | undefined {
  const plans = ensemble.own(OURS).reported("syncChosen");
  return plans.filter(({ learner }) => learner === BigInt(sid)).at(-1)?.plan.kind;
}

/** All servers have the same tree, and Apache's have counted no digest that differed. */
async function expectSameTrees(ensemble: MixedEnsemble): Promise<void> {
  const apache = ensemble.running.flatMap(([sid]) => (ensemble.isApache(sid) ? [sid] : []));
  const sessions = await Promise.all(apache.map((sid) => ensemble.connect(sid)));
  await ensemble.converged();
  const expected = ensemble.own(OURS).tree.nodes();
  for (const session of sessions) expect(await session.nodes()).toEqual(expected);
  for (const [sid] of ensemble.running) {
    if (ensemble.isApache(sid)) {
      expect(await ensemble.apache(sid).digestMismatches()).toBe(0);
    } else {
      expect(ensemble.own(sid).tree.nodes()).toEqual(expected);
      expect(ensemble.own(sid).tree.differing).toEqual([]);
    }
  }
  await Promise.all(sessions.map((session) => session.close()));
}
