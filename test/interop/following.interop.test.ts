import { CreateMode, ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { type MixedEnsemble, withMixedEnsemble } from "./kit/mixed-ensemble.js";
import { bytesOf, createOf } from "./kit/requests.js";
import { describeWithApache } from "./kit/test-with-apache.js";
import { until } from "./kit/waiting.js";
import { runWorkload } from "./kit/workload.js";

/** Ours is server 1, so that Apache's server 3 leads whenever histories are equal. */
const OURS = 1;
const SERVERS = ["own", "apache", "apache"] as const;

describeWithApache("our follower of an Apache leader", (java) => {
  it("is brought up to date by DIFF for what it missed, and by an empty DIFF for nothing", async () => {
    await withMixedEnsemble({ java, servers: SERVERS }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      const session = await ensemble.connect(2);
      await session.create("/before");
      await ensemble.converged();

      await ensemble.server(OURS).stop();
      await ensemble.start(OURS);
      await ensemble.ready();
      expect(lastSync(ensemble)).toBe("DIFF");

      await ensemble.server(OURS).stop();
      for (let i = 0; i < 20; i++) await session.create(`/missed${i}`);
      await ensemble.start(OURS);
      await ensemble.ready();
      expect(lastSync(ensemble)).toBe("DIFF");
      await expectSameTree(ensemble);
    });
  });

  it("takes a DIFF that the leader reads from its log files", async () => {
    // More txns than a leader keeps in memory, and no limit to the size of the files.
    const apache = { snapshotSizeFactor: 0 };
    await withMixedEnsemble({ java, servers: SERVERS, apache }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      await missWrites(ensemble, 700);
      expect(lastSync(ensemble)).toBe("DIFF");
      await expectSameTree(ensemble);
    });
  });

  it("takes a SNAP when it missed more than the leader remembers, and has it after a restart", async () => {
    const apache = { snapshotSizeFactor: -1 };
    await withMixedEnsemble({ java, servers: SERVERS, apache }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      await missWrites(ensemble, 700);
      expect(lastSync(ensemble)).toBe("SNAP");
      await expectSameTree(ensemble);

      await ensemble.server(OURS).stop();
      await ensemble.start(OURS);
      await ensemble.ready();
      expect(lastSync(ensemble)).toBe("DIFF");
      await expectSameTree(ensemble);
    });
  });

  it("takes a SNAP as an empty server, while writes go on", async () => {
    const apache = { snapshotSizeFactor: -1 };
    await withMixedEnsemble({ java, servers: SERVERS, apache }, async (ensemble) => {
      await ensemble.start(2, 3);
      await ensemble.ready();
      const session = await ensemble.connect(2);
      await runWorkload([session], { writes: 1500, seed: 2, root: "/early" });
      const writing = runWorkload([session], { writes: 1500, seed: 3, root: "/meanwhile" });
      await ensemble.start(OURS);
      await writing;
      await ensemble.ready();
      expect(lastSync(ensemble)).toBe("SNAP");
      await expectSameTree(ensemble);
    });
  });

  it("cuts its log by TRUNC behind what nobody else has", async () => {
    await withMixedEnsemble({ java, servers: ["apache", "apache", "own"] }, async (ensemble) => {
      await ensemble.start(1, 3);
      expect(await ensemble.ready()).toBe(3n);
      await ensemble.start(2);
      await ensemble.ready();
      const { peer } = ensemble.own(3);
      await peer.proposeRaw(createOf("/everyone-has"));
      await ensemble.converged();

      // The others cannot answer any more, so this is logged here only.
      await Promise.all([1, 2].map((sid) => ensemble.apache(sid).pause()));
      const before = peer.status().lastLoggedZxid;
      const refused = peer.proposeRaw(createOf("/only-here")).catch((error: unknown) => error);
      await until(
        () => peer.status().lastDurableZxid > before,
        5000,
        () => "the txn to be logged",
      );
      await Promise.all([1, 2].map((sid) => ensemble.server(sid).kill()));
      await ensemble.server(3).stop();
      expect(await refused).toMatchObject({ name: "RequestError", mayHaveHappened: true });

      await ensemble.start(1, 2);
      await ensemble.ready();
      await ensemble.start(3);
      await ensemble.ready();
      expect(ensemble.own(3).reported("recovered").at(-1)?.lastZxid).toBe(before + 1n);
      expect(ensemble.own(3).reported("syncBegun").at(-1)?.packet).toBe("TRUNC");
      expect(ensemble.own(3).reported("logCut").at(-1)?.zxid).toBe(before);
      expect(ensemble.own(3).tree.getNode("/only-here")).toBeUndefined();
      const session = await ensemble.connect(1);
      await session.create("/afterwards");
      await ensemble.converged();
      expect(ensemble.own(3).tree.nodes()).toEqual(await session.nodes());

      // And the disk has forgotten it too.
      await ensemble.server(3).stop();
      await ensemble.start(3);
      await ensemble.ready();
      expect(ensemble.own(3).tree.nodes()).toEqual(await session.nodes());
    });
  });

  it("counts: with the other server down, the leader commits on its acknowledgements", async () => {
    await withMixedEnsemble({ java, servers: SERVERS }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      await ensemble.server(2).kill();
      const session = await ensemble.connect(3);
      const outcome = await runWorkload([session], { writes: 500, seed: 4, root: "/two" });
      expect(outcome.kept.size).toBeGreaterThan(0);
      expect(await ensemble.server(3).mode()).toBe("leader");
      await expectSameTree(ensemble, 3);
    });
  });
});

describeWithApache("requests of our follower to an Apache leader", (java) => {
  it("are carried out, and answered with what came of them", async () => {
    await withMixedEnsemble({ java, servers: SERVERS }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      const { peer, tree } = ensemble.own(OURS);
      const session = await ensemble.connect(2);

      const created = await peer.proposeRaw(createOf("/ours", "text"));
      expect(created.result).toMatchObject({ err: 0, path: "/ours" });
      await session.sync();
      expect(await session.get("/ours")).toEqual(bytesOf("text"));

      const again = await peer.proposeRaw(createOf("/ours"));
      expect(again.result.err).toBe(ErrorCode.NODEEXISTS);

      const many = Array.from({ length: 200 }, (_, i) => peer.proposeRaw(createOf(`/ours/${i}`)));
      const zxids = (await Promise.all(many)).map(({ txn }) => txn.zxid);
      expect(zxids).toEqual([...zxids].sort((a, b) => (a < b ? -1 : 1)));
      await session.sync();
      expect(await session.children("/ours")).toHaveLength(200);

      for (let i = 0; i < 20; i++) {
        await session.create(`/theirs${i}`);
        await peer.sync();
        expect(tree.getNode(`/theirs${i}`)).toBeDefined();
      }
      await expectSameTree(ensemble);
    });
  });

  it("find out about sessions, and keep them alive as long as they touch them", async () => {
    await withMixedEnsemble({ java, servers: SERVERS }, async (ensemble) => {
      await startBesideApacheLeader(ensemble);
      const { peer, tree } = ensemble.own(OURS);
      const session = await ensemble.connect(2);
      expect(await peer.revalidate(session.id, 10_000)).toBe(true);
      expect(await peer.revalidate(0x1234n, 10_000)).toBe(false);

      const timeoutMs = 1500;
      const sessionId = 0x0100_0000_0000_0001n;
      const body = new Uint8Array(new Uint32Array([timeoutMs]).buffer).reverse();
      await peer.proposeRaw({ opCode: OpCode.createSession, body, sessionId, cxid: 0 });
      expect(tree.sessions.get(sessionId)).toBe(timeoutMs);
      const ephemeral = createOf("/ephemeral", "", CreateMode.EPHEMERAL);
      const { result } = await peer.proposeRaw({ ...ephemeral, sessionId });
      expect(result).toMatchObject({ err: 0 });

      const touching = setInterval(() => {
        peer.touch(sessionId);
      }, 100);
      await new Promise((resolve) => setTimeout(resolve, 3 * timeoutMs));
      clearInterval(touching);
      expect(await session.exists("/ephemeral")).toBeDefined();
      await until(
        () => tree.getNode("/ephemeral") === undefined,
        5 * timeoutMs,
        () => "the session to expire",
      );
      expect(tree.sessions.has(sessionId)).toBe(false);
    });
  });
});

async function startBesideApacheLeader(ensemble: MixedEnsemble): Promise<void> {
  await ensemble.start(2, 3);
  await ensemble.ready();
  await ensemble.start(OURS);
  expect(await ensemble.ready()).toBe(3n);
}

/** Stops ours, lets it miss writes, and starts it again. */
async function missWrites(ensemble: MixedEnsemble, writes: number): Promise<void> {
  const session = await ensemble.connect(2);
  await session.create("/seen");
  await ensemble.converged();
  await ensemble.server(OURS).stop();
  await runWorkload([session], { writes, seed: writes, root: "/missed" });
  await ensemble.start(OURS);
  await ensemble.ready();
}

function lastSync(ensemble: MixedEnsemble): string | undefined {
  return ensemble.own(OURS).reported("syncBegun").at(-1)?.packet;
}

/** Ours has what an Apache server shows to a client, and never differed on the way. */
async function expectSameTree(ensemble: MixedEnsemble, apache = 2): Promise<void> {
  const session = await ensemble.connect(apache);
  // One more txn with a digest, whatever came before.
  await session.create("/compared-", { mode: CreateMode.PERSISTENT_SEQUENTIAL });
  await ensemble.converged();
  const { tree } = ensemble.own(OURS);
  expect(tree.nodes()).toEqual(await session.nodes());
  expect(tree.equalDigests).toBeGreaterThan(0);
  expect(tree.differing).toEqual([]);
}
