/**
 * What a running ensemble counts and measures under Apache's names, against what else is known
 * of it: zxids, the bytes of txns, files, and what its clients did.
 */
import { counterOf, CreateMode, OpCode } from "@jute-ts/zookeeper";
import { afterEach, describe, expect, it } from "vitest";
import { askFourLetterWord } from "../src/node/four-letter-word.js";
import { type Ensemble, startEnsemble, startServer } from "../src/index.js";
import { liveMetrics } from "../src/node/peer.js";
import { clientOf, node, openClient } from "./client-of.js";
import { metricOf } from "./metric-of.js";

let ensemble: Ensemble;

afterEach(async () => {
  await ensemble.stop();
});

type Figures = Readonly<Record<string, number>>;

async function figuresOf(sid: bigint): Promise<Figures> {
  const server = ensemble.servers.find((each) => each.sid === sid);
  if (server === undefined) throw new Error(`there is no server ${sid}`);
  const answer = await askFourLetterWord(server.client, "mntr");
  return Object.fromEntries(
    Array.from(answer.matchAll(/^zk_(\w+)\t(-?[\d.]+)$/gmu), ([, name = "", value]) => [
      name,
      Number(value),
    ]),
  );
}

/** Where the leader stands in `servers`, and its id. */
async function leaderOf(): Promise<{ index: number; sid: bigint }> {
  const { sid } = (await ensemble.ready()).status();
  return { index: ensemble.servers.findIndex((each) => each.sid === sid), sid };
}

describe("figures of an ensemble", () => {
  it("count what is proposed and committed, with its size", async () => {
    ensemble = await startEnsemble({ size: 3 });
    const { index, sid } = await leaderOf();
    const other = (index + 1) % 3;
    const followerSid = ensemble.servers[other]?.sid ?? 0n;
    const sizes: number[] = [];
    ensemble.peer(followerSid).on("applied", ({ txn }) => sizes.push(txn.bytes.length));
    const client = await openClient(ensemble, other);
    for (const [path, data] of [
      ["/a", "x".repeat(500)],
      ["/b", ""],
      ["/c", "y"],
    ] as const) {
      await client.ask(OpCode.create, node(path, data));
    }
    await ensemble.converged();
    const leader = await figuresOf(sid);
    const last = ensemble.peer(sid).status().lastProcessedZxid;
    expect(leader["proposal_count"]).toBe(counterOf(last));
    expect(leader["commit_count"]).toBe(counterOf(last));
    expect(leader["cnt_quorum_ack_latency"]).toBe(counterOf(last));
    expect(leader["last_proposal_size"]).toBe(sizes.at(-1));
    expect(leader["min_proposal_size"]).toBe(Math.min(...sizes));
    expect(leader["max_proposal_size"]).toBe(Math.max(...sizes));
    expect(leader["cnt_propagation_latency"]).toBe(counterOf(last));
    const follower = await figuresOf(followerSid);
    expect(follower["learner_commit_received_count"]).toBe(sizes.length);
    expect(follower["cnt_follower_sync_time"]).toBe(1);
    // All on one machine: nothing is made later than it arrives.
    expect(follower["cnt_proposal_latency"]).toBe(sizes.length);
    expect(follower["max_proposal_latency"]).toBeLessThanOrEqual(
      follower["max_propagation_latency"] ?? NaN,
    );
    expect(leader).toMatchObject({ cnt_proposal_latency: 0, pending_syncs: 0 });
    // What the others commit may be durable here later.
    const acknowledged = async (of: bigint): Promise<number | undefined> =>
      (await figuresOf(of))["cnt_proposal_ack_creation_latency"];
    await expect.poll(() => acknowledged(followerSid)).toBe(sizes.length);
    await expect.poll(() => acknowledged(sid)).toBe(counterOf(last));
    // Each is acknowledged after it has arrived.
    expect(
      (await figuresOf(followerSid))["sum_proposal_ack_creation_latency"],
    ).toBeGreaterThanOrEqual(follower["sum_proposal_latency"] ?? NaN);
    // Each txn is in one batch.
    for (const [of, txns] of [
      [sid, counterOf(last)],
      [followerSid, sizes.length],
    ] as const) {
      const figures = await figuresOf(of);
      expect(figures["sum_sync_processor_batch_size"]).toBe(txns);
      expect(figures["cnt_sync_processor_batch_size"]).toBeLessThanOrEqual(
        figures["cnt_fsynctime"] ?? NaN,
      );
    }
    expect(follower).toMatchObject({ proposal_count: 0, commit_count: 0 });
    // The answer to a create: 16 bytes of header, the path with its length.
    expect(follower["last_client_response_size"]).toBe(16 + 4 + 2);
    expect(follower["min_client_response_size"]).toBe(16 + 4 + 2);
  });

  it("go on from 0 with the next leader, and tell how long servers did not serve", async () => {
    ensemble = await startEnsemble({ size: 3, storage: "memory" });
    const { sid } = await leaderOf();
    await ensemble.stopServer(sid);
    const next = await leaderOf();
    const client = await openClient(ensemble, next.index);
    await client.ask(OpCode.create, node("/a"));
    const figures = await figuresOf(next.sid);
    const last = ensemble.peer(next.sid).status().lastProcessedZxid;
    expect(figures["proposal_count"]).toBe(counterOf(last));
    expect(figures["sum_sync_processor_batch_size"]).toBe(counterOf(last));
    // Until the first election, and again until the second, as Apache's servers count.
    expect(figures["cnt_unavailable_time"]).toBe(2);
    expect(figures["cnt_leader_unavailable_time"]).toBe(1);
  });

  it("measure snapshots, and how long the data take to be loaded", async () => {
    ensemble = await startEnsemble({ size: 1, settings: { snapCount: 10 } });
    const client = await openClient(ensemble);
    for (let i = 0; i < 40; i++) await client.ask(OpCode.create, node(`/n${i}`));
    await expect.poll(async () => (await figuresOf(1n))["cnt_snapshottime"]).toBeGreaterThan(1);
    expect((await figuresOf(1n))["cnt_dbinittime"]).toBe(1);
    await ensemble.restartServer(1);
    const figures = await figuresOf(1n);
    expect(figures).toMatchObject({
      cnt_dbinittime: 1,
      cnt_startup_snap_load_time: 1,
      cnt_startup_txns_load_time: 1,
      cnt_snapshottime: 0,
    });
    const whole = figures["sum_dbinittime"] ?? 0;
    const parts = ["sum_startup_snap_load_time", "sum_startup_txns_load_time"];
    const sum = parts.reduce((total, name) => total + (figures[name] ?? 0), 0);
    // Each is rounded for itself.
    expect(Math.abs(whole - sum)).toBeLessThanOrEqual(2);
  });

  it("count sessions that expire or come back, and watches that are set off", async () => {
    ensemble = await startEnsemble({ size: 3, storage: "memory" });
    const { index, sid } = await leaderOf();
    const other = (index + 1) % 3;
    const followerSid = ensemble.servers[other]?.sid ?? 0n;
    const watcher = await openClient(ensemble, other);
    const second = await openClient(ensemble, other);
    for (const client of [watcher, second]) {
      await client.ask(OpCode.exists, { path: "/a", watch: true }).catch(() => undefined);
    }
    const client = await openClient(ensemble, index);
    await client.ask(OpCode.create, node("/a", "", CreateMode.EPHEMERAL));
    await ensemble.converged();
    expect(await figuresOf(followerSid)).toMatchObject({
      cnt_node_created_watch_count: 1,
      sum_node_created_watch_count: 2,
      cnt_node_deleted_watch_count: 0,
    });
    // A follower asks its leader for a session that comes back.
    await second.drop();
    const { sessionId = 0n, passwd = null } = second.session ?? {};
    const renewing = clientOf(ensemble, other);
    expect((await renewing.open({ sessionId, passwd })).sessionId).toBe(sessionId);
    expect((await figuresOf(followerSid))["connection_revalidate_count"]).toBe(1);
    expect((await figuresOf(sid))["revalidate_count"]).toBe(1);
    const before = (await figuresOf(sid))["stale_sessions_expired"];
    await ensemble.expireSession(client.session?.sessionId ?? 0n);
    expect(before).toBe(0);
    expect((await figuresOf(sid))["stale_sessions_expired"]).toBe(1);
    // One that its client ends has not expired.
    await renewing.ask(OpCode.closeSession);
    expect((await figuresOf(sid))["stale_sessions_expired"]).toBe(1);
  });

  it("tell how much is read and written below each znode of the root, as Java's DataTree counts it", async () => {
    ensemble = await startEnsemble({ size: 1, storage: "memory" });
    const client = await openClient(ensemble);
    await client.ask(OpCode.create, node("/top", "xy"));
    await client.ask(OpCode.create, node("/top/child", "12345"));
    await client.ask(OpCode.delete, { path: "/top/child", version: -1 });
    await client.ask(OpCode.create, node("/top/next"));
    await client.ask(OpCode.getData, { path: "/top", watch: false });
    await client.ask(OpCode.getChildren, { path: "/top", watch: false });
    await client.ask(OpCode.getChildren, { path: "/", watch: false });
    const stat = 68;
    expect(await figuresOf(1n)).toMatchObject({
      cnt_top_write_per_namespace: 4,
      sum_top_write_per_namespace:
        "/top".length + 2 + "/top/child".length + 5 + "/top/child".length + "/top/next".length,
      cnt_top_read_per_namespace: 2,
      sum_top_read_per_namespace: "/top".length + 2 + stat + "/top".length + "next".length + stat,
    });
  });

  it("of a server that stands alone know of no proposals, as Java's", async () => {
    const alone = await startServer({ storage: "memory" });
    ensemble = await startEnsemble({ size: 1, storage: "memory" });
    try {
      const client = await openClient(ensemble);
      await client.ask(OpCode.create, node("/a"));
      expect((await figuresOf(1n))["commit_count"]).toBe(
        counterOf(ensemble.peer(1).status().lastProcessedZxid),
      );
      await alone.peer.propose(OpCode.create, node("/a"));
      expect(liveMetrics(alone.peer).server.counter("proposal_count")).toBe(0);
    } finally {
      await alone.stop();
    }
  });

  it("are values: what happens later does not change them, nor does who has them", async () => {
    await using alone = await startServer({ storage: "memory" });
    const before = alone.peer.metrics();
    const applied = metricOf(alone.peer, "txns_applied") ?? NaN;
    await alone.peer.propose(OpCode.create, node("/a"));
    expect(metricOf(alone.peer, "txns_applied")).toBeGreaterThan(applied);
    expect(before.find(({ name }) => name === "txns_applied")?.value).toBe(applied);
    expect(Object.isFrozen(before) && before.every((metric) => Object.isFrozen(metric))).toBe(true);
  });
});
