import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
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
    (await connectTo(port)).destroy();
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

  it("tell that little has left where little may wait or a snapshot does, and else when asked", async () => {
    const commit: OutgoingPacket = { kind: "COMMIT", zxid: 1n };
    const piece: OutgoingPacket = { kind: "SNAPSHOTPIECE", bytes: Uint8Array.of(1) };
    for (const [maxQueuedBytes, packet, isToldAtOnce] of [
      [160, commit, true],
      [undefined, piece, true],
      [undefined, commit, false],
    ] as const) {
      const [port = 0] = await findFreePorts(1);
      const { events } = open(port, maxQueuedBytes);
      const drained = (): number => events.filter(({ kind }) => kind === "drained").length;
      links?.listen();
      const learner = await connectTo(port);
      await expect.poll(() => events.map(({ kind }) => kind)).toContain("accepted");
      const connection = events.find((event) => event.kind === "accepted")?.connection;
      if (connection === undefined) throw new Error("nobody came");
      const bytes = once(learner, "data");
      links?.send(connection, packet);
      links?.flush();
      await bytes;
      if (isToldAtOnce) await expect.poll(drained).toBe(1);
      else expect(drained()).toBe(0);
      links?.tellDrained();
      expect(drained()).toBe(1);
      learner.destroy();
      links?.close();
    }
  });

  function open(
    port: number,
    maxQueuedBytes?: number,
  ): { events: LinkEvent[]; reports: NetworkReport[] } {
    const events: LinkEvent[] = [];
    const reports: NetworkReport[] = [];
    links = new QuorumLinks({
      transport: plainTransport,
      names: new NameLookup(),
      members: new Map(),
      targets: [{ host: HOST, port }],
      dialTimeoutMs: 1000,
      maxQueuedBytes,
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

/** Resolves once somebody listens. */
async function connectTo(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect({ host: HOST, port });
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const HOST = "127.0.0.1";
const POLL = { timeout: 5000 };
