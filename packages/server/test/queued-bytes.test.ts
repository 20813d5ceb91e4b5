/** What a leader counts as waiting for its learners: nothing that has left, however little that was. */
import { OpCode, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { type Ensemble, startEnsemble } from "../src/index.js";

async function started(peer: { readonly maxQueuedBytes?: number }): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size: 3, storage: "memory", peer });
  onTestFinished(() => ensemble.stop());
  return ensemble;
}

async function create(ensemble: Ensemble, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const node = { path: `/n${i}`, data: null, acl: [...OPEN_ACL_UNSAFE], flags: 0 };
    await ensemble.propose(OpCode.create, node);
  }
}

it("closes no learner that keeps up, where little may wait", async () => {
  const ensemble = await started({ maxQueuedBytes: 1000 });
  const lost: string[] = [];
  for (const peer of ensemble.peers.values()) {
    peer.on("report", (report) => {
      if (report.kind === "learnerLost") lost.push(report.why);
    });
  }
  await create(ensemble, 60);
  expect(lost).toEqual([]);
});

it("shows operators that nothing waits for learners that keep up", async () => {
  const ensemble = await started({});
  const leader = await ensemble.ready();
  await create(ensemble, 5);
  const queued = (): number[] => leader.learners().map(({ queuedBytes }) => queuedBytes);
  await expect.poll(queued).toEqual([0, 0]);
});
