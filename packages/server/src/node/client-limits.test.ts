/** The keys of zoo.cfg that limit clients: each by what clients see of it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { clientOf, node, openClient } from "../../test/client-of.js";
import { type Ensemble, startEnsemble } from "../index.js";
import { askFourLetterWord } from "./four-letter-word.js";

type Settings = Readonly<Record<string, string | number | boolean>>;

it.each([{ maxClientCnxns: 2 }, { maxCnxns: 2, maxClientCnxns: 0 }])(
  "%j lets two connections in, and one more when one is gone",
  async (settings) => {
    const ensemble = await start(settings);
    const [first] = [await openClient(ensemble), await openClient(ensemble)];
    await expect(openClient(ensemble)).rejects.toThrow("closed");
    await first.drop();
    await eventually(async () => {
      await openClient(ensemble);
    });
  },
);

it("request_throttle_max_requests takes nothing more from anyone while so many wait for the quorum", async () => {
  const ensemble = await startEnsemble({
    size: 3,
    settings: { request_throttle_max_requests: 2, syncLimit: 100 },
  });
  onTestFinished(() => ensemble.stop());
  const leader = (await ensemble.ready()).status().sid;
  const index = ensemble.servers.findIndex(({ sid }) => sid !== leader);
  const [first, second, other] = [
    await openClient(ensemble, index),
    await openClient(ensemble, index),
    await openClient(ensemble, index),
  ];
  const look = { path: "/", watch: false };
  await ensemble.pauseServer(leader);
  first.post(OpCode.create, node("/first"));
  await delay(100);
  expect(await other.ask(OpCode.exists, look)).toMatchObject({ ok: true });
  second.post(OpCode.create, node("/second"));
  await delay(100);
  const xid = other.post(OpCode.exists, look);
  await expect(other.frame(200)).rejects.toThrow("no frame within");
  ensemble.resumeServer(leader);
  expect(await first.response(OpCode.create)).toMatchObject({ ok: true });
  expect(await second.response(OpCode.create)).toMatchObject({ ok: true });
  expect(await other.response(OpCode.exists)).toMatchObject({ ok: true, xid });
  const port = ensemble.servers[index]?.client.port ?? 0;
  const figures = await askFourLetterWord({ host: "127.0.0.1", port }, "mntr");
  expect(figures).toMatch(/^zk_request_throttle_wait_count\t[1-9]/m);
});

it("a client that leaves makes room below request_throttle_max_requests", async () => {
  const ensemble = await startEnsemble({
    size: 3,
    settings: { request_throttle_max_requests: 1, syncLimit: 100 },
  });
  onTestFinished(() => ensemble.stop());
  const leader = (await ensemble.ready()).status().sid;
  const index = ensemble.servers.findIndex(({ sid }) => sid !== leader);
  const [first, other] = [await openClient(ensemble, index), await openClient(ensemble, index)];
  await ensemble.pauseServer(leader);
  first.post(OpCode.create, node("/first"));
  await delay(100);
  other.post(OpCode.exists, { path: "/", watch: false });
  await expect(other.frame(200)).rejects.toThrow("no frame within");
  await first.drop();
  expect(await other.response(OpCode.exists)).toMatchObject({ ok: true });
  ensemble.resumeServer(leader);
});

it("a client that the server closes makes room below request_throttle_max_requests", async () => {
  const ensemble = await startEnsemble({
    size: 3,
    settings: {
      request_throttle_max_requests: 1,
      syncLimit: 100,
      "nio.sessionlessCnxnTimeout": 200,
    },
  });
  onTestFinished(() => ensemble.stop());
  const leader = (await ensemble.ready()).status().sid;
  const index = ensemble.servers.findIndex(({ sid }) => sid !== leader);
  const [silent, other] = [
    await openClient(ensemble, index, 1000),
    await openClient(ensemble, index, 30_000),
  ];
  await ensemble.pauseServer(leader);
  silent.post(OpCode.create, node("/silent"));
  await delay(100);
  other.post(OpCode.exists, { path: "/", watch: false });
  // Longer than its session, so the server has done with it.
  expect(await silent.frame(4000)).toBeUndefined();
  expect(await other.response(OpCode.exists)).toMatchObject({ ok: true });
  ensemble.resumeServer(leader);
});

it("connection_throttle_tokens lets so many clients in at once", async () => {
  const throttle = { connection_throttle_tokens: 2, connection_throttle_fill_time: 3_600_000 };
  const ensemble = await start(throttle);
  for (let count = 0; count < 2; count++) await openClient(ensemble);
  await expect(openClient(ensemble)).rejects.toThrow("closed");
});

it("connection_throttle_weight_enabled makes a new session cost more than an old one", async () => {
  const ensemble = await start({
    connection_throttle_tokens: 4,
    connection_throttle_fill_time: 3_600_000,
    connection_throttle_weight_enabled: true,
    connection_throttle_global_session_weight: 3,
    connection_throttle_renew_session_weight: 1,
  });
  const client = await openClient(ensemble);
  await expect(openClient(ensemble)).rejects.toThrow("closed");
  const { sessionId = 0n, passwd = null } = client.session ?? {};
  const renewed = clientOf(ensemble);
  expect(await renewed.open({ sessionId, passwd, timeOut: 4000 })).toMatchObject({ sessionId });
});

it("connection_throttle_local_session_weight is what a session of this server alone costs", async () => {
  const ensemble = await start({
    localSessionsEnabled: true,
    connection_throttle_tokens: 5,
    connection_throttle_fill_time: 3_600_000,
    connection_throttle_weight_enabled: true,
    connection_throttle_local_session_weight: 2,
    connection_throttle_global_session_weight: 5,
  });
  for (let count = 0; count < 2; count++) await openClient(ensemble);
  await expect(openClient(ensemble)).rejects.toThrow("closed");
});

it("connection_throttle_freeze_time refuses by chance once no token is left", async () => {
  const ensemble = await start({
    connection_throttle_tokens: 1,
    connection_throttle_fill_time: 100,
    connection_throttle_freeze_time: 0,
    connection_throttle_drop_increase: 1,
    connection_throttle_drop_decrease: 0,
  });
  await openClient(ensemble);
  await expect(openClient(ensemble)).rejects.toThrow("closed");
  // There is a token again by then, but nobody gets it.
  await new Promise((resolve) => setTimeout(resolve, 250));
  await expect(openClient(ensemble)).rejects.toThrow("closed");
  const [server] = ensemble.servers;
  if (server === undefined) throw new Error("there is no server");
  const figures = await askFourLetterWord(server.client, "mntr");
  expect(figures).toMatch(/^zk_connection_drop_probability\t1\.0$/mu);
  expect(figures).toMatch(/^zk_connection_rejected\t2$/mu);
});

it("connection_throttle_fill_count brings so many tokens at a time", async () => {
  const ensemble = await start({
    connection_throttle_tokens: 2,
    connection_throttle_fill_time: 3_600_000,
    connection_throttle_fill_count: 3_600_000,
  });
  // One token comes every millisecond.
  for (let count = 0; count < 10; count++) {
    await eventually(async () => {
      await openClient(ensemble);
    });
  }
});

it.each([
  [0, false],
  [1, true],
])(
  "connection_throttle_decrease_ratio=%d lets somebody in again while a token is missing: %s",
  async (connection_throttle_decrease_ratio, isAdmitted) => {
    const ensemble = await start({
      connection_throttle_tokens: 2,
      connection_throttle_fill_time: 2000,
      connection_throttle_freeze_time: 0,
      connection_throttle_drop_increase: 1,
      connection_throttle_drop_decrease: 1,
      connection_throttle_decrease_ratio,
    });
    for (let count = 0; count < 2; count++) await openClient(ensemble);
    await expect(openClient(ensemble)).rejects.toThrow("closed");
    await new Promise((resolve) => setTimeout(resolve, 2300));
    const admitted = await openClient(ensemble).then(
      () => true,
      () => false,
    );
    expect(admitted).toBe(isAdmitted);
  },
);

it("largeRequestMaxBytes closes the connection that brings too much, and no other", async () => {
  const limits = { largeRequestThreshold: 10_000, largeRequestMaxBytes: 100_000 };
  const ensemble = await start(limits);
  const [large, small] = [await openClient(ensemble), await openClient(ensemble)];
  expect((await large.ask(OpCode.create, node("/a", "x".repeat(90_000)))).err).toBe(ErrorCode.OK);
  // Answered, so it does not count any more. Of the next one only the beginning comes.
  const begun = Buffer.alloc(5);
  begun.writeInt32BE(60_000);
  large.socket.write(begun);
  await small.ask(OpCode.ping);
  expect((await small.ask(OpCode.create, node("/b", "x".repeat(9000)))).err).toBe(ErrorCode.OK);
  small.post(OpCode.create, node("/c", "x".repeat(50_000)));
  expect(await small.frame()).toBeUndefined();
  const other = await openClient(ensemble);
  expect(await other.ask(OpCode.exists, { path: "/c", watch: false })).toMatchObject({
    err: ErrorCode.NONODE,
  });
  await large.drop();
  await eventually(async () => {
    const later = await openClient(ensemble);
    const reply = await later.ask(OpCode.create, node("/d", "x".repeat(50_000)));
    expect(reply.err).toBe(ErrorCode.OK);
  });
});

it("nio.sessionlessCnxnTimeout closes who opens no session", async () => {
  const ensemble = await start({ "nio.sessionlessCnxnTimeout": 200 });
  const socket = await rawSocket(ensemble);
  const startMs = performance.now();
  await once(socket, "close");
  expect(performance.now() - startMs).toBeGreaterThan(150);
});

it("a connection that is silent for as long as its session lasts is closed, also when the session went on elsewhere", async () => {
  const ensemble = await start({ "nio.sessionlessCnxnTimeout": 500, tickTime: 100 }, 2);
  const client = await openClient(ensemble, 0, 400);
  const { sessionId = 0n, passwd = null } = client.session ?? {};
  const moved = clientOf(ensemble, 1);
  await moved.open({ sessionId, passwd, timeOut: 400 });
  const pings = setInterval(() => moved.post(OpCode.ping), 50);
  onTestFinished(() => {
    clearInterval(pings);
  });
  expect(await client.frame()).toBeUndefined();
  const last = moved.post(OpCode.exists, { path: "/", watch: false });
  for (;;) {
    const { xid, err } = await moved.header();
    expect(err).toBe(ErrorCode.OK);
    if (xid === last) return;
  }
});

async function start(settings: Settings, size = 1): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size, settings });
  onTestFinished(() => ensemble.stop());
  return ensemble;
}

async function rawSocket(ensemble: Ensemble): Promise<Socket> {
  const port = ensemble.servers[0]?.client.port ?? 0;
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  socket.resume();
  return socket;
}

/** Tries again until it works, for three seconds. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  const endMs = performance.now() + 3000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
