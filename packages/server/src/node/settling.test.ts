import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Settling } from "./settling.js";

describe("what happens", () => {
  const log: string[] = [];
  let nowMs = 0;
  const settling = new Settling(
    () => {
      log.push("settled");
    },
    () => nowMs,
  );
  const happen = (what: string): void => {
    log.push(what);
    settling.soon(nowMs);
  };

  beforeEach(() => {
    log.length = 0;
    nowMs += 10;
  });

  it("is settled at once if it is the first, and what more does in the same turn once", async () => {
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        happen("a");
        happen("b");
        void Promise.resolve().then(() => {
          log.push("microtask");
        });
      });
      // Of the same turn, as the next socket's bytes are.
      setImmediate(() => {
        nowMs += 5;
        happen("c");
      });
      setImmediate(() => {
        setTimeout(resolve);
      });
    });
    expect(log).toEqual(["a", "settled", "b", "microtask", "c", "settled"]);
  });

  it("waits for the end of the turn when it began soon, however long it took", async () => {
    happen("a");
    const beganMs = nowMs;
    nowMs += 5;
    log.push("b");
    settling.soon(beganMs);
    expect(log).toEqual(["a", "settled", "b"]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(["a", "settled", "b", "settled"]);
  });

  it("is settled at once when it comes later", () => {
    happen("a");
    nowMs += 5;
    happen("b");
    expect(log).toEqual(["a", "settled", "b", "settled"]);
  });
});

it("puts off what settling leads to", async () => {
  const log: string[] = [];
  const settling = new Settling(
    () => {
      log.push("begin");
      if (log.length === 1) settling.soon(Infinity);
      log.push("end");
    },
    () => Infinity,
  );
  settling.soon(Infinity);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(log).toEqual(["begin", "end", "begin", "end"]);
});

it("settles nothing twice, and all that comes on sockets", async () => {
  let happened = 0;
  let settledOf = 0;
  let settlements = 0;
  const settling = new Settling(() => {
    settlements++;
    expect(happened).toBeGreaterThan(settledOf);
    settledOf = happened;
  });
  const server = createServer((socket) => {
    socket.on("data", () => {
      happened++;
      settling.soon(performance.now());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: 20 }, () => connect(port, "127.0.0.1"));
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  await Promise.all(clients.map((client) => once(client, "connect")));
  for (const client of clients) client.write("x");
  await expect.poll(() => happened).toBe(20);
  await expect.poll(() => settledOf).toBe(20);
  expect(settlements).toBeLessThanOrEqual(20);
});
