import { connect, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { Settling } from "./settling.js";

it("settles at once what happens alone, and once what more happens in the same turn", async () => {
  const log: string[] = [];
  const settling = new Settling(() => log.push("settled"));
  const happen = (what: string): void => {
    log.push(what);
    settling.soon();
  };
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
      happen("c");
    });
    setImmediate(() => {
      happen("d");
      setTimeout(resolve);
    });
  });
  expect(log).toEqual(["a", "b", "settled", "microtask", "c", "d", "settled"]);
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
      settling.soon();
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
