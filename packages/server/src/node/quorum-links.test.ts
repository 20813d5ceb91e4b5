import { connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { findFreePorts } from "../ensemble/ensemble.js";
import { type LinkEvent, QuorumLinks } from "./quorum-links.js";
import { plainTransport } from "./transport.js";

describe("the links on the quorum port", () => {
  let links: QuorumLinks | undefined;
  let other: Server | undefined;

  afterEach(() => {
    links?.close();
    other?.close();
  });

  it("listen as soon as whoever has the port lets go of it", async () => {
    const [port = 0] = await findFreePorts(1);
    other = await listenOn(port);
    const events: LinkEvent[] = [];
    const problem = new Promise<Error>((resolve) => {
      links = new QuorumLinks({
        transport: plainTransport,
        members: new Map(),
        listenHost: HOST,
        listenPort: port,
        connectTimeoutMs: 1000,
        onEvent: (event) => events.push(event),
        onListenError: resolve,
      });
      links.listen();
    });
    expect((await problem).message).toContain("EADDRINUSE");
    other.close();
    await untilConnected(port);
    await expect.poll(() => events.map(({ kind }) => kind)).toContain("accepted");
  });
});

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  return server;
}

async function untilConnected(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: HOST, port });
      socket.on("error", () => {
        resolve(false);
      });
      socket.on("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const HOST = "127.0.0.1";
