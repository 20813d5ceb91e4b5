/**
 * What keeps the servers of an ensemble apart, as its operator sees it without
 * asking: in the log of each server one line that says what is wrong and what to
 * do, and a figure among the metrics.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { MajorityVerifier, type Member } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import { encodeElectionHello } from "@jute-ts/quorum/wire";
import { findFreePorts } from "../ensemble/free-ports.js";
import { Peer, type PeerConfiguration } from "./peer.js";
import { describeReport, reportLevel } from "../admin/report-text.js";
import { TlsTransport } from "./tls-transport.js";
import { metricOf } from "../../test/metric-of.js";

const CERTIFICATES = new URL("../../../../test/tls/", import.meta.url);
const POLL = { timeout: 15_000, interval: 50 };

const peers: Peer<DataTree>[] = [];
const servers: Server[] = [];
const sockets: Socket[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
  for (const server of servers.splice(0)) server.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describe("an ensemble with a wrong certificate on one server", () => {
  it.each([
    ["forged", /no authority of ssl\.quorum\.trustStore vouches for it; let one sign it/u],
    [
      "unnamed",
      /is for .*; its subject alternative names must have the host of the server's line/u,
    ],
  ])("(%s) says so on all three", async (certificate, why) => {
    const members = await makeMembers();
    const first = await start(members, 1, tls(members, "server1"));
    const second = await start(members, 2, tls(members, "server2"));
    const third = await start(members, 3, tls(members, certificate));
    await Promise.all(
      [first, second].map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })),
    );
    for (const { warnings, peer } of [first, second]) {
      await expect.poll(() => warnings.join("\n"), POLL).toMatch(why);
      const line = warnings.find((each) => why.test(each)) ?? "";
      expect(line).toContain("127.0.0.");
      expect(line).toMatch(/^refused the certificate of/u);
      expect(metricOf(peer, "certificates_refused")).toBeGreaterThan(0);
    }
    // A server of ours ends such a connection without a word; Java's says what it does not like.
    await expect
      .poll(() => third.warnings.join("\n"), POLL)
      .toMatch(/cannot reach server [12] .*may refuse its certificate/u);
    expect(metricOf(third.peer, "connect_failures")).toBeGreaterThan(0);
  });

  it("says which servers have sslQuorum, and which have not", async () => {
    const members = await makeMembers();
    const encrypted = await start(members, 1, tls(members, "server1"));
    const plain = await start(members, 3);
    const also = await start(members, 2, tls(members, "server2"));
    await Promise.all(
      [encrypted, also].map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })),
    );
    for (const { warnings, peer } of [encrypted, also]) {
      await expect
        .poll(() => warnings.join("\n"), POLL)
        .toMatch(/the other side does not speak TLS; sslQuorum must be true on all/u);
      expect(metricOf(peer, "handshake_failures")).toBeGreaterThan(0);
    }
    await expect
      .poll(() => plain.warnings.join("\n"), POLL)
      .toMatch(/it speaks TLS, and this port does not; sslQuorum must be true on all/u);
  });
});

describe("an ensemble with a port that is taken", () => {
  it("says so, forms without the server that would have won, and lets it lead when the port is free", async () => {
    const members = await makeMembers();
    const third = members[2]?.addresses[0];
    const taker = await occupy(third?.host ?? "", third?.quorumPort ?? 0);
    const started = [await start(members, 1), await start(members, 2), await start(members, 3)];
    await Promise.all(started.map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })));
    expect(started.map(({ peer }) => peer.status().role)).toEqual([
      "following",
      "leading",
      "following",
    ]);
    const { peer, warnings, infos } = started[2] ?? never();
    expect(warnings).toEqual([
      `cannot listen on its quorum port, 127.0.0.3:${third?.quorumPort}: another process has this port (EADDRINUSE); ` +
        "stop that process, or give this server another port in the configuration of all servers",
    ]);
    expect(metricOf(peer, "listen_failures")).toBeGreaterThan(0);
    taker.close();
    await expect.poll(() => infos.join("\n"), POLL).toMatch(/can open its quorum port again/u);
    await peers.splice(1, 1)[0]?.stop();
    await expect.poll(() => peer.status(), POLL).toMatchObject({ role: "leading", serving: true });
  });

  it("says so when the port is taken after the start, and elects another", async () => {
    const members = await makeMembers();
    const third = await start(members, 3);
    const address = members[2]?.addresses[0];
    await occupy(address?.host ?? "", address?.quorumPort ?? 0);
    const others = [await start(members, 1), await start(members, 2)];
    await Promise.all(
      [third, ...others].map(({ peer }) => peer.waitUntilServing({ timeoutMs: 20_000 })),
    );
    expect(others[1]?.peer.status().role).toBe("leading");
    expect(third.warnings.join("\n")).toMatch(/cannot listen on its quorum port, 127\.0\.0\.3:/u);
  });

  it("does not start a server whose election port is taken, and says why", async () => {
    const members = await makeMembers();
    const first = members[0]?.addresses[0];
    await occupy(first?.host ?? "", first?.electionPort ?? 0);
    await expect(start(members, 1)).rejects.toThrow(
      `cannot listen on the election port, 127.0.0.1:${first?.electionPort}: another process has this port (EADDRINUSE); stop`,
    );
  });
});

describe("an ensemble with an address that does not answer", () => {
  it.each([
    [
      "nobody listens",
      undefined,
      /127\.0\.0\.3:\d+: the connection was refused \(ECONNREFUSED\); is it running/u,
    ],
    [
      "the name is unknown",
      "nowhere.test",
      /nowhere\.test:\d+: the name is unknown \(ENOTFOUND\); is it spelled/u,
    ],
  ])("says so on all others when %s, and when it is reached", async (_why, host, line) => {
    const members = await makeMembers(host);
    const known = { addresses: [] as string[] };
    const lookup = (): Promise<string[]> =>
      known.addresses.length > 0 ? Promise.resolve(known.addresses) : unknownName();
    const others = [await start(members, 1, { lookup }), await start(members, 2, { lookup })];
    await Promise.all(others.map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })));
    for (const { warnings, peer } of others) {
      await expect.poll(() => warnings.join("\n"), POLL).toMatch(line);
      expect(warnings[0]).toMatch(/^cannot reach server 3 on its election port: /u);
      expect(metricOf(peer, "unreachable_servers")).toBe(1);
      expect(metricOf(peer, "connect_failures")).toBeGreaterThan(0);
    }
    known.addresses = ["127.0.0.3"];
    await start(members, 3, { lookup });
    for (const { infos, peer } of others) {
      await expect.poll(() => infos.join("\n"), POLL).toMatch(/has reached server 3, after/u);
      expect(metricOf(peer, "unreachable_servers")).toBe(0);
    }
  });

  it("says so when whoever has the address takes connections and says nothing", async () => {
    const members = await makeMembers();
    const third = members[2]?.addresses[0];
    await occupy(third?.host ?? "", third?.electionPort ?? 0);
    const { warnings } = await start(members, 1);
    await expect
      .poll(() => warnings.join("\n"), POLL)
      .toMatch(/cannot reach server 3 .*does not connect back.*can it reach this server at 127/u);
  });

  it("keeps a lone server saying whom it misses, and why, until it serves", async () => {
    const members = await makeMembers();
    const { warnings, peer } = await start(members, 1, {
      watch: { graceMs: 100, reminderMs: 300 },
    });
    const reminders = (): string[] => warnings.filter((line) => line.startsWith("has not served"));
    await expect.poll(() => reminders().length, POLL).toBeGreaterThan(1);
    expect(reminders().at(-1)).toMatch(
      /^has not served for [\d.]+ s: has no leader; it misses server 2 \(127\.0\.0\.2:\d+: the connection was refused \(ECONNREFUSED\)\), server 3 \(127\.0\.0\.3:\d+: the connection was refused \(ECONNREFUSED\)\)$/u,
    );
    await start(members, 2);
    await peer.waitUntilServing({ timeoutMs: 10_000 });
    const count = reminders().length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(reminders().length).toBe(count);
    // Now it is the leader that misses somebody.
    const leader = peers.find((each) => each.status().role === "leading");
    if (leader === peer) {
      await expect.poll(() => warnings.at(-1), POLL).toMatch(/^leads without server 3 \(/u);
    }
  });
});

describe("an ensemble with a stranger at its ports", () => {
  it.each([
    [
      "election",
      "HTTP",
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      /it speaks HTTP; point it at another port/u,
    ],
    ["election", "a command", Buffer.from("ruok"), /it asks "ruok"; point it at clientPort/u],
    [
      "election",
      "a client of ZooKeeper",
      clientHello(),
      /it is a client of ZooKeeper; point it at clientPort/u,
    ],
    [
      "election",
      "random bytes",
      Buffer.alloc(40, 0xee),
      /it sent unknown version -\d+ of the hello; if nothing/u,
    ],
    [
      "election",
      "another ensemble's server",
      hello(99n),
      /it says that it is server 99, which is not in this server's configuration; the lines/u,
    ],
    [
      "election",
      "a server with our id",
      hello(3n),
      /it says that it is this server; two servers have the same number in their myid/u,
    ],
    [
      "election",
      "a learner",
      Buffer.from("0000000b0000000000000000", "hex"),
      /takes this port for the other of the ensemble's two/u,
    ],
    [
      "quorum",
      "HTTP",
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      /it speaks HTTP; point it at another port/u,
    ],
    [
      "quorum",
      "a hello of the election",
      hello(1n),
      /takes this port for the other of the ensemble's two/u,
    ],
    ["quorum", "a client of ZooKeeper", clientHello(), /it is a client of ZooKeeper/u],
    [
      "quorum",
      "random bytes",
      Buffer.alloc(400, 0xee),
      /it broke the protocol: .*; if nothing of yours/u,
    ],
  ] as const)("at the %s port that speaks %s says so", async (port, _what, bytes, why) => {
    const { leader, address } = await startWithLeader();
    const socket = dial(
      address.host,
      port === "quorum" ? address.quorumPort : address.electionPort,
    );
    socket.write(bytes);
    await expect.poll(() => leader.warnings.join("\n"), POLL).toMatch(why);
    expect(leader.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^refused a connection from 127\\.0\\.0\\.1 to its ${port} port: `, "u"),
      ),
    ]);
    expect(metricOf(leader.peer, "connections_refused")).toBe(1);
  });

  it.each(["election", "quorum"] as const)(
    "that speaks TLS to a plain %s port says so",
    async (port) => {
      const { leader, address } = await startWithLeader();
      const number = port === "quorum" ? address.quorumPort : address.electionPort;
      const socket = connectTls({ host: address.host, port: number, rejectUnauthorized: false });
      socket.on("error", () => undefined);
      sockets.push(socket);
      await expect
        .poll(() => leader.warnings.join("\n"), POLL)
        .toMatch(/it speaks TLS, and this port does not; sslQuorum must be true on all/u);
    },
  );

  it("that comes again and again gets one line, and every visit is counted", async () => {
    const { leader, address } = await startWithLeader();
    for (let i = 1; i <= 20; i++) {
      dial(address.host, address.electionPort).write("GET / HTTP/1.1\r\n\r\n");
      await expect.poll(() => metricOf(leader.peer, "connections_refused"), POLL).toBe(i);
    }
    expect(leader.warnings).toHaveLength(1);
  });

  it("that only looks whether the ports are open, as monitors do, gets none", async () => {
    const { leader, address } = await startWithLeader();
    for (const port of [address.electionPort, address.quorumPort]) {
      const socket = dial(address.host, port);
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.destroy();
      dial(address.host, port);
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(leader.warnings).toEqual([]);
    expect(leader.infos.filter((line) => line.includes("lost"))).toEqual([]);
  });
});

describe("a healthy ensemble", () => {
  it.each(["plain", "encrypted"])(
    "(%s) whose servers start one after another warns of nothing",
    async (kind) => {
      const members = await makeMembers();
      const started: Started[] = [];
      for (const sid of [1, 2, 3]) {
        const options = kind === "encrypted" ? tls(members, `server${sid}`) : {};
        started.push(await start(members, sid, { ...options, watch: { graceMs: 1500 } }));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await Promise.all(started.map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })));
      await new Promise((resolve) => setTimeout(resolve, 1700));
      expect(started.flatMap(({ warnings }) => warnings)).toEqual([]);
    },
  );
});

interface Started {
  readonly peer: Peer<DataTree>;
  /** What is visible without `--verbose`, by level. */
  readonly warnings: string[];
  readonly infos: string[];
}

/** An ensemble that serves, with no warning so far. */
async function startWithLeader(): Promise<{
  leader: Started;
  address: Member["addresses"][number];
}> {
  const members = await makeMembers();
  const started = [await start(members, 2), await start(members, 3), await start(members, 1)];
  await Promise.all(started.map(({ peer }) => peer.waitUntilServing({ timeoutMs: 10_000 })));
  const leader = started.find(({ peer }) => peer.status().role === "leading") ?? never();
  leader.warnings.length = 0;
  const address = members.find(({ sid }) => sid === leader.peer.status().sid)?.addresses[0];
  expect(leader.peer.status().sid).toBe(3n);
  return { leader, address: address ?? never() };
}

async function start(
  members: readonly Member[],
  sid: number,
  options: Partial<PeerConfiguration> = {},
): Promise<Started> {
  const dataDir = await mkdtemp(join(tmpdir(), "jute-ts-view-"));
  directories.push(dataDir);
  const peer = new Peer(
    {
      sid: BigInt(sid),
      ensemble: new MajorityVerifier(members),
      dataDir,
      tickTimeMs: 200,
      initLimit: 20,
      syncLimit: 10,
      minNotificationIntervalMs: 50,
      maxNotificationIntervalMs: 500,
      random: Math.random,
      storage: { preAllocSizeBytes: 4096 },
      watch: { graceMs: 400 },
      ...options,
    },
    new DataTree(),
  );
  peers.push(peer);
  const warnings: string[] = [];
  const infos: string[] = [];
  peer.on("report", (report) => {
    const level = reportLevel(report);
    const text = describeReport(report);
    expect(text).not.toMatch(/\n|undefined|\[object/u);
    if (level === "warning") warnings.push(text);
    if (level === "info") infos.push(text);
  });
  await peer.start();
  return { peer, warnings, infos };
}

function tls(members: readonly Member[], certificate: string): Partial<PeerConfiguration> {
  return {
    transport: new TlsTransport({
      identity: { format: "pem", text: read(`${certificate}.pem`) },
      authorities: read("authority.pem"),
      members: new Map(members.map((member) => [member.sid, member])),
    }),
  };
}

/** Three servers on 127.0.0.1 to .3; the last one by another name, if it has one. */
async function makeMembers(lastHost = "127.0.0.3"): Promise<Member[]> {
  const ports = await findFreePorts(6);
  return [1, 2, 3].map((sid, index) => ({
    sid: BigInt(sid),
    role: "participant",
    addresses: [
      {
        host: sid === 3 ? lastHost : `127.0.0.${sid}`,
        quorumPort: ports[2 * index] ?? 0,
        electionPort: ports[2 * index + 1] ?? 0,
      },
    ],
    client: undefined,
  }));
}

async function occupy(host: string, port: number): Promise<Server> {
  const server = createServer((socket) => sockets.push(socket));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return server;
}

function dial(host: string, port: number): Socket {
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  socket.resume();
  sockets.push(socket);
  return socket;
}

function hello(sid: bigint): Uint8Array {
  return encodeElectionHello({ sid, addresses: [{ host: "127.0.0.1", port: 1 }] });
}

/** A ConnectRequest, as every client sends it first. */
function clientHello(): Uint8Array {
  const bytes = Buffer.alloc(49);
  bytes.writeInt32BE(45, 0);
  return bytes;
}

function unknownName(): Promise<never> {
  return Promise.reject(
    Object.assign(new Error("getaddrinfo ENOTFOUND nowhere.test"), { code: "ENOTFOUND" }),
  );
}

function read(name: string): string {
  return readFileSync(new URL(name, CERTIFICATES), "utf8");
}

function never(): never {
  throw new Error("there is no such server");
}
