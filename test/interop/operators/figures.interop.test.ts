/** Which figures of Apache's servers and of ours are other than 0 after the same work: the same, but for those that are listed here with a reason. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateMode,
  OPEN_ACL_UNSAFE,
  OpCode,
  type RequestContent,
  type RequestOpCode,
} from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { node } from "../../../packages/server/test/client-of.js";
import { RawClient } from "../../../packages/server/test/raw-client.js";
import { startStandalone } from "../clients/standalone-servers.js";
import { ask } from "../kit/four-letter-words.js";
import type { Java } from "../kit/java.js";
import { type Maker, type MixedEnsemble, withMixedEnsemble } from "../kit/mixed-ensemble.js";
import { describeWithApache } from "../kit/test-with-apache.js";

describeWithApache("the figures of mntr", (java) => {
  it(
    "are other than 0 after the same work where Java's are, on a leader and on a follower",
    async () => {
      const apache = await figuresAfterTheSame(java, "apache");
      const own = await figuresAfterTheSame(java, "ownCommand");
      for (const role of ["follower", "leader"] as const) {
        const missing = [...apache[role]].filter((name) => !own[role].has(name));
        const more = [...own[role]].filter((name) => !apache[role].has(name));
        expect(
          missing.filter((name) => !isListed(name, NOT_HERE)),
          `${role}: 0 here alone`,
        ).toEqual([]);
        expect(
          more.filter((name) => !isListed(name, NOT_IN_JAVA)),
          `${role}: 0 in Java alone`,
        ).toEqual([]);
      }
    },
    TEST_MS,
  );

  it(
    "say the same of how much is read and written below each znode of the root",
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "jute-namespaces-"));
      try {
        const apache = await namespacesAfterTheSame("apache", java, join(directory, "apache"));
        const own = await namespacesAfterTheSame("own", java, join(directory, "own"));
        expect(apache.filter((line) => line.startsWith("zk_cnt_"))).not.toEqual([]);
        expect(own).toEqual(apache);
      } finally {
        await rm(directory, { recursive: true });
      }
    },
    TEST_MS,
  );
});

/** What `mntr` of a server that stands alone says of namespaces. */
async function namespacesAfterTheSame(
  maker: "apache" | "own",
  java: Java,
  directory: string,
): Promise<readonly string[]> {
  const server = await startStandalone(maker, java, directory);
  try {
    const [host = "", port = ""] = server.address.split(":");
    const address = { host, port: Number(port) };
    await using client = new RawClient(address.port, host);
    await client.open();
    await readAndWrite(client);
    const text = await ask(address, "mntr");
    return text
      .split("\n")
      .filter((line) => /_(read|write)_per_namespace\t/u.test(line))
      .sort();
  } finally {
    await server.stop();
  }
}

/** Everything that counts, and what does not: what fails, what concerns the root, and lists of rights. */
async function readAndWrite(client: RawClient): Promise<void> {
  const request = async <C extends RequestOpCode>(
    type: C,
    ...content: RequestContent<C>
  ): Promise<void> => {
    client.post(type, ...content);
    await client.header();
  };
  const read = { path: "/one", watch: false };
  await request(OpCode.create, node("/one", "x".repeat(300)));
  await request(OpCode.create, node("/two", ""));
  await request(OpCode.create, node("/one", "is there"));
  await request(OpCode.create, node("/one/twö", "under"));
  for (let i = 0; i < 200; i++) await request(OpCode.create2, node(`/two/child-${i}`, "y"));
  await request(OpCode.create, node("/two/ends", "z", CreateMode.EPHEMERAL_SEQUENTIAL));
  await request(OpCode.setData, { path: "/one", data: new Uint8Array(7), version: -1 });
  await request(OpCode.setData, { path: "/one", data: null, version: -1 });
  await request(OpCode.setData, { path: "/one", data: new Uint8Array(9), version: 99 });
  await request(OpCode.setData, { path: "/", data: new Uint8Array(5), version: -1 });
  await request(OpCode.setACL, { path: "/one", acl: OPEN_ACL_UNSAFE, version: -1 });
  await request(OpCode.delete, { path: "/two/child-7", version: -1 });
  await request(OpCode.multi, [
    { type: OpCode.create, body: node("/three", "abc") },
    { type: OpCode.setData, body: { path: "/one", data: new Uint8Array(40), version: -1 } },
    { type: OpCode.check, body: { path: "/two", version: 0 } },
    { type: OpCode.delete, body: { path: "/two/child-8", version: -1 } },
  ]);
  await request(OpCode.multi, [
    { type: OpCode.create, body: node("/four", "abc") },
    { type: OpCode.check, body: { path: "/two", version: 99 } },
  ]);
  for (const path of ["/one", "/two", "/three", "/one/twö", "/", "/zookeeper/config", "/none"]) {
    await request(OpCode.getData, { path, watch: true });
    await request(OpCode.exists, { path, watch: false });
    await request(OpCode.getChildren, { path, watch: false });
    await request(OpCode.getChildren2, { path, watch: true });
    await request(OpCode.getACL, { path });
    await request(OpCode.getAllChildrenNumber, { path });
  }
  await request(OpCode.getEphemerals, { prefixPath: "/two" });
  await request(OpCode.multiRead, [
    { type: OpCode.getData, body: read },
    { type: OpCode.getChildren, body: { path: "/two", watch: false } },
    { type: OpCode.getChildren, body: { path: "/none", watch: false } },
  ]);
  await request(OpCode.closeSession);
}

interface ByRole {
  readonly leader: ReadonlySet<string>;
  readonly follower: ReadonlySet<string>;
}

function isListed(name: string, list: readonly (string | RegExp)[]): boolean {
  return list.some((each) => (typeof each === "string" ? each === name : each.test(name)));
}

const MATTERS_OF_TIME = ["global_sessions", "stale_sessions_expired"];
/** Figures that are 0 here, although Java's are not. */
const NOT_HERE: readonly (string | RegExp)[] = [
  // The stages of Java's pipeline, their queues and threads. Here one thread takes a request from its frame to its txn.
  /^prep_process|^sync_process|^(read|write)_final_proc_time|^request_(commit_queued|throttle_)/u,
  /commit_?proc|session_queue|^outstanding_changes_|^close_session_prep_time|^proposal_process_time/u,
  /_learner_handler_qp_(size|time_ms)$|^learner_request_processor_queue_size$/u,
  // From the commit's arrival to its turn in that pipeline; here it is applied when it arrives.
  "server_write_committed_time_ms",
  "socket_closing_time",
  // There is no cache of replies.
  /^response_packet_(get_children_)?cache_/u,
  // Java writes a snapshot whenever it has a leader; here that is done by the number of txns.
  "snapshottime",
  // When sessions end whose clients went away without a word is a matter of time.
  ...MATTERS_OF_TIME,
];
/** Figures that are 0 in Java, although ours are not. */
const NOT_IN_JAVA: readonly (string | RegExp)[] = [
  // Java counts them where Netty serves clients, which it does not unless it is told to.
  "non_mtls_local_conn_count",
  ...MATTERS_OF_TIME,
];

/** The names of figures that are other than 0, a name for all parts of a summary. */
async function figuresAfterTheSame(java: Java, maker: Maker): Promise<ByRole> {
  const servers = [maker, maker, maker];
  return await withMixedEnsemble({ java, servers }, async (ensemble) => {
    await ensemble.start(1, 2, 3);
    const leader = await ensemble.ready(READY_MS);
    const [follower = 0n, third = 0n] = ensemble.sids.filter((sid) => sid !== leader);
    for (const sid of [leader, follower]) await workWith(ensemble, sid);
    // One that comes back is brought up to date, by a diff and by a snapshot.
    for (const isWiped of [false, true]) {
      const { dataDir } = ensemble.server(third);
      await ensemble.server(third).stop();
      await workWith(ensemble, follower);
      if (isWiped) await rm(join(dataDir, "version-2"), { recursive: true });
      await ensemble.server(third).start();
      await ensemble.ready(READY_MS);
      await ensemble.converged();
    }
    return {
      leader: await namesOf(ensemble, leader),
      follower: await namesOf(ensemble, follower),
    };
  });
}

function addressOf(ensemble: MixedEnsemble, sid: bigint): { host: string; port: number } {
  const address = ensemble.members.find((member) => member.sid === sid)?.client;
  if (address === undefined) throw new Error(`server ${sid} has no client port`);
  return address;
}

/** What clients do: reads, writes, watches that are set off, sessions that end and that expire. */
async function workWith(ensemble: MixedEnsemble, sid: bigint): Promise<void> {
  const { host, port } = addressOf(ensemble, sid);
  await using watcher = new RawClient(port, host);
  await watcher.open();
  await using client = new RawClient(port, host);
  await client.open();
  const request = async <C extends RequestOpCode>(
    type: C,
    ...content: RequestContent<C>
  ): Promise<void> => {
    client.post(type, ...content);
    await client.header();
  };
  const path = `/of-${sid}-${client.session?.sessionId ?? 0n}`;
  watcher.post(OpCode.exists, { path, watch: true });
  await watcher.header();
  await request(OpCode.create, node(path, "x"));
  watcher.post(OpCode.getData, { path, watch: true });
  watcher.post(OpCode.getChildren2, { path, watch: true });
  for (let i = 0; i < 3; i++) await watcher.header();
  for (let i = 0; i < 30; i++) {
    await request(OpCode.create, node(`${path}/${i}`, "y".repeat(100), CreateMode.EPHEMERAL));
    await request(OpCode.setData, { path, data: new Uint8Array(i), version: -1 });
    await request(OpCode.getData, { path, watch: false });
    await request(OpCode.getChildren, { path, watch: false });
  }
  watcher.post(OpCode.exists, { path: `${path}/1`, watch: true });
  await watcher.header();
  await request(OpCode.delete, { path: `${path}/1`, version: -1 });
  await request(OpCode.sync, { path });
  await request(OpCode.closeSession);
}

async function namesOf(ensemble: MixedEnsemble, sid: bigint): Promise<ReadonlySet<string>> {
  const text = await ask(addressOf(ensemble, sid), "mntr");
  const own = /^zk_epoch\t/mu.exec(text)?.index;
  const lines = text.slice(0, own).matchAll(/^zk_(\w+)\t(-?[\d.]+)$/gmu);
  const names = Array.from(lines, ([, name = "", value]) => ({ name, value: Number(value) }))
    .filter(({ name, value }) => value !== 0 && !PARTS.test(name))
    .map(({ name }) => name.replace(/^cnt_/u, ""));
  return new Set(names);
}

/** Of a summary, how often is enough. */
const PARTS =
  /^(avg|min|max|sum|p50|p95|p99|p999)_(?!latency$|proposal_size$|client_response_size$)/u;
/** Six servers start one after the other, perhaps on a machine that has other things to do. */
const READY_MS = 120_000;
const TEST_MS = 300_000;
