import { connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { findFreePorts } from "../ensemble/free-ports.js";
import { NameLookup } from "./name-lookup.js";
import { describeNetworkReport, type NetworkReport } from "./network-report.js";
import { NetworkWatch } from "./network-watch.js";
import { type LinkEvent, QuorumLinks } from "./quorum-links.js";
import { plainTransport } from "./transport.js";

describe("the links on the quorum port", () => {
  let links: QuorumLinks | undefined;
  let other: Server | undefined;

  afterEach(() => {
    links?.close();
    other?.close();
  });

  it("tell when the port is taken, and listen as soon as whoever has it releases it", async () => {
    const [port = 0] = await findFreePorts(1);
    other = await listenOn(port);
    const { events, reports } = open(port);
    links?.listen();
    await expect.poll(() => events.map(({ kind }) => kind)).toContain("cannotListen");
    expect(reports.map(describeNetworkReport)).toEqual([
      expect.stringMatching(
        /^cannot listen on its quorum port, 127\.0\.0\.1:\d+: another process has this port \(EADDRINUSE\); stop/u,
      ),
    ]);
    other.close();
    await expect.poll(() => events.map(({ kind }) => kind), POLL).toContain("canListen");
    await untilConnected(port);
    await expect.poll(() => events.map(({ kind }) => kind)).toContain("accepted");
    expect(reports.at(-1)).toMatchObject({ kind: "canListen", port: "quorum" });
  });

  it("find out before they are asked to listen whether they could, and when they can", async () => {
    const [port = 0] = await findFreePorts(1);
    other = await listenOn(port);
    const { events } = open(port);
    await links?.probe();
    expect(events.map(({ kind }) => kind)).toEqual(["cannotListen"]);
    other.close();
    await expect.poll(() => events.at(-1)?.kind, POLL).toBe("canListen");
    // Nobody listens all the same: it was not asked for.
    other = await listenOn(port);
  });

  function open(port: number): { events: LinkEvent[]; reports: NetworkReport[] } {
    const events: LinkEvent[] = [];
    const reports: NetworkReport[] = [];
    links = new QuorumLinks({
      transport: plainTransport,
      names: new NameLookup(),
      members: new Map(),
      targets: [{ host: HOST, port }],
      dialTimeoutMs: 1000,
      onEvent: (event) => events.push(event),
      watch: new NetworkWatch({
        sid: 1n,
        members: new Map(),
        times: {},
        emit: (report) => reports.push(report),
        count: () => undefined,
        status: () => {
          throw new Error("nobody is reminded here");
        },
      }),
    });
    return { events, reports };
  }
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
const POLL = { timeout: 5000 };
