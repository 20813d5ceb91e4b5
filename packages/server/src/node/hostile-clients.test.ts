/** What one client may do to the client port: nothing that another client notices. */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { encodeRequest, ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { clientOf, node, openClient } from "../../test/client-of.js";
import { RawClient } from "../../test/raw-client.js";
import { findFreePorts } from "../ensemble/free-ports.js";
import { type Ensemble, startEnsemble } from "../index.js";

const LONG = 1_000_000;

it("a burst of requests for long answers, none of which is read, takes little memory", async () => {
  const ensemble = await start();
  const [hostile, other] = [await openClient(ensemble), await openClient(ensemble)];
  await other.ask(OpCode.create, node("/long", "x".repeat(LONG)));
  const memory = watchMemory();
  hostile.socket.pause();
  const request = frame(encodeRequest(OpCode.getData, 1, { path: "/long", watch: false }));
  // 400 megabytes of answers.
  hostile.socket.write(Buffer.concat(Array.from({ length: 400 }, () => request)));
  await delay(300);
  expect((await other.ask(OpCode.exists, { path: "/long", watch: false })).err).toBe(ErrorCode.OK);
  expect(memory()).toBeLessThan(100 * LONG);
});

it("a burst of requests for long answers is answered to a client that reads", async () => {
  const ensemble = await start();
  const client = await openClient(ensemble);
  await client.ask(OpCode.create, node("/long", "x".repeat(LONG)));
  const count = 50;
  const xids = Array.from({ length: count }, () =>
    client.post(OpCode.getData, { path: "/long", watch: false }),
  );
  for (const xid of xids) {
    const reply = await client.response(OpCode.getData);
    expect(reply).toMatchObject({ ok: true, xid });
    expect(reply.ok && reply.body.data?.length).toBe(LONG);
  }
  expect((await client.ask(OpCode.ping)).err).toBe(ErrorCode.OK);
});

it("a multiRead of one long znode thousands of times is refused", async () => {
  const ensemble = await start();
  const client = await openClient(ensemble);
  await client.ask(OpCode.create, node("/long", "x".repeat(LONG)));
  const part = { type: OpCode.getData, body: { path: "/long", watch: false } } as const;
  const memory = watchMemory();
  const reply = await client.ask(
    OpCode.multiRead,
    Array.from({ length: 400 }, () => part),
  );
  expect(reply.err).toBe(ErrorCode.MARSHALLINGERROR);
  expect(memory()).toBeLessThan(100 * LONG);
  const ten = await client.ask(
    OpCode.multiRead,
    Array.from({ length: 10 }, () => part),
  );
  expect(ten.ok && ten.body.length).toBe(10);
});

it("a client that does not read, and is to be closed, does not stay for that", async () => {
  const ensemble = await start({ maxClientCnxns: 2 });
  const hostile = await openClient(ensemble);
  await hostile.ask(OpCode.create, node("/long", "x".repeat(LONG)));
  hostile.socket.pause();
  for (let sent = 0; sent < 40; sent++)
    hostile.post(OpCode.getData, { path: "/long", watch: false });
  await delay(200);
  // Its session goes on elsewhere, so the server has done with it.
  const { sessionId = 0n, passwd = null } = hostile.session ?? {};
  const renewed = clientOf(ensemble);
  await renewed.open({ sessionId, passwd });
  await expect(openClient(ensemble)).rejects.toThrow("closed");
  await delay(6000);
  await openClient(ensemble);
}, 15_000);

it("clients that never finish a TLS handshake count for maxClientCnxns", async () => {
  const [port = 0] = await findFreePorts(1);
  await start({
    maxClientCnxns: 2,
    secureClientPort: port,
    secureClientPortAddress: "127.0.0.1",
    "ssl.keyStore.location": certificate("server1"),
    "ssl.trustStore.location": certificate("authority"),
    "ssl.handshakeDetectionTimeoutMillis": 1000,
  });
  const [first, , third] = [new RawClient(port), new RawClient(port), new RawClient(port)];
  expect(await third.frame(1000)).toBeUndefined();
  expect(first.isClosed).toBe(false);
  await delay(1500);
  const fourth = new RawClient(port);
  await expect(fourth.frame(200)).rejects.toThrow("no frame within");
});

it.each(["secureClientPort", "client.portUnification"])(
  "a client that never finishes a TLS handshake at %s does not keep a server from stopping",
  async (kind) => {
    const [secure = 0] = await findFreePorts(1);
    const isUnified = kind === "client.portUnification";
    const ensemble = await start({
      ...(isUnified ? { [kind]: true } : { [kind]: secure, secureClientPortAddress: "127.0.0.1" }),
      "ssl.keyStore.location": certificate("server1"),
      "ssl.trustStore.location": certificate("authority"),
      "ssl.handshakeDetectionTimeoutMillis": 60_000,
    });
    const port = isUnified ? (ensemble.servers[0]?.client.port ?? 0) : secure;
    await using hostile = new RawClient(port);
    // The beginning of a handshake.
    hostile.socket.write(Buffer.from([0x16, 3, 1, 1]));
    await delay(300);
    expect(hostile.isClosed).toBe(false);
    await ensemble.stop();
    expect(await hostile.frame(1000)).toBeUndefined();
  },
);

function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../../test/tls/${name}.pem`, import.meta.url));
}

async function start(
  settings: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size: 1, settings });
  onTestFinished(() => ensemble.stop());
  return ensemble;
}

/** Returns what tells how much more memory there was at most, looking every few milliseconds. */
function watchMemory(): () => number {
  const now = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = now();
  let most = before;
  const look = (): void => {
    most = Math.max(most, now());
  };
  const timer = setInterval(look, 5);
  onTestFinished(() => {
    clearInterval(timer);
  });
  return () => {
    look();
    return most - before;
  };
}

function frame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}
