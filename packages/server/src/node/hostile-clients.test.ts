/** What one client may do to the client port: nothing that another client notices. */
import { setTimeout as delay } from "node:timers/promises";
import { encodeRequest, ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { expect, it, onTestFinished } from "vitest";
import { node, openClient } from "../../test/client-of.js";
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

async function start(): Promise<Ensemble> {
  const ensemble = await startEnsemble({ size: 1 });
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
